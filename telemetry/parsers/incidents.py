"""Incidents: CSV of PagerDuty, Opsgenie, incident.io or our own columns, JSON of PagerDuty or Statuspage.

Column names differ by tool and by version, so they are found by synonyms. Who answered is never read, and what a tool
calls description or message is quoted only after redaction.
"""

import io
import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import incidents_json, readers
from telemetry.parsers.base import Parser
from telemetry.parsers.incidents_evidence import Incident, Incidents
from telemetry.parsers.ops_values import (
    blank_lines,
    hide_rejected,
    is_amount,
    quote_row,
    read_time,
    seconds_between,
    settle_lines,
    severity_of,
)
from telemetry.parsers.readers import Header, JsonText, Row
from telemetry.source import Head, Source

HOW = (
    "Send a CSV with the columns started_at,resolved_at,severity,component,summary; times in ISO 8601 with their zone."
)
STARTS = ("started_at", "created_on", "created_at", "createdat", "created at", "reported at", "reported_at")
ENDS = ("resolved_at", "resolved_on", "resolved at", "closetime", "closed at", "closedat", "closed_at")
ACKS = ("acknowledged_at", "acknowledgedat", "acknowledged at", "accepted at", "acktime")
NUMBERS = ("incident_number", "id", "tiny id", "tinyid")
COMPONENTS = ("component", "service_name", "service", "affected services", "affected service", "integration", "source")
SEVERITIES = ("severity", "priority", "urgency", "impact")
# What tells the tool: all of these columns, and any start.
CARRIERS = {
    "pagerduty": ("incident_number",),
    "opsgenie-tiny-id": ("tiny id",),
    "opsgenie": ("tinyid",),
    "incident.io": ("reported at", "severity"),
    "csv": ("started_at", "severity", "component"),
}
_JSON = re.compile(r'"(?:incidents|data)"\s*:\s*\[\s*(?:\]|\{)')
_JSON_KEYS = re.compile(
    r'"(?:impact|incident_number|incident_updates|incident_status|tinyId)"\s*:|"seconds_to_first_ack"\s*:'
)
_DONE = frozenset({"resolved", "closed", "completed"})


def sniff(head: Head) -> bool:
    """Claim CSV with a start and a tool's own columns, and JSON with a list of incidents."""
    text = head.text.removeprefix("\ufeff").lstrip()
    if text.startswith("{"):
        return not head.quoted.isdisjoint(("incidents", "data")) and bool(
            _JSON.search(text) and _JSON_KEYS.search(text)
        )
    header = readers.sniff_header(head)
    return header is not None and _carrier(header) is not None


def parse(source: Source) -> ParseResult:
    """One row an incident and a component, and one for all; ParseError when the file holds no incidents."""
    lines = source.read()
    text = lines[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{"):
        document = JsonText(lines)
        result = ParseResult(carrier="json", lines=document.lines)
        incidents = incidents_json.read(document, result)
        result.blank = blank_lines(document)
    else:
        result = ParseResult()
        incidents = _read_csv(lines, result)
    if not incidents.count:
        raise ParseError(f"The file holds no incident that can be read. {HOW}", 1)
    incidents.finish()
    settle_lines(result)
    return result


def _carrier(header: Header) -> str | None:
    """The tool that wrote a header; None when it lists no incidents."""
    if header.find(STARTS) is None:
        return None
    columns = set(header.columns)
    found = next((name for name, needed in CARRIERS.items() if columns >= set(needed)), None)
    return "opsgenie" if found == "opsgenie-tiny-id" else found


def _read_csv(raw: bytes, result: ParseResult) -> Incidents:
    header, rows = readers.open_csv(Source("", io.BytesIO(raw)), result, HOW)
    carrier = _carrier(header)
    if carrier is None:
        raise ParseError(f"The columns are no incident list's. {HOW}", result.lines)
    result.carrier = carrier
    incidents = Incidents(result)
    for row in rows:
        try:
            incidents.add(_read_row(row, header, result))
        except ValueError:
            readers.reject(row, result)
    hide_rejected(result, header.columns)
    return incidents


def _read_row(row: Row, header: Header, result: ParseResult) -> Incident:
    """ValueError when the start is missing or a time cannot be read in one way only."""

    def field(names: tuple[str, ...]) -> str:
        at = header.find(names)
        return "" if at is None else row.fields[at].strip()

    started, resolved = read_time(field(STARTS)), read_time(field(ENDS))
    if started is None:
        raise ValueError("no start")
    ack = readers.number(field(("seconds_to_first_ack",)), header.delimiter)
    known = readers.number(field(("seconds_to_resolve",)), header.delimiter)
    if not all(value is None or is_amount(value) for value in (ack, known)):
        raise ValueError("no time that anybody waited")
    status = field(("status",)).lower()
    return Incident(
        number=field(NUMBERS)[:80] or f"line {row.line}",
        component=field(COMPONENTS)[:120] or "unknown",
        severity=severity_of(field(SEVERITIES)),
        started=started,
        resolved=resolved,
        is_open=resolved is None and status not in _DONE and known is None,
        place=quote_row(row, header.columns, result),
        ack_s=seconds_between(started, read_time(field(ACKS))) if ack is None else ack,
        duration_s=known,
    )


PARSER = Parser(
    id="incidents",
    title="Incidents (PagerDuty, Opsgenie, incident.io, Statuspage, CSV)",
    how_to_export="curl -s https://YOUR-STATUS-PAGE/api/v2/incidents.json > incidents.json  # or PagerDuty: Insights > "
    "Incidents > Export CSV; or a CSV of your own:\n"
    "started_at,resolved_at,severity,component,summary\n"
    "2026-03-01T10:00:00Z,2026-03-01T10:45:00Z,high,checkout,payments failed",
    looks_for="CSV with started_at, severity and component (or PagerDuty's incident_number, Opsgenie's Tiny ID, "
    'incident.io\'s Reported at), or JSON with a list of "incidents"',
    kinds=("ops.incident", "ops.component"),
    sniff=sniff,
    parse=parse,
)
