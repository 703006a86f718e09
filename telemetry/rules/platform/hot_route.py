"""One route that is read takes a large part of all computing."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

ENOUGH_REQUESTS = 1_000
ENOUGH_ROUTES = 5
NOT_CHEAP_MS = 200
MOSTLY_READ = 0.1  # of its requests may write
PERSONAL = FAILING = 0.01  # more refused for want of a sign-in: answers are one person's; more failed: that takes time


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Among several routes, asked often, and not cheap: then a part of it computed less often helps all others."""
    rows = worst_each(evidence.having("http.route", "requests", "p50_ms"), "time_share")
    if len(rows) < ENOUGH_ROUTES:
        return
    for row in rows:
        numbers = row.metrics
        read = numbers.get("post_requests", 0.0) <= MOSTLY_READ * numbers["requests"]
        busy = numbers["requests"] >= ENOUGH_REQUESTS and numbers["p50_ms"] >= NOT_CHEAP_MS
        personal = numbers.get("status_401", 0.0) > PERSONAL * numbers["requests"]
        failing = numbers.get("status_5xx", 0.0) > FAILING * numbers["requests"]
        if numbers["time_share"] > threshold.value and read and busy and not (personal or failing):
            yield _hit(row, threshold.value)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} takes {told(row, 'time_share')} of the time of all requests (limit {shown(limit, 'share')}): "
        f"{told(row, 'requests')} reads of {told(row, 'p50_ms')} in the middle."
    )
    told.also(row, "total_ms", "share", "p95_ms")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} takes most of the computing",
        said=said,
        cites=told.cites,
        limit=limit,
        utilisation=min(1.0, row.metrics["time_share"]),
        routes=(row.subject,),
    )


RULE = Rule(
    id="PL048",
    slug="hot-route",
    area="platform",
    mechanism="uncached-route",
    title="One route takes most of the computing",
    needs=(("http.route", "time_share"), ("http.route", "p50_ms")),
    threshold=Threshold(
        0.3,
        "share",
        "Three tenths of the time in one of five or more routes: what is saved there is saved for all.",
        "House limit (Pareto); web.dev, HTTP caching",
    ),
    degradation=0.1,
    why="Most of what your servers compute is one page. Whatever makes it cheaper makes room for everything else, and "
    "puts off the next larger machine.",
    fix=(
        "Check whether its answer is the same for many visitors for ten seconds or more.",
        "Cache it at the edge for that time (s-maxage, stale-while-revalidate), or its dear part in Redis.",
        "Where it is personal, cache the shared part and load the rest apart.",
    ),
    first_slice=FirstSlice("Cache the shared part of the route for ten seconds", 4),
    effort=Effort(0.25, 1, 2),
    removes=0.6,
    verify="The route has less than a fifth of the time of all requests in the next log.",
    rollback="Remove the header and purge the cache.",
    references=("web.dev, HTTP cache https://web.dev/articles/http-cache",),
    check=check,
)
