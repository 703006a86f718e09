"""Functions reach their time limit and are ended."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

FEW = 3  # one or two may be a restart of the platform
_LIMITS = ("timeouts", "cpu_exceeded")  # of time as it passes, and of time at the processor
_KINDS = ("function.route", "lambda.function", "function.script")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per route or function whose timeouts exceed their share."""
    rows = [row for kind in _KINDS for row in evidence.having(kind, "requests")]
    seen: set[str] = set()
    for row, metric in ((one, name) for name in _LIMITS for one in worst_each(rows, name)):
        limit = threshold.value * row.metrics["requests"]
        if row.metrics[metric] <= limit or row.subject in seen:
            continue
        if row.metrics[metric] >= FEW:
            seen.add(row.subject)
            yield _hit(row, metric, limit)
        else:
            yield CannotTell(f"a log with at least {round(FEW / threshold.value)} requests of {row.subject}")


def _hit(row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    said = (
        f"{told(row, metric)} of {told(row, 'requests')} requests of {row.subject} ran into the function's time "
        f"limit (limit {shown(limit, '1')}) and got an error."
    )
    told.also(row, "timeout_share", "status_5xx", "p95_ms", "max_ms")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} runs into its time limit",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(row.subject,),
    )


RULE = Rule(
    id="PL003",
    slug="function-timeout",
    area="platform",
    mechanism="function-timeout",
    title="Functions run into their time limit",
    needs=(),
    needs_any=(*((kind, "timeouts") for kind in _KINDS), ("function.script", "cpu_exceeded")),
    threshold=Threshold(
        0.005,
        "share",
        "A function that is ended has paid for its whole time and answered nothing; more than one of 200 is a habit.",
        "House limit; Vercel, meaning of FUNCTION_INVOCATION_TIMEOUT",
    ),
    degradation=0.6,
    why="The visitor waits for the longest possible time and then gets an error, and you pay for every second of it.",
    fix=(
        "Find what the function waits for when it is ended: the last line it logged tells.",
        "Give every outgoing call a timeout well below the function's own.",
        "Move work that needs long to a queue, and answer at once.",
        "Set maxDuration for the route on purpose, not by default.",
    ),
    first_slice=FirstSlice("Set timeouts on the outgoing calls of the route", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.8,
    verify="No timeout of this route in a week of logs.",
    rollback="Set maxDuration back; timeouts of calls are one constant.",
    references=(
        "Vercel, FUNCTION_INVOCATION_TIMEOUT https://vercel.com/docs/errors/FUNCTION_INVOCATION_TIMEOUT",
        "Vercel, Configuring maximum duration https://vercel.com/docs/functions/configuring-functions/duration",
    ),
    check=check,
)
