"""Incidents as JSON: Statuspage's incidents.json and what the APIs of PagerDuty, Opsgenie and incident.io answer.

PagerDuty's analytics and Opsgenie call the list "data"; incident.io tells moments and severity as objects
(https://api-docs.incident.io/, https://docs.opsgenie.com/docs/alert-api).
"""

from datetime import datetime
from typing import Any

from telemetry.evidence import ParseResult
from telemetry.parsers.incidents_evidence import Incident, Incidents
from telemetry.parsers.ops_values import is_amount, quote_member, read_time, seconds_between, severity_of
from telemetry.parsers.readers import JsonText, Member

STARTS = ("started_at", "created_at", "createdAt")
_NAMED = {"reported at": "start", "accepted at": "ack", "acknowledged at": "ack", "resolved at": "end"}
DONE = frozenset({"resolved", "postmortem", "completed", "closed"})


def read(document: JsonText, result: ParseResult) -> Incidents:
    """Every incident of the list; one without a start or with times that cannot be read is rejected."""
    incidents = Incidents(result)
    listed = document.member(document.start, "incidents") or document.member(document.start, "data")
    entries = document.members(listed.value_at) if listed else []
    for entry in entries:
        try:
            incidents.add(_read(entry, document, result))
        except ValueError:
            result.reject(document.line(entry.at), "an incident without a start that can be read")
    return incidents


def _read(entry: Member, document: JsonText, result: ParseResult) -> Incident:
    facts = entry.value if isinstance(entry.value, dict) else {}
    began = next((one for key in STARTS if facts.get(key) and (one := document.member(entry.value_at, key))), None)
    moments = _moments(facts)
    start = read_time(began.value if began else None)
    if began is None or start is None:
        raise ValueError("no start")
    start = moments.get("start") or start
    ended = read_time(_first(facts, "resolved_at", "closed_at")) or moments.get("end")
    known, ack = _amount(facts.get("seconds_to_resolve")), _amount(facts.get("seconds_to_first_ack"))
    number = _first(facts, "incident_number", "reference", "tinyId", "id") or f"line {document.line(entry.at)}"
    status = facts.get("incident_status")
    status = status.get("category") if isinstance(status, dict) else facts.get("status", "")
    closing = _amount(facts["report"].get("closeTime")) if isinstance(facts.get("report"), dict) else None
    known = closing / 1000 if known is None and closing is not None else known
    return Incident(
        number=str(number)[:80],
        component=_component(facts),
        severity=severity_of(_severity(facts)),
        started=start,
        resolved=ended,
        is_open=not ended and known is None and str(status).lower() not in DONE,
        place=quote_member(document, began, result),
        ack_s=ack if ack is not None else seconds_between(start, moments.get("ack")),
        duration_s=known,
    )


def _amount(value: Any) -> float | None:
    return float(value) if is_amount(value) else None


def _first(facts: dict[str, Any], *names: str) -> Any:
    return next((facts[name] for name in names if facts.get(name)), None)


def _severity(facts: dict[str, Any]) -> str:
    """Severity, urgency, impact or priority, as a text or as an object with a name."""
    said = _first(facts, "severity", "impact", "priority", "priority_name", "urgency")
    return str((said.get("name") or said.get("summary")) if isinstance(said, dict) else said or "")


def _moments(facts: dict[str, Any]) -> dict[str, datetime]:
    """Moments of incident.io by what they mean; its users may rename them, so only known names count."""
    found: dict[str, datetime] = {}
    listed = facts.get("incident_timestamp_values")
    for one in listed if isinstance(listed, list) else []:
        stamp, holder = (one.get("incident_timestamp"), one.get("value")) if isinstance(one, dict) else (None, None)
        name = str(stamp.get("name")).lower() if isinstance(stamp, dict) else ""
        moment = read_time(holder.get("value")) if isinstance(holder, dict) else None
        if moment and name in _NAMED:
            found[_NAMED[name]] = moment
    return found


def _component(facts: dict[str, Any]) -> str:
    """The service of PagerDuty, the first component of Statuspage, the source of an alert of Opsgenie."""
    service, components = facts.get("service"), facts.get("components")
    if isinstance(service, dict):
        return str(service.get("summary") or service.get("name") or "unknown")[:120]
    first = components[0] if isinstance(components, list) and components else None
    if isinstance(first, dict):
        return str(first.get("name") or "unknown")[:120]
    return str(_first(facts, "service_name", "entity", "source") or "unknown")[:120]
