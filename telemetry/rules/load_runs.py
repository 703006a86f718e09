"""Load tests as several rules look at them."""

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Subject


def scenario(evidence: EvidenceSet, row: Evidence) -> Subject:
    """One run is "load test"; of several each carries the name of its file."""
    files = {one.file for kind in ("load.run", "load.threshold") for one in evidence.of(kind)}
    return Subject("scenario", f"load test ({row.file})" if len(files) > 1 and row.file else "load test")
