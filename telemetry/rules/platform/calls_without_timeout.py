"""Calls to other systems wait without a time limit."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.places import NEEDS_CODE, InAll

check = InAll(
    "call_without_timeout",
    Subject("external host", "all that the code calls"),
    "Calls to others wait without limit",
    "{hits} of {places} calls to other systems have no time limit: when one of those systems hangs, everything that "
    "waits for it hangs too.",
    snippet="await fetch(url, { signal: AbortSignal.timeout(5_000) })\n// Python: requests.get(url, timeout=(3, 10))",
)

RULE = Rule(
    id="PL070",
    slug="calls-without-timeout",
    area="platform",
    mechanism="slow-dependency",
    title="Calls to others wait without limit",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "requests and axios wait for ever, fetch for five minutes; a visitor leaves after seconds.",
        "Requests, Timeouts; MDN, AbortSignal.timeout; Google SRE, Addressing Cascading Failures",
    ),
    degradation=0.6,
    why="A partner that is slow for ten minutes takes your whole service with it, because every request that needs it "
    "keeps a place.",
    fix=(
        "Give every call a limit of three to ten seconds, below the limit of the route.",
        "Decide for each what is shown when it is reached: an older answer, or a part left out.",
        "Try again once, after a pause with some randomness, and only what may be repeated.",
        "Stop calling for a minute when most calls fail.",
    ),
    first_slice=FirstSlice("Give the calls of the busiest route a limit", 3),
    effort=Effort(0.5, 1, 2),
    removes=0.7,
    verify="With the other system held still, the route answers within its limit.",
    rollback="Raise the limit; it is one constant.",
    references=(
        "Requests, Timeouts https://requests.readthedocs.io/en/latest/user/advanced/#timeouts",
        "MDN, AbortSignal.timeout https://developer.mozilla.org/en-US/docs/Web/API/AbortSignal/timeout_static",
        "Google SRE, Addressing Cascading Failures https://sre.google/sre-book/addressing-cascading-failures/",
    ),
    check=check,
)
