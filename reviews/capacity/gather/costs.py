"""The bill: what each service cost, and in the last seven days."""

from collections.abc import Iterator

from reviews.capacity.gather.base import by_subject, measured
from reviews.capacity.inputs import Input
from telemetry.evidence import EvidenceSet

ALL = "all"


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """By service, as billed; the sum over all services is left to whoever adds."""
    for metric in ("billed", "last_7d"):
        for row in by_subject(evidence, "ops.cost", metric):
            if row.subject != ALL:
                yield from measured(f"cost.{row.subject}.{metric}", row, metric)
