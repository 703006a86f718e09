"""A cacheable route is computed at most requests."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

PER_DAY = 10_000
ENOUGH_REQUESTS = 200
DAY_S = 86_400


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A route that the cache sometimes answers can be cached; one it never answers may be personal."""
    for row in worst_each(
        evidence.having("function.route", "cache_hit_share", "window_s", "cache_hit"), "get_requests"
    ):
        if not _is_busy(row) or row.metrics["cache_hit_share"] >= threshold.value:
            continue
        if row.metrics["cache_hit"] > 0:
            yield _hit(row, threshold.value)
        elif row.metrics.get("status_4xx", 0.0) == 0:
            yield CannotTell(
                f"whether {row.subject} answers all visitors alike; then each of its answers is computed anew"
            )


def _is_busy(row: Evidence) -> bool:
    requests = row.metrics["get_requests"]
    return requests >= ENOUGH_REQUESTS and requests * DAY_S > PER_DAY * max(row.metrics["window_s"], 1.0)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"The cache answers {told(row, 'cache_hit_share')} of the reads of {row.subject} (limit "
        f"{shown(limit, 'share')}); {told(row, 'get_requests')} reads came in {told(row, 'window_s')}."
    )
    told.also(row, "cache_hit", "cache_miss", "share")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} is computed every time",
        said=said,
        cites=told.cites,
        limit=limit,
        routes=(row.subject,),
        snippet="// the answer is the same for everyone for a minute, and may be a minute older while it is renewed\n"
        'response.headers.set("Cache-Control", "public, s-maxage=60, stale-while-revalidate=60");',
    )


RULE = Rule(
    id="PL007",
    slug="uncached-route",
    area="platform",
    mechanism="uncached-route",
    title="A cacheable route is computed every time",
    needs=(("function.route", "cache_hit_share"), ("function.route", "get_requests"), ("function.route", "window_s")),
    threshold=Threshold(
        0.5,
        "share",
        "A route that can be cached and has 10,000 reads a day should find at least half of its answers ready.",
        "House limit; Vercel, meaning of x-vercel-cache",
    ),
    degradation=0.1,
    why="The same answer is computed again for every visitor. It costs functions and database time, and makes the page "
    "slower than it need be.",
    fix=(
        "Check that the answer does not depend on who asks (cookies, headers).",
        "Send Cache-Control with s-maxage and stale-while-revalidate, from ten seconds up.",
        "Keep query parameters that change nothing out of the cache key.",
        "Purge by tag when the content changes.",
    ),
    first_slice=FirstSlice("Cache the route for ten seconds at the edge", 3),
    effort=Effort(0.25, 0.75, 1.5),
    removes=0.8,
    verify="x-vercel-cache says HIT or STALE for most reads of the route.",
    rollback="Remove the header and purge the cache.",
    references=("Vercel, Edge Cache https://vercel.com/docs/edge-cache",),
    check=check,
)
