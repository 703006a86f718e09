"""pgBadger's report as JSON (`pgbadger -x json`): second-hand figures, for when the log itself is gone.

Layout: the structures that pgBadger's own source fills, https://github.com/darold/pgbadger. It counts plans of
auto_explain as further executions and lock waits as errors, so neither is taken over as a total of the server.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source
from telemetry.sql import fingerprint, shape_attrs

_BY_TOTAL = 500
_KEYS = ("normalyzed_info", "overall_stat")
# Perl writes keys in no order, so that any of these may stand in the head.
_STRUCTURES = (
    "normalyzed_info",
    "overall_stat",
    "overall_checkpoint",
    "per_minute_info",
    "logs_type",
    "user_info",
    "database_info",
    "host_info",
    "application_info",
    "top_slowest",
    "top_locked_info",
    "top_tempfile_info",
    "tempfile_info",
    "lock_info",
    "error_info",
    "session_info",
    "connection_info",
    "checkpoint_info",
    "autovacuum_info",
    "autoanalyze_info",
    "pgb_overall_stat",
    "pgb_error_info",
    "pgb_pool_info",
    "pgb_session_info",
    "pgb_connection_info",
    "pgb_per_minute_info",
)
_HOW = "Run: pgbadger -x json -o report.json postgresql.log, or better send the log itself."
_SECOND_HAND = (
    "Second-hand: figures are pgBadger's, not counted from the log. It adds auto_explain plans to their statements, so "
    "counts and times may be too high; percentiles and load by minute are not in it. The log itself says more."
)


@dataclass(slots=True)
class _Family:
    """Statements that pgBadger keeps apart but that are one by their fingerprint; the slowest of them is quoted."""

    sql: str
    count: float = 0
    total_ms: float = 0.0
    max_ms: float = -1.0
    at: int = 0
    applications: dict[str, None] = field(default_factory=dict)
    users: dict[str, None] = field(default_factory=dict)


def sniff(head: Head) -> bool:
    """Whether this is one JSON object with the keys of pgBadger's structures."""
    text = head.text.lstrip("\ufeff \t\r\n")
    return text.startswith("{") and len(head.quoted.intersection(_STRUCTURES)) >= 2


def parse(source: Source) -> ParseResult:
    """Read the report. Raises ParseError when it has no statements or is another JSON."""
    text = JsonText(source.read())
    if not isinstance(text.value, dict) or not all(isinstance(text.value.get(key), dict) for key in _KEYS):
        raise ParseError(f"This is no report of pgBadger: normalyzed_info or overall_stat is missing. {_HOW}", 1)
    result = ParseResult(carrier="json", lines=text.lines, notes=[_SECOND_HAND])
    lines = text.text.split("\n")[: text.lines]
    result.blank = sum(not line.strip() for line in lines)
    result.records_lines = result.lines - result.blank
    window = _span(text, result)
    families = _families(text)
    result.records = len(families)
    result.evidence = [*_server(text, window, result), *_statements(text, families, window, result)]
    overall = _sum(text.value["overall_stat"], "queries_number")
    result.totals = {
        "queries": int(sum(family.count for family in families.values())),
        "query_ms": round(sum(family.total_ms for family in families.values()), 3),
        "families": len(families),
        "queries_reported": int(overall),
    }
    if families:
        result.enables = ["which statements take the time and how often they run, as pgBadger counted them"]
    return result


def _span(text: JsonText, result: ParseResult) -> float | None:
    """Seconds that the log covers; the report's times have no zone."""
    parts = [part for part in text.value["overall_stat"].values() if isinstance(part, dict)]
    try:
        first = min(datetime.fromisoformat(str(part["first_log_ts"])) for part in parts if part.get("first_log_ts"))
        last = max(datetime.fromisoformat(str(part["last_log_ts"])) for part in parts if part.get("last_log_ts"))
    except (KeyError, ValueError):
        return None
    result.first, result.last = first.replace(tzinfo=None), last.replace(tzinfo=None)
    return (result.last - result.first).total_seconds()


def _families(text: JsonText) -> dict[str, _Family]:
    """Statements of all databases by fingerprint."""
    found: dict[str, _Family] = {}
    info = text.member(text.start, "normalyzed_info")
    for database in text.members(info.value_at) if info else []:
        for entry in text.members(database.value_at):
            if isinstance(entry.value, dict) and (count := _number(entry.value.get("count"))):
                _add(found, entry, count)
    return found


def _add(found: dict[str, _Family], entry: Member, count: float) -> None:
    """One of pgBadger's statements; a sample is better SQL than its own normal form, which loses `$1`."""
    samples = entry.value.get("samples")
    texts = [sample.get("query") for sample in samples.values()] if isinstance(samples, dict) else []
    sql = next((str(query) for query in texts if query), entry.key)
    family = found.setdefault(fingerprint(sql), _Family(sql))
    family.count += count
    family.total_ms += _number(entry.value.get("duration"))
    if _number(entry.value.get("max")) > family.max_ms:
        family.max_ms, family.at = _number(entry.value.get("max")), entry.at
    for names, key in ((family.applications, "apps"), (family.users, "users")):
        names |= dict.fromkeys(entry.value[key]) if isinstance(entry.value.get(key), dict) else {}


def _statements(
    text: JsonText, families: dict[str, _Family], window: float | None, result: ParseResult
) -> list[Evidence]:
    total = sum(family.total_ms for family in families.values())
    ranked = sorted(families.items(), key=lambda row: row[1].total_ms, reverse=True)[:_BY_TOTAL]
    rows: list[Evidence] = []
    for key, family in ranked:
        metrics = {
            "count": family.count,
            "total_ms": round(family.total_ms, 3),
            "mean_ms": round(family.total_ms / family.count, 6),
            "max_ms": family.max_ms,
        }
        metrics |= {"share": family.total_ms / total} if total else {}
        metrics |= {"window_s": window} if window is not None else {}
        attrs: dict[str, Any] = shape_attrs(family.sql)
        attrs |= {"applications": sorted(set(family.applications) - {"[unknown]"}), "users": sorted(family.users)}
        rows.append(Evidence("pg.log.statement", key, metrics, text.place(family.at, result), attrs=attrs))
    return rows


def _server(text: JsonText, window: float | None, result: ParseResult) -> list[Evidence]:
    """What pgBadger counts as the log says it; each number stands at the structure it was taken from."""
    metrics: dict[str, float] = {"window_s": window} if window is not None else {}
    places: dict[str, Place] = {}
    for key, name, metric in (
        ("tempfile_info", "count", "temp_files"),
        ("tempfile_info", "size", "temp_bytes"),
        ("connection_info", "count", "connections_received"),
    ):
        found = text.member(text.start, key)
        if found and (value := _sum(found.value, name)):
            metrics[metric], places[metric] = value, text.place(found.at, result)
    if not metrics:
        return []
    start = text.member(text.start, "overall_stat")
    return [Evidence("pg.log.server", "server", metrics, text.place(start.at if start else 0, result), places)]


def _sum(parts: object, name: str) -> float:
    """A number of every database (or of the whole, where they are not told apart)."""
    if not isinstance(parts, dict):
        return 0.0
    if name in parts:
        return _number(parts[name])
    return sum(_number(part.get(name)) for part in parts.values() if isinstance(part, dict))


def _number(value: object) -> float:
    """A number, or one in quotes; 0 for anything else."""
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal() and value.isascii():
        value = float(value)
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e18 else 0.0


PARSER = Parser(
    id="pgbadger",
    title="pgBadger report in JSON",
    how_to_export="pgbadger -x json -o report.json /var/log/postgresql/postgresql.log",
    looks_for="one JSON object with pgBadger's keys normalyzed_info and overall_stat",
    kinds=("pg.log.statement", "pg.log.server"),
    sniff=sniff,
    parse=parse,
)
