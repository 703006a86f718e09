"""Every resource of a client's system, or what would be needed to know it."""

from reviews.capacity.inputs import Inputs, Missing
from reviews.capacity.resource import Resource
from reviews.capacity.resources import (
    database,
    functions,
    hosts,
    queues,
    redis,
    requests,
    stated,
    tables,
    third_parties,
)
from reviews.capacity.resources.base import Scene
from reviews.intake_capacity import CapacityIntake

# What the client states comes first: where it speaks of a measured part, it is what the client talks about.
KINDS = (stated, database, requests, functions, redis, queues, hosts, third_parties, tables)


def resources_of(
    inputs: Inputs, capacity: CapacityIntake | None = None, stack: tuple[str, ...] = ()
) -> tuple[list[Resource], list[Missing]]:
    """Resources in the order of `KINDS`, and what cannot be said; without those that a stated one replaces."""
    scene = Scene(inputs, capacity or CapacityIntake(), frozenset(name.lower() for name in stack))
    stands_in = {row.replaces for row in scene.stated.resources if row.replaces}
    found = [part for kind in KINDS for part in kind.found(scene)]
    known = [part for part in found if isinstance(part, Resource) and part.id not in stands_in]
    return known, [part for part in found if isinstance(part, Missing) and part.resource not in stands_in]
