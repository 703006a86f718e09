"""What a log search exports as CSV: Datadog's Date, Host, Service and Content.

Lines of a PostgreSQL server in such a file are read by the parser of its log. A level is taken from the column Status,
else from what structured loggers write; the text itself is not kept.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.known_errors import causes_in
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.http_counts import Peak
from telemetry.parsers.ops_values import read_time, widen
from telemetry.parsers.postgres.prefix import has_severity
from telemetry.parsers.readers import Header, Row
from telemetry.redaction import redact
from telemetry.source import Head, Source

HOW = "Send what Datadog gives at Logs > Search > Download as CSV, columns Date, Host, Service, Status and Content."
MAX_SERVICES = 300
_TEXTS = ("content", "message")
_LEVELS = ("status", "level")
_NEEDED = {"date", "host", "service"}
_SAID = re.compile(
    r"""(?i:"level"\s*:\s*"|\blevel=)(?i:(error|fatal|critical|warn))"""
    r"""|^(?:\S{1,40} ){0,3}\W?(ERROR|FATAL|CRITICAL|WARN)"""
)
_ERRORS = ("error", "fatal", "critical", "emergency", "alert")


@dataclass(slots=True)
class _Service:
    """Lines of one service."""

    place: Place
    records: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    places: dict[str, Place] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    minutes: Peak = field(default_factory=lambda: Peak(64))


def sniff(head: Head) -> bool:
    """Claim CSV with date, host, service and a text, unless a tenth of its lines are PostgreSQL's."""
    header = readers.sniff_header(head)
    if header is None or not _knows(header):
        return False
    lines = [line.encode() for line in head.lines[1:200] if line.strip()]
    return sum(map(has_severity, lines)) * 10 < max(len(lines), 1)


def _knows(header: Header) -> bool:
    return set(header.columns) >= _NEEDED and header.find(_TEXTS) is not None


def parse(source: Source) -> ParseResult:
    """A row a service; ParseError when no line can be read."""
    result = ParseResult(carrier="datadog-csv")
    header, rows = readers.open_csv(source, result, HOW)
    if not _knows(header):
        raise ParseError(f"The columns are not those of a log search. {HOW}", result.lines)
    services: dict[str, _Service] = {}
    causes: dict[str, tuple[int, Place]] = {}
    for row in rows:
        try:
            _count(row, header, services, result)
            _see_causes(row, _field(row, header, _TEXTS), causes, result)
        except ValueError:
            readers.reject(row, result)
    if not services:
        raise ParseError(f"No line of a log with its time is in this file. {HOW}", 1)
    _finish(header, services, result)
    for cause, (events, place) in sorted(causes.items()):
        result.evidence.append(Evidence("error.cause", cause, {"events": float(events)}, place))
    return result


def _see_causes(row: Row, text: str, causes: dict[str, tuple[int, Place]], result: ParseResult) -> None:
    """Count the causes that a line names; only the words that name one are quoted."""
    for cause, words in causes_in(text).items():
        events, place = causes.get(cause) or (0, readers.place(row.line, words if words in row.text else "", result))
        causes[cause] = events + 1, place


def _field(row: Row, header: Header, names: tuple[str, ...]) -> str:
    at = header.find(names)
    return "" if at is None else row.fields[at].strip()


def _count(row: Row, header: Header, services: dict[str, _Service], result: ParseResult) -> None:
    """ValueError when the moment is missing or may be read in two ways."""
    moment = read_time(_field(row, header, ("date",)))
    if moment is None:
        raise ValueError("no moment")
    name = _field(row, header, ("service",))[:120] or "unknown"
    name = name if name in services or len(services) < MAX_SERVICES else "other"
    if name not in services:
        services[name] = _Service(_place(row, name, result))
    service = services[name]
    service.records += 1
    result.records += 1
    level = _level(row, header)
    service.levels[level] += 1
    if level and level not in service.places:
        service.places[level] = _place(row, name, result)
    if len(service.hosts) < 10_000:
        service.hosts.add(_field(row, header, ("host",)))
    widen(result, moment)
    service.minutes.add(int(moment.timestamp()) // 60, 1)


def _place(row: Row, name: str, result: ParseResult) -> Place:
    """The service's name on the row, and nothing beside it."""
    return readers.place(row.line, name if name in row.text else "", result)


def _level(row: Row, header: Header) -> str:
    """ "errors", "warnings" or ""."""
    said = _field(row, header, _LEVELS).lower()
    if not said and (found := _SAID.search(_field(row, header, _TEXTS)[:2_000])):
        said = (found[1] or found[2]).lower()
    return "errors" if said.startswith(_ERRORS) else "warnings" if said.startswith("warn") else ""


def _finish(header: Header, services: dict[str, _Service], result: ParseResult) -> None:
    window_s = (result.last - result.first).total_seconds() if result.first and result.last else 0.0
    for name, service in sorted(services.items(), key=lambda pair: -pair[1].records):
        metrics = {"records": float(service.records), "per_min_peak": float(service.minutes.most)}
        metrics |= {level: float(service.levels[level]) for level in ("errors", "warnings")}
        metrics["error_share"] = metrics["errors"] / service.records
        metrics |= {"window_s": window_s} if window_s else {}
        attrs = {"hosts": len(service.hosts - {""})}
        result.evidence.append(Evidence("log.service", redact(name)[0], metrics, service.place, service.places, attrs))
    result.totals = {"records": result.records, "services": len(services)}
    result.totals["errors"] = sum(service.levels["errors"] for service in services.values())
    result.records_lines = result.lines - result.blank - result.rejected
    result.enables = ["Which service logs errors, and when most"]
    result.notes.append("A search exports what matched it, and 5,000 lines at most by default: no census.")
    if header.find(_LEVELS) is None:
        result.notes.append("The file has no column Status: levels are read from what structured loggers write.")
    if result.first is None:
        result.notes.append("Times have no zone: when this was is unknown.")


PARSER = Parser(
    id="log-search",
    title="Log search (Datadog CSV)",
    how_to_export=HOW,
    looks_for="CSV with Date, Host, Service and Content or Message",
    kinds=("log.service", "error.cause"),
    sniff=sniff,
    parse=parse,
)
