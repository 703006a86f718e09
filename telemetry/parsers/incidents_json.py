"""Incidents as JSON: Statuspage's incidents.json and what PagerDuty's API answers."""

from telemetry.evidence import ParseResult
from telemetry.parsers.incidents_evidence import Incident, Incidents
from telemetry.parsers.ops_values import quote_member, read_time, severity_of
from telemetry.parsers.readers import JsonText, Member

DONE = frozenset({"resolved", "postmortem", "completed", "closed"})


def read(document: JsonText, result: ParseResult) -> Incidents:
    """Every incident of the list; one without a start or with times that cannot be read is rejected."""
    incidents = Incidents(result)
    listed = document.member(document.start, "incidents")
    entries = document.members(listed.value_at) if listed else []
    for entry in entries:
        try:
            incidents.add(_read(entry, document, result))
        except ValueError:
            result.reject(document.line(entry.at), "an incident without a start that can be read")
    return incidents


def _read(entry: Member, document: JsonText, result: ParseResult) -> Incident:
    facts = entry.value if isinstance(entry.value, dict) else {}
    began = document.member(entry.value_at, "started_at" if facts.get("started_at") else "created_at")
    start = read_time(began.value) if began else None
    if began is None or start is None:
        raise ValueError("no start")
    ended = facts.get("resolved_at")
    number = facts.get("incident_number") or facts.get("id") or f"line {document.line(entry.at)}"
    status = str(facts.get("status", "")).lower()
    return Incident(
        number=str(number)[:80],
        component=_component(facts),
        severity=severity_of(str(facts.get("impact") or facts.get("urgency") or "")),
        started=start,
        resolved=read_time(ended),
        is_open=not ended and status not in DONE,
        place=quote_member(document, began, result),
    )


def _component(facts: dict[str, object]) -> str:
    """The service of PagerDuty, or the first component of Statuspage."""
    service, components = facts.get("service"), facts.get("components")
    if isinstance(service, dict):
        return str(service.get("summary") or service.get("name") or "unknown")[:120]
    first = components[0] if isinstance(components, list) and components else None
    return str(first.get("name") or "unknown")[:120] if isinstance(first, dict) else "unknown"
