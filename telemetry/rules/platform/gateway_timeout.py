"""The proxy, or the visitor, gives up waiting for an answer."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.load_runs import of_visitors
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.platform import function_timeout
from telemetry.rules.shapes import beyond_chance

ENOUGH_REQUESTS = 200
WAITED_MS = 1_000.0  # Nielsen Norman Group: until then nobody notices the wait
SLOWEST = 0.01  # so large a part shows in the 99th percentile
_GAVE_UP = ("status_499", "status_504")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """504 of the proxy and 499 of the visitor; a 502 is a crash, and a function's own limit has its own rule."""
    ended_inside = {
        hit.subject.name
        for hit in function_timeout.check(evidence, function_timeout.RULE.threshold)
        if isinstance(hit, Hit)
    }
    logged, doubts = of_visitors(evidence, "requests", "status_504")
    yield from doubts
    for row in worst_each(logged, "status_504"):
        if row.subject in ended_inside:
            continue
        ended = row.metrics["status_504"] + (0.0 if _left_at_once(row) else row.metrics.get("status_499", 0.0))
        if beyond_chance(ended, row.metrics["requests"], threshold.value, ENOUGH_REQUESTS):
            yield _hit(row, threshold.value)


def _left_at_once(row: Evidence) -> bool:
    """Whether visitors went away without having waited: a page that is left cancels what it still asks for."""
    many = row.metrics.get("status_499", 0.0) > SLOWEST * row.metrics["requests"]
    slowest = row.metrics.get("p99_ms", WAITED_MS) if many else WAITED_MS
    return min(slowest, row.metrics.get("max_ms", WAITED_MS)) < WAITED_MS


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    counted = ("status_504",) if _left_at_once(row) else _GAVE_UP
    deciding = max(counted, key=lambda metric: row.metrics.get(metric, 0.0))
    who = "The proxy" if deciding == "status_504" else "Visitors"
    said = (
        f"{who} gave up on {told(row, deciding)} of {told(row, 'requests')} requests of {row.subject} (limit "
        f"{shown(limit * row.metrics['requests'], '1')}) before there was an answer."
    )
    told.also(row, "timeout_share", *_GAVE_UP, "p95_ms", "max_ms")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} is given up waiting for",
        said=said,
        cites=told.cites,
        limit=limit * row.metrics["requests"],
        breach=True,
        routes=(row.subject,),
    )


RULE = Rule(
    id="PL004",
    slug="gateway-timeout",
    area="platform",
    mechanism="function-timeout",
    title="Requests are given up waiting for",
    needs=(("http.route", "status_504"),),
    threshold=Threshold(
        0.005,
        "share",
        "One request of 200, by the lower end of the 95 % interval: statuses 504 (proxy) and 499 (visitor).",
        "House limit; nginx, meaning of status 499 and 504",
    ),
    degradation=0.6,
    why="The answer takes so long that the proxy or the visitor stops waiting. The work is done for nobody, and often "
    "asked for again.",
    fix=(
        "See what the route does when it is slow: database, partner, lock.",
        "Give its outgoing calls timeouts below the proxy's, so that it can answer with an error it chose.",
        "Make repeated requests harmless, since people press again.",
    ),
    first_slice=FirstSlice("Trace the given-up requests and bound the slowest call", 5),
    effort=Effort(0.5, 1.5, 3),
    removes=0.7,
    verify="Statuses 499 and 504 of the route stay below one of a thousand.",
    rollback="Timeouts are one constant each; set them back.",
    references=(
        "nginx, proxy_read_timeout https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
    ),
    check=check,
)
