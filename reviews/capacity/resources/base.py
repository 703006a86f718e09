"""What every kind of resource is made with: inputs, what the intake says beside numbers, and one way to put together.

A kind yields a `Resource` where its capacity and a load are known, else a `Missing` that names what it would need. It
is silent where nothing says that the client has such a thing at all.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reviews.capacity.catalogue import known
from reviews.capacity.figure import figure, joined, missing
from reviews.capacity.formulas.growth import BEYOND
from reviews.capacity.formulas.little import DAY_S
from reviews.capacity.inputs import USERS, Figure, Inputs, Missing, worst
from reviews.capacity.resource import Resource
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

    def piles(
        self, part: Resource, limit: Figure | Missing, level: Figure | Missing, per_day: str, scale: float = 1.0
    ) -> Found:
        """What piles up: the level now is fixed, what comes on top within the horizon is the load that moves.

        Without a rate nothing is said of the future: the level stands still, and what would tell is missing.
        """
        if isinstance(level, Missing):
            yield from put(part, limit, level, level)
            return
        if self.inputs.get(per_day) is None:
            yield from put(replace(part, driver="", grows=True), limit, level, level)
            yield replace(missing(f"{part.title}, growth", (per_day,)), resource=part.id)
            return
        top = self._on_top(part, level, per_day, scale)
        rate = figure(self.inputs, part.title, level.unit, "growth a day", (per_day,), lambda rate: rate * scale)
        if isinstance(top, Figure) and isinstance(rate, Figure):
            # How far one looks ahead is no evidence: the figure is as good as the level and the rate.
            top = replace(top, uses=(*level.uses, *top.uses), grade=worst((level.grade, rate.grade)))
        yield from put(replace(part, grows=True, fixed=level.value), limit, top, top, rate)

    def _on_top(self, part: Resource, level: Figure, per_day: str, scale: float) -> Figure | Missing:
        """Growth within the horizon, or within three times the time it was watched where that is less."""
        watched = f"watched.{per_day}"
        words, keys = "level now + growth a day × days ahead", [per_day, "horizon.days"]
        if self.inputs.get(watched):
            words, keys = f"{words}, at most {BEYOND:g} times as long as it was watched", [*keys, watched]

        def amount(rate: float, days: float, seconds: float = math.inf) -> float:
            return max(0.0, rate * scale * min(days, BEYOND * seconds / DAY_S))

        return figure(self.inputs, part.title, level.unit, words, keys, amount)

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
            yield replace(gap, resource=part.id)
        return
    if isinstance(peak, Missing):
        yield Missing(f"{part.title}, busiest minutes", peak.keys, peak.needs, part.id)
    yield replace(part, capacity=capacity, mean=one(mean), peak=one(peak), per_day=one(per_day))


def draft(
    identity: str, title: str, kind: str, component: str, driver: str, critical: bool, note: str = ""
) -> Resource:
    """A resource before its figures are known."""
    return Resource(identity, title, kind, component, driver, critical, UNKNOWN, note=note)


OPENED = "Clients are assumed to grow with load, so this is the earliest: processes open them, and hold them."
# All of a processor: 100 %, by definition.
ALL = Figure(1.0, 1.0, 1.0, "share", Grade.MEASURED, "all of it", ())
# Stands in for a capacity until `put` gives the real one; nothing that leaves this package holds it.
UNKNOWN = Figure(float("nan"), float("nan"), float("nan"), "1", Grade.ASSUMED, "", ())


def one(cell: Cell) -> Figure | None:
    """The figure, None where it lacks."""
    return cell if isinstance(cell, Figure) else None


def moving(load: float, fixed: float) -> float:
    """The part of a load that its driver moves, of the whole and what does not grow."""
    return max(0.0, load - fixed)


def product(*values: float) -> float:
    """All values multiplied."""
    return math.prod(values)
