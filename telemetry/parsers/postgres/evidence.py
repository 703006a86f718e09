"""From what the reader gathered to evidence, kind by kind."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from telemetry.evidence import Evidence
from telemetry.parsers.postgres.clock import counts_by
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.families import Family, percentile
from telemetry.parsers.postgres.plans import text_of
from telemetry.parsers.postgres.quotes import Quoter
from telemetry.parsers.postgres.rest import other_statements, with_rest
from telemetry.parsers.postgres.server import server_evidence
from telemetry.parsers.postgres.sessions import BEYOND, median_s, per_minute
from telemetry.sql import redact, shape_attrs

_BY_TOTAL = 500
_OFFSET = re.compile(rb"\bOFFSET\s+(\d{1,15})\b", re.I)
_BY_MAX = 100
_EACH = 200


def all_evidence(reader: Events, quoter: Quoter) -> list[Evidence]:
    """Every row of a log, in a fixed order."""
    kinds: tuple[Callable[[Events, Quoter], Iterable[Evidence]], ...] = (
        _statements,
        _locks,
        _deadlocks,
        _temporary,
        _errors,
        _vacuums,
        _applications,
        _plans,
    )
    rows = chain.from_iterable(kind(reader, quoter) for kind in kinds)
    return [server_evidence(reader, quoter), *with_rest(rows, reader, quoter)]


def _most(rows: Iterable[Any], key: Callable[[Any], Any], limit: int = _EACH) -> list[Any]:
    return sorted(rows, key=key, reverse=True)[:limit]


def _statements(reader: Events, quoter: Quoter) -> Iterator[Evidence]:
    families = [family for family in reader.families.all() if family.count]
    chosen = _most(families, lambda family: family.total_us, _BY_TOTAL)
    slow = _most(families, lambda family: family.max_us, _BY_MAX)
    callers = list(reader.callers)
    shown = dict.fromkeys([*chosen, *slow])
    for family in shown:
        yield Evidence(
            "pg.log.statement",
            family.fingerprint,
            _statement_metrics(family, reader),
            quoter.place(family.line, family.quote),
            attrs=_statement_attrs(family, callers),
            sketches={"us": dict(family.histogram()), "minute": counts_by(reader.families.edges(family).items(), 60)},
        )
    yield from other_statements(reader, quoter, shown)


def _statement_metrics(family: Family, reader: Events) -> dict[str, float]:
    metrics: dict[str, float] = {
        "count": family.count,
        "total_ms": family.total_us / 1000,
        "mean_ms": round(family.total_us / family.count / 1000, 6),
        "p95_ms": percentile(family.histogram(), 0.95, family.max_us) / 1000,
        "max_ms": family.max_us / 1000,
    }
    if reader.families.total_us:
        metrics["share"] = family.total_us / reader.families.total_us
    if skipped := _OFFSET.search(family.quote):
        metrics["rows_skipped"] = float(skipped[1])
    if (window := reader.clock.window_s) is not None:
        metrics |= {"per_min_peak": family.peak, "window_s": window}
    return metrics


def _statement_attrs(family: Family, callers: list[tuple[str, str]]) -> dict[str, Any]:
    pairs = [callers[number] for number in sorted(family.callers)]
    return shape_attrs(_sql(family.text)) | {
        "applications": sorted({app for _, app in pairs if app}),
        "users": sorted({user for user, _ in pairs if user}),
    }


def _sql(text: bytes) -> str:
    return text.replace(b"\x01", b"\n").replace(b"\0", b" ").decode("utf-8", "replace")


def _locks(reader: Events, quoter: Quoter) -> Iterator[Evidence]:
    for key, family in _most(reader.locks.families.items(), lambda row: (row[1].us_total, -row[1].since)):
        metrics = {"waits": family.waits, "wait_total_ms": family.us_total / 1000, "wait_max_ms": family.us_max / 1000}
        attrs = shape_attrs(family.text) | {"object": family.target}
        if family.relation:
            attrs["relation"] = family.relation
        yield Evidence("pg.log.lock", key, metrics, quoter.place(family.line, family.quote), attrs=attrs)


def _deadlocks(reader: Events, quoter: Quoter) -> Iterator[Evidence]:
    for subject, deadlock in _most(reader.errors.deadlocks.items(), lambda row: (row[1].count, -row[1].line)):
        queries = [shape_attrs(query)["query"] for query in deadlock.queries[:5]]
        attrs = {"tables": deadlock.tables, "queries": queries}
        place = quoter.place(deadlock.line, deadlock.quote)
        yield Evidence("pg.log.deadlock", subject, {"count": deadlock.count}, place, attrs=attrs)


def _temporary(reader: Events, quoter: Quoter) -> Iterator[Evidence]:
    for key, family in _most(reader.temporary.families.items(), lambda row: (row[1].size, -row[1].since)):
        metrics = {"files": family.files, "bytes": family.size, "bytes_max": family.largest}
        place = quoter.place(family.line, family.quote)
        yield Evidence("pg.log.temp", key, metrics, place, attrs=shape_attrs(family.text))


def _errors(reader: Events, quoter: Quoter) -> Iterator[Evidence]:
    for subject, kind in _most(reader.errors.kinds.items(), lambda row: (row[1].count, -row[1].line)):
        attrs = {"message": kind.message, "severity": kind.severity, "tables": list(kind.tables)}
        yield Evidence("pg.log.error", subject, {"count": kind.count}, quoter.place(kind.line, kind.quote), attrs=attrs)


def _vacuums(reader: Events, quoter: Quoter) -> Iterator[Evidence]:
    for name, table in _most(reader.vacuums.tables.items(), lambda row: row[1].peaks.get("elapsed_max_s", 0.0)):
        places = quoter.places([(metric, *table.marks[metric]) for metric in table.peaks])
        metrics = {"runs": table.counts["runs"]} | table.peaks
        yield Evidence("pg.log.autovacuum", name, metrics, quoter.place(*table.marks["runs"]), places)


def _applications(reader: Events, quoter: Quoter) -> Iterator[Evidence]:
    window = reader.clock.window_s
    named = [pair for pair in reader.sessions.applications.items() if pair[0] != BEYOND]
    for name, app in _most(named, lambda row: (row[1].connections + row[1].refused, -row[1].line)):
        metrics: dict[str, float] = {}
        if app.connections:
            metrics["connections"] = app.connections
            if window:
                metrics["connections_per_min"] = per_minute(app.connections, window)
        if app.stays:
            metrics |= {"session_median_s": median_s(app.stays, app.longest), "session_max_s": app.longest / 1e6}
        if app.refused:
            metrics["refused"] = app.refused
        sketches = {"us": dict(app.stays)} if app.stays else {}
        place = quoter.place(app.line, app.quote)
        yield Evidence("pg.log.application", redact(name)[0], metrics, place, sketches=sketches)


def _plans(reader: Events, quoter: Quoter) -> Iterator[Evidence]:
    for key, family in _most(reader.plans.families.items(), lambda row: row[1].us_max):
        metrics: dict[str, float] = {"plans": family.plans, "max_ms": family.us_max / 1000}
        if family.removed >= 0:
            metrics["rows_removed"] = family.removed
        if family.misestimate >= 0:
            metrics["rows_estimated_off"] = round(family.misestimate, 3)
        attrs = shape_attrs(family.text) | {
            "seq_scans": sorted({text_of(scan) for scan in family.scans}),
            "sort_spill": family.spill,
        }
        yield Evidence("pg.log.plan", key, metrics, quoter.place(family.line, family.quote), attrs=attrs)
