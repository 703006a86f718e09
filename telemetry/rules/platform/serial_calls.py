"""A route asks others one after the other."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

CALLS = 3
ENOUGH_REQUESTS = 59
SLOW_MS = 500
ALONE = 0.95  # of the calls' own times: what ran side by side would count once


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Time outside counts once what runs side by side: where it is as long as all calls together, none did."""
    for row in worst_each(
        evidence.having("trace.route", "external_ms", "external_calls_per_request"), "external_share"
    ):
        numbers = row.metrics
        many = numbers["external_calls_per_request"] >= CALLS and numbers.get("p95_ms", 0.0) > SLOW_MS
        if numbers["external_share"] <= threshold.value or not many:
            continue
        alone = _together(evidence, row.subject)
        if alone is None or numbers["external_ms"] < ALONE * alone:
            continue
        if numbers["requests"] < ENOUGH_REQUESTS:
            yield CannotTell(f"traces of at least {ENOUGH_REQUESTS} requests of {row.subject}")
        else:
            yield _hit(row, threshold.value)


def _together(evidence: EvidenceSet, route: str) -> float | None:
    """The sum of all calls' times of hosts that only this route asks; None when a host is shared."""
    rows = [row for row in evidence.having("trace.external", "total_ms") if route in row.attrs.get("routes", ())]
    shared = any(len(row.attrs.get("routes", ())) > 1 for row in rows)
    return None if shared or not rows else sum(row.metrics["total_ms"] for row in rows)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} spends {told(row, 'external_share')} of its time waiting for others (limit "
        f"{shown(limit, 'share')}), in {told(row, 'external_calls_per_request')} calls a request, one after the other."
    )
    told.also(row, "p95_ms", "external_ms", "requests")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} asks others in turn",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        degradation=0.3,
        routes=(row.subject,),
        snippet="const [stock, price, rating] = await Promise.all([getStock(id), getPrice(id), getRating(id)]);",
    )


RULE = Rule(
    id="PL052",
    slug="serial-calls",
    area="platform",
    mechanism="slow-route",
    title="A route asks others in turn",
    needs=(("trace.route", "external_share"), ("trace.external", "total_ms")),
    threshold=Threshold(
        0.6,
        "share",
        "Three fifths of the time outside, in three calls or more that never overlap: together they take as long as "
        "the slowest.",
        "House limit; MDN, Promise.all",
    ),
    degradation=0.3,
    why="The page asks several services and waits for each before it asks the next. Asked together they would take as "
    "long as the slowest alone.",
    fix=(
        "See which of the calls need the answer of another; the others can start together.",
        "Start them together and wait once (Promise.all, asyncio.gather).",
        "Give each a timeout, so that one does not hold the others.",
    ),
    first_slice=FirstSlice("Start the independent calls together", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.6,
    verify="In a trace the calls overlap, and the route's p95 is near the slowest of them.",
    rollback="Wait for each in turn again.",
    references=(
        "MDN, Promise.all https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Promise/all",
    ),
    check=check,
)
