"""What every kind of resource is made with: inputs, what the intake says beside numbers, and one way to put together.

A kind yields a `Resource` where its capacity and a load are known, else a `Missing` that names what it would need. It
is silent where nothing says that the client has such a thing at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reviews.capacity.catalogue import known
from reviews.capacity.figure import joined
from reviews.capacity.inputs import Figure, Inputs, Missing
from reviews.capacity.resource import Resource
from reviews.capacity.stated import USERS
from reviews.intake_capacity import CapacityIntake
from reviews.risk.matrix import Grade

Found = Iterator[Resource | Missing]
Cell = Figure | Missing | None


@dataclass(frozen=True, slots=True)
class Scene:
    """Inputs, what is stated beside numbers, and the names of the stack in lower case."""

    inputs: Inputs
    stated: CapacityIntake
    stack: frozenset[str]

    def driver_of(self, component: str) -> str:
        """Key of what moves a measured resource: the driver that names its component, else the users."""
        moved = (driver for driver in self.stated.drivers if component in driver.moves)
        return next((f"driver.{driver.name}" for driver in moved), USERS)

    def has(self, prefix: str, *stack: str) -> bool:
        """Whether an input or the stack says that the client has this."""
        return bool(self.inputs.below(prefix)) or any(name in entry for entry in self.stack for name in stack)

    def names(self, prefix: str) -> list[str]:
        """Names of things with inputs of their own: "queue" gives the queues."""
        keys = [known(entry.key) for entry in self.inputs.below(prefix)]
        return sorted({found[1] for found in keys if found and found[1] and found[0].pattern.startswith(prefix)})


def put(
    part: Resource,
    capacity: Figure | Missing,
    mean: Cell,
    peak: Cell,
    per_day: Cell = None,
) -> Found:
    """The resource with its figures, or what lacks for them; a load that is known only as a mean says so beside.

    `part` holds everything else; its capacity is replaced.
    """
    gap = joined(part.title, *(cell for cell in (capacity, per_day) if cell is not None))
    loads = [cell for cell in (mean, peak) if isinstance(cell, Figure)]
    if not loads:
        gap = joined(part.title, capacity, *(cell for cell in (mean, peak) if cell is not None)) or gap
    if gap is not None or not isinstance(capacity, Figure):
        if gap is not None:
            yield gap
        return
    if isinstance(peak, Missing):
        yield Missing(f"{part.title}, busiest minutes", peak.keys, peak.needs)
    yield replace(part, capacity=capacity, mean=_known(mean), peak=_known(peak), per_day=_known(per_day))


def draft(
    identity: str, title: str, kind: str, component: str, driver: str, critical: bool, note: str = ""
) -> Resource:
    """A resource before its figures are known."""
    return Resource(identity, title, kind, component, driver, critical, UNKNOWN, note=note)


# Stands in for a capacity until `put` gives the real one; nothing that leaves this package holds it.
UNKNOWN = Figure(float("nan"), float("nan"), float("nan"), "1", Grade.ASSUMED, "", ())


def _known(cell: Cell) -> Figure | None:
    return cell if isinstance(cell, Figure) else None
