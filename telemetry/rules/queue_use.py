"""What several rules on queues ask alike."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet

SETTLED_S = 600  # growth over less may be one burst


def counted(evidence: EvidenceSet, kind: str, *metrics: str) -> Iterator[Evidence]:
    """Counters of each subject: between two snapshots where there are two (what happens now), else as they stand."""
    changes = {row.subject: row for row in evidence.having(f"{kind}.change", *metrics)}
    seen: set[str] = set()
    for row in evidence.having(kind, *metrics):
        if row.subject not in seen:
            seen.add(row.subject)
            yield changes.pop(row.subject, row)
    yield from changes.values()


def oldest_s(row: Evidence, limit: float) -> float | None:
    """The age of the oldest job; None where it is not told, or within the limit that of one of several queues only."""
    age = row.metrics.get("oldest_age_s")
    return None if age is not None and age <= limit and row.attrs.get("age_of") else age


# What messages that failed for good are moved to, by the names that brokers and their documentation give it.
_DEAD = re.compile(r"(?:^|[._:/-])(?:dlq|dlx|dead(?:[._-]?letters?)?)(?:$|[._:/-])", re.I)


def dead_letters(evidence: EvidenceSet) -> dict[str, str]:
    """Queues that hold what failed for good -> the queue that it comes from, "" where no file says."""
    named = {row.subject: "" for row in evidence.of("queue.counts") if _DEAD.search(row.subject)}
    told = {str(row.attrs["dead_letter_to"]): row.subject for row in evidence.of("queue.counts") if _leads(row)}
    return named | told


def _leads(row: Evidence) -> bool:
    return bool(row.attrs.get("dead_letter_to"))


def mean_s(row: Evidence) -> float | None:
    """Mean run time of a task in seconds; None when it is not told or never ran."""
    runs = row.metrics.get("runs", 0.0)
    return row.metrics["runtime_s"] / runs if runs and "runtime_s" in row.metrics else None
