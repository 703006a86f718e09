"""What the intake states, as inputs; and the few numbers that the model itself assumes, each with its source."""

from collections.abc import Iterator

from reviews.capacity.catalogue import title_of, unit_of
from reviews.capacity.inputs import USERS, Input, Source
from reviews.capacity.policy import policy_of
from reviews.intake import Intake
from reviews.intake_capacity import Range, StatedResource, StatedScenario
from reviews.risk.matrix import Grade

STATED = Source("stated in the intake")
RESOURCE_NUMBERS = ("capacity", "slots", "hold_s", "per", "peak_factor", "fixed")
# (key, value, where it comes from): shown as assumed, to be changed by whoever knows better.
ASSUMED = (
    (
        "utilisation.target",
        0.8,
        "above 80 % of a limit counts as near in the proximity scale of this review; waits grow steeply from there",
    ),
    ("horizon.days", 30.0, "a month: the nearest date in the proximity scale of this review"),
)


def ends_of(value: Range) -> tuple[float, float, float]:
    """Value, low and high: of a range the value is the middle."""
    return (sum(value) / 2, *value) if isinstance(value, tuple) else (value, value, value)


def stated_inputs(intake: Intake) -> Iterator[Input]:
    """Everything stated and assumed; a later entry replaces an earlier one with its key."""
    yield from (_input(key, value, Grade.ASSUMED, Source(words)) for key, value, words in ASSUMED)
    yield from _limits(intake)
    yield from _users(intake)
    yield from _drivers(intake)
    people = (("people.team", intake.capacity.team), ("people.engineers", intake.engineers))
    yield from (_input(key, float(value)) for key, value in people if value is not None)
    yield from (_input(key, value) for key, value in intake.capacity.numbers.items())
    for resource in intake.capacity.resources:
        yield from _resource(resource)
    for scenario in intake.capacity.scenarios:
        yield from _scenario(scenario)


def _input(key: str, value: Range, grade: Grade = Grade.STATED, source: Source = STATED, unit: str = "") -> Input:
    middle, low, high = ends_of(value)
    return Input(key, title_of(key), middle, unit or unit_of(key), grade, source, low, high)


def _limits(intake: Intake) -> Iterator[Input]:
    """What the policy says of the rows of a table, where it does; it gives way to what is stated."""
    policy = policy_of(intake.capacity.policy)
    for limit in policy.criteria("partitioning"):
        if limit.measure == "postgres.largest_rows":
            source = Source(f"policy {policy.profile.title}: {limit.source}")
            yield _input("tables.limit_rows", limit.value, Grade.ASSUMED, source)


def _users(intake: Intake) -> Iterator[Input]:
    stated = (("", intake.current_mau), (".target", intake.target_mau), (".growth", intake.growth_per_month))
    return (_input(USERS + end, float(value)) for end, value in stated if value is not None)


def _drivers(intake: Intake) -> Iterator[Input]:
    for driver in intake.capacity.drivers:
        stated = (("", driver.current), (".target", driver.target), (".growth", driver.growth_per_month))
        yield from (_input(f"driver.{driver.name}{end}", value) for end, value in stated if value is not None)


def _resource(resource: StatedResource) -> Iterator[Input]:
    units = {"capacity": "s" if resource.kind == "window" else resource.unit or "1", "fixed": resource.unit or "1"}
    for name in RESOURCE_NUMBERS:
        value: Range | None = getattr(resource, name)
        if value is not None:
            yield _input(f"resource.{resource.name}.{name}", value, unit=units.get(name, ""))


def _scenario(scenario: StatedScenario) -> Iterator[Input]:
    path = f"scenario.{scenario.name}"
    if scenario.factor is not None:
        yield _input(f"{path}.factor", scenario.factor)
    if scenario.event_hours is not None:
        yield _input(f"{path}.event_hours", scenario.event_hours)
    yield from (_input(f"{path}.driver.{name}", value) for name, value in scenario.drivers.items())
