"""A function runs for nearly as long as it may."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.times import route_of_file, timed

ENOUGH_REQUESTS = 59


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """The limit of the route list or of the platform's settings, and the p95 of a log or of traces."""
    limits = {row.subject: row for row in evidence.having("route", "max_duration_s")}
    for config in evidence.having("function.config", "max_duration_s"):
        limits.setdefault(route_of_file(config.subject), config)
    times = timed(evidence, "p95_ms")
    for route, setting in sorted(limits.items()):
        row = times.get(route)
        most_ms = setting.metrics["max_duration_s"] * 1_000
        if row is None or row.metrics["p95_ms"] <= threshold.value * most_ms:
            continue
        if row.metrics["requests"] < ENOUGH_REQUESTS:
            yield CannotTell(f"a log with at least {ENOUGH_REQUESTS} requests of {route}")
        else:
            yield _hit(row, setting, threshold.value * most_ms, row.metrics["p95_ms"] / most_ms)


def _hit(row: Evidence, setting: Evidence, limit: float, share: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} takes {told(row, 'p95_ms')} at the 95th percentile (limit {shown(limit, 'ms')}) and is ended "
        f"after {told(setting, 'max_duration_s')}."
    )
    told.also(row, "p99_ms", "max_ms", "requests")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} nears its time limit",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=share >= 1,
        utilisation=None if share >= 1 else share,
        routes=(row.subject,),
    )


RULE = Rule(
    id="PL041",
    slug="near-time-limit",
    area="platform",
    mechanism="function-timeout",
    title="A function nears its time limit",
    needs=(),
    needs_any=(("route", "max_duration_s"), ("function.config", "max_duration_s")),
    threshold=Threshold(
        0.8,
        "share",
        "At 80 % of its limit one request of twenty is a slow moment away from being ended.",
        "AWS, Recommended alarms (Lambda Duration at 80 % of the timeout)",
    ),
    degradation=0.6,
    why="The function needs nearly all the time it is allowed. On a slow day it is ended in the middle, the visitor "
    "gets an error, and you pay for the whole time.",
    fix=(
        "Split the work: store it, answer, and let a queue do the rest.",
        "Give each outgoing call a timeout, so that the function ends on its own terms.",
        "Raise the limit for this route on purpose if it has to be long.",
    ),
    first_slice=FirstSlice("Set timeouts on the outgoing calls of the route", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.8,
    verify="The route's p95 is below half of its limit over a business peak.",
    rollback="Set maxDuration back; timeouts are one constant each.",
    references=(
        "Vercel, Configuring maximum duration https://vercel.com/docs/functions/configuring-functions/duration",
        "AWS, Recommended alarms "
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
    ),
    check=check,
)
