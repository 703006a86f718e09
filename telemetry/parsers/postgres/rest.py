"""What is beyond the bounds of the evidence, folded into one row a kind, so that rows add up to what the log counts."""

from collections import Counter
from collections.abc import Iterable, Iterator

from telemetry.evidence import OTHER, Evidence
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.families import Family, percentile
from telemetry.parsers.postgres.quotes import Quoter

Wholes = dict[str, dict[str, float]]


def wholes_of(reader: Events) -> Wholes:
    """What the log counts of a kind in all, by metric."""
    counts = reader.tally.counts
    refused = sum(application.refused for application in reader.sessions.applications.values())
    return {
        "pg.log.lock": {"waits": reader.locks.waits, "wait_total_ms": reader.locks.us_total / 1000},
        "pg.log.application": {"connections": counts["connections_authorized"], "refused": refused},
        "pg.log.deadlock": {"count": counts["deadlocks"]},
        "pg.log.temp": {"files": counts["temp_files"], "bytes": counts["temp_bytes"]},
        "pg.log.error": {"count": counts["errors"] + counts["fatals"] + counts["panics"]},
        "pg.log.autovacuum": {"runs": counts["autovacuums"]},
        "pg.log.plan": {"plans": counts["plans"]},
    }


def with_rest(rows: Iterable[Evidence], reader: Events, quoter: Quoter) -> Iterator[Evidence]:
    """Rows of any kinds, and one a kind for what the log counts beyond them."""
    wholes = wholes_of(reader)
    for row in rows:
        if left := wholes.get(row.kind):
            wholes[row.kind] = {metric: value - row.metrics.get(metric, 0.0) for metric, value in left.items()}
        yield row
    for kind, left in wholes.items():
        rounded = {metric: round(value, 3) for metric, value in left.items()}  # times are whole microseconds
        if metrics := {metric: value for metric, value in rounded.items() if value > 0}:
            yield Evidence(kind, OTHER, metrics, quoter.place(*reader.first), attrs={"folded": True})


def other_statements(reader: Events, quoter: Quoter, shown: Iterable[Family]) -> Iterator[Evidence]:
    """Statements beyond the bound, and those whose family was dropped for memory: then without their percentile."""
    families, shown = reader.families, list(shown)
    count = families.count - sum(family.count for family in shown)
    total_us = families.total_us - sum(family.total_us for family in shown)
    if not count:
        return
    metrics: dict[str, float] = {"count": count, "total_ms": total_us / 1000}
    metrics["mean_ms"] = round(total_us / count / 1000, 6)
    if families.total_us:
        metrics["share"] = total_us / families.total_us
    if reader.clock.window_s is not None:
        metrics["window_s"] = reader.clock.window_s
    attrs = {"folded": True, "families": families.distinct - len(shown), "query": ""}
    known = set(map(id, shown))
    rest = [family for family in families.all() if family.count and id(family) not in known]
    if not rest:
        yield Evidence("pg.log.statement", OTHER, metrics, quoter.place(*reader.first), attrs=attrs)
        return
    slowest = max(rest, key=lambda family: family.max_us)
    metrics["max_ms"] = slowest.max_us / 1000
    bins: Counter[int] = Counter()
    if not families.evicted:
        for family in rest:
            bins.update(family.histogram())
        metrics["p95_ms"] = percentile(bins, 0.95, slowest.max_us) / 1000
    sketches = {"us": dict(bins)} if bins else {}
    place = quoter.place(slowest.line, slowest.quote)
    yield Evidence("pg.log.statement", OTHER, metrics, place, attrs=attrs, sketches=sketches)
