"""What was seen at work, as pictures show it: how long routes take, which statements take the database's time, and
what requests wait for.

Only what a file measured: a percentile that too few requests back is left out, and so is a part that nobody timed.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from reviews.capacity.cells import cited
from reviews.capacity.systems import MOST_QUEUES
from reviews.capacity.traffic import answered, flow_of
from reviews.intake import Flow
from reviews.risk.served import with_served
from telemetry.evidence import Evidence, EvidenceSet

Machine = dict[str, Any]

MOST_ROUTES, MOST_STATEMENTS, MOST_FLOWS = 8, 6, 10
TEXT = 240  # characters of a statement
# Fewest values for which a percentile has an upper bound at 95 %: ln 0.05 / ln q (order statistics, METHOD 2.D).
ENOUGH = {"p50_ms": 5, "p95_ms": 59, "p99_ms": 299}
PEAKS = ("waiting_max", "oldest_age_max_s")
TIMED = (("http.route", "access log"), ("trace.route", "traces"))
# The first that an export gives: a delta, a total, what a log was told to write, what was traced.
STATEMENTS = (
    ("pg.stat.statement.change", "calls", "between the two exports of the statistics"),
    ("pg.stat.statement", "calls", "since the statistics were last reset"),
    ("pg.log.statement", "count", "in the log, which may hold slow statements only"),
    ("trace.query", "calls", "in what was traced"),
)


def seen_of(evidence: EvidenceSet, flows: Sequence[Flow] = ()) -> Machine:
    """{"routes", "statements", "flows", "queues"}, each empty without evidence.

    `routes`: {"from", "rows": [{route, flow ("" none), requests, p50_ms, p95_ms, p99_ms (or absent), evidence}]}, those
    in which users spend most time first.
    `statements`: {"from", "total_ms" (of all), "rows": [{name, label (what it does to which tables), text, calls,
    total_ms, evidence}]}, most time first.
    `flows`: [{name, requests, total_ms, db_ms, external_ms (or absent)}], the name is the route's where no flow has it.
    `queues`: [{name, waiting_max, oldest_age_max_s (or absent)}], the worst that was seen over time.
    `evidence` as in `traffic`: without the quoted line.
    """
    flows = with_served(flows, evidence)
    return {
        "routes": _routes(evidence, flows),
        "statements": _statements(evidence),
        "flows": _times(evidence, flows),
        "queues": _peaks(evidence),
    }


def _routes(evidence: EvidenceSet, flows: Sequence[Flow]) -> Machine:
    for kind, source in TIMED:
        timed = [row for row in evidence.having(kind, "requests", "total_ms", "p95_ms") if answered(row)]
        known = [(row, found) for row in timed if (found := _percentiles(row))]
        if known:
            known.sort(key=lambda pair: (-pair[0].metrics["total_ms"], pair[0].subject))
            return {"from": source, "rows": [_route(row, found, flows) for row, found in known[:MOST_ROUTES]]}
    return {}


def _percentiles(row: Evidence) -> dict[str, float]:
    requests = row.metrics["requests"]
    return {name: row.metrics[name] for name, least in ENOUGH.items() if name in row.metrics and requests >= least}


def _route(row: Evidence, percentiles: dict[str, float], flows: Sequence[Flow]) -> Machine:
    asked = {"route": row.subject, "flow": flow_of(row.subject, flows), "requests": row.metrics["requests"]}
    return {**asked, **percentiles, "evidence": cited(row, [*percentiles][-1])}


def _statements(evidence: EvidenceSet) -> Machine:
    for kind, count, source in STATEMENTS:
        rows = _by_time(evidence, kind, count)
        # What was folded into "other" has no text, but it took time.
        every = [row.metrics.get("total_ms", 0.0) for row in evidence.rows if row.kind == kind and _of_database(row)]
        if rows and sum(every) > 0:
            shown = [_statement(row, count) for row in rows[:MOST_STATEMENTS]]
            return {"from": source, "total_ms": sum(every), "rows": shown}
    return {}


def _by_time(evidence: EvidenceSet, kind: str, count: str) -> list[Evidence]:
    rows = [
        row for row in evidence.having(kind, count, "total_ms") if _of_database(row) and row.metrics["total_ms"] > 0
    ]
    return sorted(rows, key=lambda row: (-row.metrics["total_ms"], row.file, row.subject))


def _of_database(row: Evidence) -> bool:
    """Traces time commands of caches as well, which have no tables."""
    return row.kind != "trace.query" or bool(row.attrs.get("query"))


def _statement(row: Evidence, count: str) -> Machine:
    return {
        "name": row.subject,
        "label": _label(row),
        "text": str(row.attrs.get("query") or row.subject)[:TEXT],
        "calls": row.metrics[count],
        "total_ms": row.metrics["total_ms"],
        "evidence": cited(row, "total_ms"),
    }


def _label(row: Evidence) -> str:
    """`select orders by customer_id, status`, the statement itself where its shape is not known."""
    verb, tables = str(row.attrs.get("verb") or "").lower(), row.attrs.get("tables") or ()
    if not verb or not tables:
        return str(row.attrs.get("query") or row.subject)[:TEXT]
    found = [str(name) for part in ("equality", "ranges") for name in row.attrs.get(part) or ()]
    columns = list(dict.fromkeys(name.rpartition(".")[2] for name in found))
    return f"{verb} {', '.join(map(str, tables))}{' by ' if columns else ''}{', '.join(columns)}"


def _times(evidence: EvidenceSet, flows: Sequence[Flow]) -> list[Machine]:
    """Traces alone tell what a request waits for; routes of one flow are added up."""
    found: dict[str, Machine] = {}
    for row in _traced(evidence):
        name = flow_of(row.subject, flows) or row.subject
        flow = found.setdefault(name, {"name": name, "requests": 0.0, "total_ms": 0.0})
        for metric in ("requests", "total_ms", "db_ms", "external_ms"):
            if metric in row.metrics:
                flow[metric] = flow.get(metric, 0.0) + row.metrics[metric]
    return sorted(found.values(), key=lambda flow: (-flow["total_ms"], flow["name"]))[:MOST_FLOWS]


def _traced(evidence: EvidenceSet) -> Iterator[Evidence]:
    for row in evidence.having("trace.route", "requests", "total_ms"):
        if row.metrics["requests"] > 0 and {"db_ms", "external_ms"} & set(row.metrics):
            yield row


def _peaks(evidence: EvidenceSet) -> list[Machine]:
    found: dict[str, Machine] = {}
    for row in evidence.of("queue.counts"):
        queue = found.setdefault(row.subject, {"name": row.subject})
        for metric in PEAKS:
            if metric in row.metrics:
                queue[metric] = max(row.metrics[metric], queue.get(metric, 0.0))
    return [queue for _, queue in sorted(found.items()) if len(queue) > 1][:MOST_QUEUES]
