"""What several rules on queues ask alike."""

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


def mean_s(row: Evidence) -> float | None:
    """Mean run time of a task in seconds; None when it is not told or never ran."""
    runs = row.metrics.get("runs", 0.0)
    return row.metrics["runtime_s"] / runs if runs and "runtime_s" in row.metrics else None
