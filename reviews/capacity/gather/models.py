"""Language models: requests, what they cost, how much of their input was read from a cache."""

from collections.abc import Iterator

from reviews.capacity.gather.base import by_subject, measured
from reviews.capacity.inputs import Input
from telemetry.evidence import EvidenceSet

PLAIN = ("requests", "cost", "cost_per_request", "cached_share")


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """By model, over the time of the export."""
    for row in by_subject(evidence, "ops.llm", "requests"):
        for metric in PLAIN:
            yield from measured(f"llm.{row.subject}.{metric}", row, metric)
