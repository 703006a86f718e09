"""A limiter counts in the memory of one instance."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.places import CITED, NEEDS_CODE, names, not_judged, places

SMELL = "memory_state"


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for all limiters: they fail in the same way, and one store mends them."""
    found = [row for row in places(evidence, SMELL, threshold.value) if row.attrs.get("use") == "limiter"]
    if not found:
        if doubt := not_judged(evidence, SMELL):
            yield doubt
        return
    told = Told()
    for row in found[:CITED]:
        told.also(row, SMELL)
    kept = " and ".join(names(found, "kept"))
    where = found[0].subject
    yield Hit(
        subject=Subject("route", "all limited routes"),
        title="The limiter forgets with each instance",
        said=f"{where} counts in a {kept} of its own process, and the code runs as functions: every instance starts at "
        "nothing, so the limit is as many times too high as there are instances.",
        cites=told.cites,
        limit=threshold.value,
        snippet="new Ratelimit({ redis: Redis.fromEnv(), limiter: Ratelimit.slidingWindow(10, '1 m') })",
    )


RULE = Rule(
    id="SE014",
    slug="limiter-per-instance",
    area="security",
    mechanism="no-rate-limit",
    title="A limiter counts per instance",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "A counter that is not shared limits one instance; where instances come and go it limits nothing.",
        "express-rate-limit, data stores",
    ),
    degradation=0.3,
    why="The limit looks set and is not there: whoever floods the service is spread over instances that each count "
    "from the beginning.",
    fix=(
        "Count in Redis or another store that all instances share, under a key with an expiry.",
        "Keep the same limit; it will be felt now, so watch the answers 429 for a day.",
        "Let requests pass when the store is down, and alert on it.",
    ),
    first_slice=FirstSlice("Give the limiter a shared store", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.8,
    verify="A burst from one client is limited at the same count whatever the number of instances.",
    rollback="Take the store away again; the limiter then counts in memory as before.",
    references=(
        "express-rate-limit, Data Stores https://express-rate-limit.mintlify.app/reference/stores",
        "Upstash, Rate limiting https://upstash.com/docs/redis/sdks/ratelimit-ts/overview",
    ),
    check=check,
)
