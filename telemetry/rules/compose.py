"""A compose file as rules see it: whether it runs something for customers, and what its services lack."""

from telemetry.evidence import Evidence, EvidenceSet

# Who develops on a machine states none of these.
_RUNNING = ("replicas", "memory_limit_bytes", "restarts")


def running(evidence: EvidenceSet) -> dict[str, list[Evidence]]:
    """The services of each compose file that runs for good: one of its services is limited, repeated or restarted."""
    files: dict[str, list[Evidence]] = {}
    for row in evidence.of("repo.service"):
        files.setdefault(row.file, []).append(row)
    return {
        file: sorted(rows, key=lambda row: row.subject)
        for file, rows in sorted(files.items())
        if any(row.metrics.get(metric, 0.0) > 0 for row in rows for metric in _RUNNING)
    }


def named(rows: list[Evidence]) -> str:
    """The services by name, the first few of many."""
    return ", ".join(row.subject for row in rows[:5]) + (" and others" if len(rows) > 5 else "")
