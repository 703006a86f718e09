"""A cache lives in the memory of one function instance."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.places import CITED, NEEDS_CODE, names, not_judged, places

SMELL = "memory_state"


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for all such caches of code that runs as functions."""
    found = [row for row in places(evidence, SMELL, threshold.value) if row.attrs.get("use") == "cache"]
    if not found:
        if doubt := not_judged(evidence, SMELL):
            yield doubt
        return
    told = Told()
    for row in found[:CITED]:
        told.also(row, SMELL)
    yield Hit(
        subject=Subject("route", "all cached routes"),
        title="The cache is empty in each instance",
        said=f"{found[0].subject} keeps a {' and '.join(names(found, 'kept'))} in the memory of its process, and the "
        f"code "
        "runs as functions: each new instance computes everything again, and instances disagree.",
        cites=told.cites,
        limit=threshold.value,
        routes=names(found, "routes"),
    )


RULE = Rule(
    id="PL072",
    slug="cache-per-instance",
    area="platform",
    mechanism="uncached-route",
    title="A cache lives in one instance's memory",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "Instances come and go with the traffic; what one of them remembers helps no other.",
        "Vercel, Functions: instances are reused, never shared for certain",
    ),
    degradation=0.1,
    why="The cache is missing just when a rush starts new instances, and two visitors may see different answers.",
    fix=(
        "Keep the answer where all instances find it: the platform's data cache, the CDN, Redis with an expiry.",
        "Keep the memory as a first step before it, for seconds.",
        "Say what makes an entry stale, and clear it then.",
    ),
    first_slice=FirstSlice("Move the heaviest entry to a shared cache", 4),
    effort=Effort(0.5, 1, 2),
    removes=0.7,
    verify="The share of answers from the cache stays the same while instances are added.",
    rollback="Read from memory again.",
    references=("Vercel, Data Cache https://vercel.com/docs/data-cache",),
    check=check,
)
