"""Functions end before they answer."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import beyond_chance

FEW = 3
ENDINGS = (("function.route", "crashes"), ("function.script", "exceptions"))
LAMBDA = "lambda.function"
# An error that nobody caught is what a 5xx is elsewhere, and has the error budget's limit.
UNCAUGHT, ENOUGH_REQUESTS = 0.01, 200


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per route or script whose crashes exceed their share."""
    for kind, metric in ENDINGS:
        for row in worst_each(evidence.having(kind, "requests"), metric):
            limit = threshold.value * row.metrics["requests"]
            if row.metrics[metric] <= limit:
                continue
            if row.metrics[metric] >= FEW:
                yield _hit(row, metric, limit)
            else:
                yield CannotTell(f"a longer log of {row.subject}: one or two crashes may be the platform's")
    for row in worst_each(evidence.having(LAMBDA, "requests"), "errors"):
        failed, requests = row.metrics["errors"], row.metrics["requests"]
        if beyond_chance(failed, requests, UNCAUGHT, ENOUGH_REQUESTS):
            yield _hit(row, "errors", UNCAUGHT * requests)
        elif requests < ENOUGH_REQUESTS and failed > 1 and failed > UNCAUGHT * requests:
            yield CannotTell(f"a log with at least {ENOUGH_REQUESTS} requests of {row.subject}")


def _hit(row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    why = "the function crashed or ran out of memory" if metric == "crashes" else "an error was not caught"
    said = (
        f"{told(row, metric)} of {told(row, 'requests')} requests of {row.subject} ended without an answer of its own "
        f"(limit {shown(limit, '1')}): {why}."
    )
    told.also(row, "status_5xx", "timeouts", "error_share")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} crashes",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(row.subject,),
    )


RULE = Rule(
    id="PL010",
    slug="function-crash",
    area="platform",
    mechanism="error-burst",
    title="Functions crash before they answer",
    needs=(),
    needs_any=(*ENDINGS, (LAMBDA, "errors")),
    threshold=Threshold(
        0.0005,
        "share",
        "A crash takes the other requests of the same instance with it; more than one of 2,000 is no accident.",
        "House limit; Vercel, log drain reference (statusCode -1: the function crashed)",
    ),
    degradation=0.6,
    why="The application falls over in the middle of a request. Nobody gets an answer, and what was half done stays "
    "half done.",
    fix=(
        "Read the last lines before the end: memory, an unhandled rejection, process.exit.",
        "Catch rejections at the route's edge and answer with an error.",
        "Stream large results instead of building them in memory, or raise the function's memory.",
    ),
    first_slice=FirstSlice("Name the cause of the crashes from their last lines", 4),
    effort=Effort(0.5, 1, 3),
    removes=0.8,
    verify="No request without an answer in a week of logs.",
    rollback="Roll back to the release before the crashes began.",
    references=("Vercel, NO_RESPONSE_FROM_FUNCTION https://vercel.com/docs/errors/NO_RESPONSE_FROM_FUNCTION",),
    check=check,
)
