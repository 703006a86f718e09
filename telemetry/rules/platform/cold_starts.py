"""Start-up time stands on the user's path."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import beyond_chance

ENOUGH_REQUESTS = 200
FELT_MS = 300  # of start-up
_KINDS = ("function.route", "lambda.function")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per route or function whose share of cold starts is over the limit beyond chance.

    Where the start-up is timed it must also be felt: a start of a tenth of a second is none.
    """
    rows = [row for kind in _KINDS for row in evidence.having(kind, "requests")]
    for row in worst_each(rows, "cold_starts"):
        cold, requests = row.metrics["cold_starts"], row.metrics["requests"]
        if row.metrics.get("init_p95_ms", FELT_MS) < FELT_MS:
            continue
        if beyond_chance(cold, requests, threshold.value, ENOUGH_REQUESTS):
            yield _hit(row, threshold.value * requests)
        elif requests < ENOUGH_REQUESTS and cold > 1 and cold > threshold.value * requests:
            yield CannotTell(f"a log with at least {ENOUGH_REQUESTS} requests of {row.subject}")


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, 'cold_starts')} of {told(row, 'requests')} requests of {row.subject} had to start a new instance "
        f"first (limit {shown(limit, '1')})"
    )
    if "init_p95_ms" in row.metrics:
        said += f", which took {told(row, 'init_p95_ms')} at the 95th percentile"
    told.also(row, "init_max_ms", "p95_ms")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} starts cold too often",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(row.subject,),
    )


RULE = Rule(
    id="PL009",
    slug="cold-starts",
    area="platform",
    mechanism="cold-starts",
    title="Functions start cold too often",
    needs=(),
    needs_any=tuple((kind, "cold_starts") for kind in _KINDS),
    threshold=Threshold(
        0.05,
        "share",
        "Above one request of twenty the start-up stands in the p95 that visitors feel.",
        "AWS Lambda operator guide (under 1 % of invocations in production), five times that",
    ),
    degradation=0.3,
    why="Some visitors wait while a new copy of the application starts. It meets the first of every rush, just when "
    "the page should be quickest.",
    fix=(
        "Measure the start: size of the bundle, modules loaded, connections opened.",
        "Load heavy modules only where they are used, and open connections on first use.",
        "Let instances serve several requests at once (fluid compute), so that fewer start.",
    ),
    first_slice=FirstSlice("Load the heaviest module lazily", 5),
    effort=Effort(0.5, 1, 2),
    removes=0.7,
    verify="Cold starts are below one of a hundred requests in the next log.",
    rollback="Revert the import; fluid compute is a setting.",
    references=(
        "Vercel, Fluid compute https://vercel.com/docs/fluid-compute",
        "AWS, Lambda execution environment "
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    ),
    check=check,
)
