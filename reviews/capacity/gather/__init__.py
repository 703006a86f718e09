"""From evidence to the inputs of a capacity model: one module for each source, each number with where it stands."""

from reviews.capacity.gather import (
    business,
    costs,
    functions,
    hosts,
    http,
    metrics,
    models,
    pooler,
    postgres,
    queues,
    redis,
    tables,
    third_parties,
)
from reviews.capacity.inputs import Input, Inputs
from telemetry.evidence import EvidenceSet

# In the order in which their inputs are shown. Of two that give the same key the first one counts.
SOURCES = (
    business,
    http,
    postgres,
    pooler,
    tables,
    redis,
    queues,
    functions,
    hosts,
    metrics,
    third_parties,
    models,
    costs,
)


def gathered(evidence: EvidenceSet) -> Inputs:
    """Every number of the evidence that a capacity model can use."""
    found: dict[str, Input] = {}
    for source in SOURCES:
        for entry in source.inputs(evidence):
            found.setdefault(entry.key, entry)
    return Inputs(found.values())
