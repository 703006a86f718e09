"""A route is over its latency budget."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.load_runs import of_visitors
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.queues import work_in_request

ENOUGH_FOR_P95 = 59  # ln 0.05 / ln 0.95: fewer give no finite upper bound of a p95
PERCENTILES = frozenset({"p50", "p75", "p90", "p95"})
ENOUGH_FOR_MEDIAN = 10  # half of ten over the budget is beyond chance when one of twenty may be


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per route, by the log or by traces where no log times it; work inside the request has its own rule."""
    rows, doubts = of_visitors(evidence, "requests", "p95_ms")
    yield from doubts
    logged = {row.subject for row in rows}
    rows += [row for row in evidence.having("trace.route", "requests", "p95_ms") if row.subject not in logged]
    schedules = {row.subject for row in evidence.of("platform.cron")}  # nobody waits for these
    for row in worst_each(rows, "p95_ms"):
        if row.metrics["p95_ms"] <= threshold.value or _is_work(evidence, row) or row.subject in schedules:
            continue
        requests = row.metrics["requests"]
        if requests >= ENOUGH_FOR_P95:
            yield _hit(row, "p95_ms", threshold.value)
        elif requests >= ENOUGH_FOR_MEDIAN and row.metrics.get("p50_ms", 0.0) > threshold.value:
            yield _hit(row, "p50_ms", threshold.value)
        else:
            yield CannotTell(f"an access log with at least {ENOUGH_FOR_P95} requests of {row.subject}")
    yield from _by_platform(evidence, {row.subject for row in rows}, threshold.value)


def _by_platform(evidence: EvidenceSet, seen: set[str], limit: float) -> Iterator[Hit]:
    """What the platform's own metrics say of routes that no log times; a lower percentile over the limit is enough."""
    rows = [
        row
        for row in evidence.having("platform.metric", "value_ms")
        if row.subject.startswith("/") and row.subject not in seen
        if row.attrs.get("aggregation") in PERCENTILES and "duration" in str(row.attrs.get("metric"))
    ]
    for row in worst_each(rows, "value_ms"):
        if row.metrics["value_ms"] > limit:
            yield _of_platform(row, limit)


def _of_platform(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} takes {told(row, 'value_ms')} at {row.attrs['aggregation']} of the platform's metrics (limit "
        f"{shown(limit, 'ms')})."
    )
    return _found(row.subject, said, told, limit)


def _is_work(evidence: EvidenceSet, row: Evidence) -> bool:
    held = work_in_request.holds_work(row, work_in_request.RULE.threshold.value)
    return held and not work_in_request.otherwise(evidence, row)


def _hit(row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    which = "at the 95th percentile" if metric == "p95_ms" else "in the middle"
    said = (
        f"{row.subject} takes {told(row, metric)} {which} (limit {shown(limit, 'ms')}) over {told(row, 'requests')} "
        "requests."
    )
    told.also(row, "p50_ms", "p95_ms", "p99_ms", "time_share", "timeout_share", "db_share", "external_share")
    return _found(row.subject, said, told, limit)


def _found(route: str, said: str, told: Told, limit: float) -> Hit:
    return Hit(
        subject=Subject("route", route),
        title=f"{route} is slow",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(route,),
    )


RULE = Rule(
    id="PL001",
    slug="slow-route",
    area="platform",
    mechanism="slow-route",
    title="A route is over its latency budget",
    needs=(),
    needs_any=(("http.route", "p95_ms"), ("trace.route", "p95_ms"), ("platform.metric", "value_ms")),
    threshold=Threshold(
        1_000,
        "ms",
        "Beyond a second a person notices the wait and leaves the thought; a p95 is said from 59 requests on.",
        "Nielsen Norman Group, response time limits (1 s); order-statistic bound of a p95",
    ),
    degradation=0.3,
    why="One visitor of twenty waits longer than a second on this page. Slow pages lose visitors before they buy, and "
    "they hold resources that others need.",
    fix=(
        "Split the route's time: database, other services, own work, waiting for a connection.",
        "Mend the largest part first; the database findings name statements and tables.",
        "Set a budget for the route and alert on its p95.",
    ),
    first_slice=FirstSlice("Trace ten slow requests and name where the time goes", 4),
    effort=Effort(0.5, 2, 4),
    removes=0.6,
    verify="The route's p95 stays under 1 s over a business peak.",
    rollback="Depends on the cause; tracing itself changes nothing.",
    references=(
        "Nielsen Norman Group, Response Times https://www.nngroup.com/articles/response-times-3-important-limits/",
        "Google SRE, Service Level Objectives https://sre.google/sre-book/service-level-objectives/",
    ),
    check=check,
)
