"""Bodies over, or near, the platform's limit."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

PLATFORM_BYTES = 4.5 * 1024 * 1024  # Vercel Functions, request and response body


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Refused bodies first, by either log; then the largest answer of a function."""
    seen: set[str] = set()
    for kind, metric in (("function.route", "payload_too_large"), ("http.route", "status_413")):
        for row in worst_each(evidence.of(kind), metric):
            if row.metrics[metric] > 0 and row.subject not in seen:
                seen.add(row.subject)
                yield _refused(row, metric)
    for row in worst_each(evidence.of("function.route"), "bytes_max"):
        if row.metrics["bytes_max"] > threshold.value and row.subject not in seen:
            yield _near(row, threshold.value)


def _refused(row: Evidence, metric: str) -> Hit:
    told = Told()
    said = f"{told(row, metric)} requests of {row.subject} were refused because a body was too large (limit none)."
    told.also(row, "requests", "bytes_max")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} refuses large bodies",
        said=said,
        cites=told.cites,
        limit=0,
        breach=True,
        routes=(row.subject,),
    )


def _near(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"The largest answer of {row.subject} holds {told(row, 'bytes_max')} (limit {shown(limit, 'bytes')}); beyond "
        "the platform's limit it becomes an error."
    )
    told.also(row, "requests")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"Answers of {row.subject} near the limit",
        said=said,
        cites=told.cites,
        limit=limit,
        utilisation=min(1.0, row.metrics["bytes_max"] / PLATFORM_BYTES),
        routes=(row.subject,),
    )


RULE = Rule(
    id="PL006",
    slug="payload-too-large",
    area="platform",
    mechanism="payload-too-large",
    title="Bodies are too large for the platform",
    needs=(),
    needs_any=(
        ("function.route", "payload_too_large"),
        ("function.route", "bytes_max"),
        ("http.route", "status_413"),
    ),
    threshold=Threshold(
        4 * 1024 * 1024,
        "bytes",
        "The platform ends bodies of 4.5 MB; an answer of 4 MB grows over it with the data.",
        "Vercel, FUNCTION_PAYLOAD_TOO_LARGE (4.5 MB, as of 2026)",
    ),
    degradation=0.6,
    why="Uploads or answers above the platform's limit fail for good, and it is the customers with most data, often "
    "the largest ones, who meet it first.",
    fix=(
        "Let the browser upload straight to object storage with a signed address.",
        "Return lists in pages, and files as links.",
        "Check sizes before sending, and say what is too large.",
    ),
    first_slice=FirstSlice("Page the largest answer", 6),
    effort=Effort(0.5, 1.5, 3),
    removes=0.9,
    verify="No status 413, and no answer above 2 MB, in a week of logs.",
    rollback="Keep the old path beside the new one for a release.",
    references=(
        "Vercel, Functions limits https://vercel.com/docs/functions/limitations",
        "Vercel, FUNCTION_PAYLOAD_TOO_LARGE https://vercel.com/docs/errors/FUNCTION_PAYLOAD_TOO_LARGE",
    ),
    check=check,
)
