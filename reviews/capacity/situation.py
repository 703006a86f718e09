"""The scenarios of an engagement before anything is computed: which driver stands at which multiple of today."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reviews.capacity.catalogue import title_of
from reviews.capacity.figure import figure, plain
from reviews.capacity.inputs import Figure, Inputs, Missing
from reviews.capacity.known import overridden
from reviews.capacity.stated import ends_of
from reviews.intake_capacity import CapacityIntake, StatedScenario
from reviews.report.figures import digits
from reviews.risk.matrix import Grade

TODAY = Figure(1.0, 1.0, 1.0, "1", Grade.MEASURED, "today's load", ())
TEN, SALE_DAY, SALE_HOURS = 10.0, 5.0, 24.0
NONE = Figure(1.0, 1.0, 1.0, "1", Grade.MEASURED, "moved by no driver", ())


@dataclass(frozen=True, slots=True)
class Situation:
    """A named load. `multiples` by key of a driver; `others` is that of every other driver.

    `hours` bounds an event: outside of it the steady load is today's. `inputs` are the engagement's, with what this
    scenario states over them.
    """

    name: str
    title: str
    given: str
    inputs: Inputs
    others: Figure | Missing
    multiples: dict[str, Figure | Missing] = field(default_factory=dict)
    hours: float | None = None
    own: bool = False

    @property
    def factor(self) -> float | None:
        """The one multiple that everything stands at; None when drivers stand at different ones, or one is missing."""
        rest = [self.others] if self.own or not self.multiples else []
        found = [*self.multiples.values(), *rest]
        known = {entry.value for entry in found if isinstance(entry, Figure)}
        return known.pop() if len(known) == 1 and all(isinstance(entry, Figure) for entry in found) else None

    def multiple(self, driver: str) -> Figure | Missing:
        """Times today's load of what this driver moves."""
        return NONE if not driver else self.multiples.get(driver, self.others)


def situations(inputs: Inputs, stated: CapacityIntake, drivers: Iterable[str]) -> Iterator[Situation]:
    """Today, the targets, ten times, a sale day, and what the intake names; an own one replaces its namesake."""
    named = {scenario.name: scenario for scenario in stated.scenarios}
    for standing in _standing(inputs, list(drivers)):
        if standing.name not in named:
            yield standing
    yield from (_own(inputs, scenario) for scenario in named.values())


def _standing(inputs: Inputs, drivers: list[str]) -> Iterator[Situation]:
    yield Situation("today", "Today", "today's load", inputs, TODAY)
    targets = {driver: _to_target(inputs, driver) for driver in drivers}
    given = "; ".join(
        f"{driver.removeprefix('driver.')} {digits(found.value)} times"
        for driver, found in targets.items()
        if isinstance(found, Figure)
    )
    yield Situation("target", "Target", given or "the targets of the intake", inputs, TODAY, dict(targets))
    yield Situation("10x", "Ten times today", "factor 10", inputs, _times(TEN))
    yield Situation(
        "sale day 5x",
        "A sale day at five times the load",
        f"factor 5 for {SALE_HOURS:.0f} hours",
        inputs,
        _times(SALE_DAY),
        hours=SALE_HOURS,
    )


def _times(factor: float) -> Figure:
    return Figure(factor, factor, factor, "1", Grade.MEASURED, f"{factor:g} times today's load", ())


def _to_target(inputs: Inputs, driver: str) -> Figure | Missing:
    keys = (f"{driver}.target", driver)
    return figure(inputs, "Target", "1", "target ÷ now", keys, lambda target, now: target / now)


def _own(inputs: Inputs, scenario: StatedScenario) -> Situation:
    path = f"scenario.{scenario.name}"
    values = {key: ends_of(value) for key, value in scenario.inputs.items()}
    mine = overridden(inputs, values, f"stated in the intake for scenario {scenario.name}") if values else inputs
    others = plain(mine, f"{path}.factor") if scenario.factor is not None else TODAY
    multiples = {f"driver.{name}": _driven(mine, path, name) for name in scenario.drivers}
    hours = mine.get(f"{path}.event_hours")
    if scenario.event_hours is not None and hours is None:
        others, multiples = plain(mine, f"{path}.event_hours"), {}
    return Situation(
        scenario.name,
        scenario.title or scenario.name,
        _given(mine, scenario),
        mine,
        others,
        multiples,
        hours=hours.value if hours else None,
        own=True,
    )


def _driven(inputs: Inputs, path: str, name: str) -> Figure | Missing:
    """The driver's value in the scenario against its value today."""
    keys = (f"{path}.driver.{name}", f"driver.{name}")
    return figure(inputs, name, "1", "in the scenario ÷ now", keys, lambda then, now: then / now)


def _given(inputs: Inputs, scenario: StatedScenario) -> str:
    path = f"scenario.{scenario.name}"
    parts = [
        f"{name} {found.value:,.15g}"
        for name in scenario.drivers
        if (found := inputs.get(f"{path}.driver.{name}")) is not None
    ]
    factor, hours = inputs.get(f"{path}.factor"), inputs.get(f"{path}.event_hours")
    parts += [f"factor {factor.value:g}"] if factor else []
    parts += [f"for {hours.value:g} hours"] if hours else []
    parts += [f"{title_of(key)} {ends_of(value)[0]:,.6g}" for key, value in scenario.inputs.items()]
    return ", ".join(parts)
