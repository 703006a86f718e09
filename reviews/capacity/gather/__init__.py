"""From evidence to the inputs of a capacity model: one module for each source, each number with where it stands."""

from datetime import date

from reviews.capacity.curves import curves_of
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
from reviews.capacity.links import links_of
from reviews.capacity.paging import paging_of
from reviews.capacity.seen import seen_of
from reviews.capacity.shapes import Gathered
from reviews.capacity.systems import systems_of
from reviews.capacity.traffic import traffic_of
from reviews.intake import Intake
from telemetry.evidence import EvidenceSet

# In the order in which their inputs are shown.
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


def gathered(evidence: EvidenceSet, intake: Intake, as_of: date | None = None) -> Gathered:
    """Everything of the evidence that a capacity model can use."""
    traffic, seen = traffic_of(evidence, intake.flows), seen_of(evidence, intake.flows)
    systems = systems_of(evidence, intake.stack) | {"links": links_of(evidence, intake)}
    return Gathered(numbers_of(evidence), as_of, traffic, systems, seen, curves_of(evidence), paging_of(evidence))


def numbers_of(evidence: EvidenceSet) -> Inputs:
    """Every number of it; of two sources that give the same key the first one counts."""
    found: dict[str, Input] = {}
    for source in SOURCES:
        for entry in source.inputs(evidence):
            found.setdefault(entry.key, entry)
    return Inputs(found.values())
