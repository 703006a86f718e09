"""What the client states about load and capacity: drivers, numbers, resources, scenarios, prices, targets, checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from reviews.capacity.asked import asked, near_check
from reviews.capacity.catalogue import known, near
from reviews.capacity.policy import names
from reviews.capacity.readiness import all_checks
from reviews.capacity.readiness.base import NOT_APPLICABLE
from reviews.intake_fields import Field, growth, number, one_of, read_table, text, texts, whole

# What the model computes with: one number, or the ends of a range.
Range = float | tuple[float, float]
# A target, or one for each phase by its name.
Target = Range | dict[str, Range]

KINDS = ("level", "concurrency", "window", "table", "quota")
WHEN_FULL = ("waits", "loses data", "duplicates data")
ANSWERS = ("yes", "no", "partly", NOT_APPLICABLE)
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Driver:
    """What moves load. `moves` names components whose measured resources follow it instead of the users."""

    name: str
    current: float | None = None
    target: float | None = None
    growth_per_month: Range | None = None
    moves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedResource:
    """A resource as the client describes it; the kinds say which fields are needed (`NEEDED`).

    `capacity` of a window are the seconds a cycle may take, of a concurrency its slots, else the limit in `unit`.
    `per` is the load of one unit of the driver; `fixed` what does not grow with it. `replaces` is the id of a resource
    of the model ("host:web:memory") that this one describes better.
    """

    name: str
    kind: str
    component: str = ""
    critical: bool = False
    driver: str = "users"
    capacity: Range | None = None
    slots: Range | None = None
    hold_s: Range | None = None
    per: Range | None = None
    peak_factor: Range | None = None
    fixed: Range | None = None
    unit: str = ""
    note: str = ""
    when_full: str = "waits"
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class StatedScenario:
    """A named future: drivers at other values, or all of them times `factor`; `event_hours` bounds an event."""

    name: str
    title: str = ""
    drivers: Mapping[str, Range] = field(default_factory=dict)
    factor: Range | None = None
    event_hours: float | None = None
    inputs: Mapping[str, Range] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Price:
    """What a component costs a month, in the currency of the engagement, at so many users.

    `count` of them, of which one `carries` so much load in `unit`; `meant_for` is the load that the phase is said to
    carry. These three are optional, and checked against each other.
    """

    component: str
    monthly: Range
    phase: str = "today"
    users: float | None = None
    count: float | None = None
    carries: Range | None = None
    unit: str = ""
    meant_for: float | None = None


@dataclass(frozen=True, slots=True)
class CapacityIntake:
    """Everything stated for the capacity model. What nobody stated is None or empty."""

    policy: str | None = None
    team: int | None = None
    drivers: tuple[Driver, ...] = ()
    numbers: Mapping[str, Range] = field(default_factory=dict)
    resources: tuple[StatedResource, ...] = ()
    scenarios: tuple[StatedScenario, ...] = ()
    prices: tuple[Price, ...] = ()
    targets: Mapping[str, Target] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)


# A table of capacity as a window needs it: without these its load cannot be computed.
NEEDED = {
    "level": ("capacity", "per"),
    "table": ("capacity", "per"),
    "quota": ("capacity", "per"),
    "window": ("capacity", "slots", "hold_s"),
    "concurrency": ("capacity", "hold_s", "per"),
}


def ranged(value: object) -> Range:
    """A number that is not negative, or a list of two: the ends of a range."""
    if not isinstance(value, list | tuple):
        return number(value, high=1e18)
    if len(value) != 2:
        raise ValueError("must be a number, or a list of two: the lowest and the highest")
    low, high = (number(entry, high=1e18) for entry in value)
    if low > high:
        raise ValueError(f"the lowest comes first: [{high:g}, {low:g}]")
    return low if low == high else (low, high)


def growing(value: object) -> Range:
    """Growth a month as a share, or a range of it; it may be below 0."""
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise ValueError("must be a number, or a list of two: the lowest and the highest")
        low, high = growth(value[0]), growth(value[1])
        if low > high:
            raise ValueError("the lowest comes first")
        return low if low == high else (low, high)
    return growth(value)


def targeted(value: object) -> Target:
    """A number, a range, or a table of phases with one of them each."""
    if isinstance(value, dict):
        by_phase: dict[str, Range] = by_name(ranged, 60)(value)
        return by_phase
    return ranged(value)


def flag(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def by_name(read: Any, length: int = 200) -> Any:
    """A table of names with values of one kind."""
    read_name = text(length)

    def read_all(value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError("must be a table of names and values")
        if len(value) > MOST_ROWS:
            raise ValueError(f"must hold at most {MOST_ROWS} entries")
        return {read_name(name): read(entry) for name, entry in value.items()}

    return read_all


def numbers(value: object) -> dict[str, Range]:
    """Numbers by their key; a key that nothing computes with is refused."""
    found: dict[str, Range] = by_name(ranged)(value)
    for key in found:
        if known(key) is None:
            hint = near(key)
            raise ValueError(f"{key!r} is no key of the capacity model" + (f"; did you mean {hint}?" if hint else ""))
    return found


def _positive(value: object) -> float:
    amount = number(value)
    if amount == 0:
        raise ValueError("must be above 0")
    return amount


ENGAGEMENT_FIELDS = {"policy": Field(one_of(names())), "team": Field(whole(100_000))}
DRIVER_FIELDS = {
    "name": Field(text(60), required=True),
    "current": Field(number),
    "target": Field(number),
    "growth_per_month": Field(growing),
    "moves": Field(texts(120)),
}
RESOURCE_FIELDS = {
    "name": Field(text(60), required=True),
    "kind": Field(one_of(KINDS), required=True),
    "component": Field(text(120)),
    "critical": Field(flag),
    "driver": Field(text(60)),
    **{name: Field(ranged) for name in ("capacity", "slots", "hold_s", "per", "peak_factor", "fixed")},
    "unit": Field(text(20)),
    "note": Field(text(300)),
    "when_full": Field(one_of(WHEN_FULL)),
    "replaces": Field(text(200)),
}
SCENARIO_FIELDS = {
    "name": Field(text(60), required=True),
    "title": Field(text(120)),
    "drivers": Field(by_name(ranged)),
    "factor": Field(ranged),
    "event_hours": Field(_positive),
    "inputs": Field(numbers),
}
PRICE_FIELDS = {
    "component": Field(text(60), required=True),
    "monthly": Field(ranged, required=True),
    "phase": Field(text(60)),
    "users": Field(number),
    "count": Field(number),
    "carries": Field(ranged),
    "unit": Field(text(20)),
    "meant_for": Field(number),
}
# Table of the file, field of the record, its rows
ROWS: tuple[tuple[str, str, Mapping[str, Field], type], ...] = (
    ("driver", "drivers", DRIVER_FIELDS, Driver),
    ("resource", "resources", RESOURCE_FIELDS, StatedResource),
    ("scenario", "scenarios", SCENARIO_FIELDS, StatedScenario),
    ("cost", "prices", PRICE_FIELDS, Price),
)
NAMES: tuple[tuple[str, str, Any], ...] = (
    ("capacity", "numbers", ranged),
    ("targets", "targets", targeted),
    ("checks", "checks", one_of(ANSWERS)),
)
TABLES = (*(table for table, *_ in ROWS), *(table for table, *_ in NAMES))


def read_capacity(document: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """The fields of a `CapacityIntake` that the tables of a document hold; what is wrong goes to `problems`."""
    found: dict[str, Any] = {}
    for table, name, known_fields, record in ROWS:
        rows = _rows(document.get(table, []), table, known_fields, problems)
        # A row that lacks a required field was named as a problem already; no record is made of it.
        found[name] = tuple(record(**row) for row in rows if all(k in row for k in _required(known_fields)))
    for table, name, read in NAMES:
        found[name] = _named(document.get(table, {}), table, read, problems)
    _check(found, problems)
    return found


def _required(known_fields: Mapping[str, Field]) -> list[str]:
    return [key for key, entry in known_fields.items() if entry.required]


def _rows(rows: object, table: str, known_fields: Mapping[str, Field], problems: list[str]) -> list[dict[str, Any]]:
    if not isinstance(rows, list):
        problems.append(f"{table}: must be a list of tables, written as [[{table}]]")
        return []
    if len(rows) > MOST_ROWS:
        problems.append(f"{table}: must hold at most {MOST_ROWS} entries")
        return []
    found = [read_table(row, f"{table}[{place}]", known_fields, problems) for place, row in enumerate(rows, 1)]
    names = [str(row.get("name", "")) for row in found if "name" in row]
    problems += [f"{table}: the name {n!r} is used twice" for n in sorted({n for n in names if names.count(n) > 1})]
    return found


def _named(table: object, path: str, read: Any, problems: list[str]) -> dict[str, Any]:
    if not isinstance(table, dict):
        problems.append(f"{path}: must be a table of names and values")
        return {}
    found = {}
    for key, value in table.items():
        try:
            found[text(200)(key)] = read(value)
        except ValueError as error:
            problems.append(f"{path}.{key}: {error}")
        if (path == "capacity" and known(key) is None) or (path == "checks" and key not in asked()):
            hint = near(key) if path == "capacity" else near_check(key)
            problems.append(f"{path}.{key}: unknown key" + (f"; did you mean {hint}?" if hint else ""))
        elif path == "checks" and value == NOT_APPLICABLE and key not in {check.id for check in all_checks()}:
            problems.append(f'{path}.{key}: "{value}" is for checks of the scorecard; answer yes, no or partly')
    return found


def _check(found: Mapping[str, Any], problems: list[str]) -> None:
    """What no field can see alone: fields a kind needs, drivers that nobody named."""
    drivers = {"users", *(driver.name for driver in found["drivers"])}
    for place, resource in enumerate(found["resources"], 1):
        missing = [name for name in NEEDED[resource.kind] if getattr(resource, name) is None]
        problems += [f"resource[{place}].{name}: missing; a {resource.kind} needs it" for name in missing]
        if resource.driver not in drivers:
            problems.append(f"resource[{place}].driver: no [[driver]] is called {resource.driver!r}")
    for place, scenario in enumerate(found["scenarios"], 1):
        strange = [name for name in scenario.drivers if name not in drivers]
        problems += [f"scenario[{place}].drivers.{name}: no [[driver]] is called so" for name in strange]
        if scenario.factor is None and not scenario.drivers and not scenario.inputs:
            problems.append(f"scenario[{place}]: needs drivers, a factor or inputs")


def capacity_document(capacity: CapacityIntake) -> dict[str, Any]:
    """The tables as the file holds them (policy and team under "engagement"): `read_capacity` reads them back."""
    facts = {name: getattr(capacity, name) for name in ENGAGEMENT_FIELDS if getattr(capacity, name) is not None}
    document: dict[str, Any] = {"engagement": facts} if facts else {}
    for table, name, *_ in ROWS:
        if rows := getattr(capacity, name):
            document[table] = [_row(row) for row in rows]
    for table, name, _ in NAMES:
        if values := getattr(capacity, name):
            document[table] = {key: _plain(value) for key, value in values.items()}
    return document


def capacity_of_document(document: Mapping[str, Any]) -> CapacityIntake:
    """The record of what `capacity_document` gave; ValueError when it does not hold what it should."""
    problems: list[str] = []
    facts = read_table(document.get("engagement", {}), "engagement", ENGAGEMENT_FIELDS, problems)
    found = read_capacity(document, problems)
    if problems:
        raise ValueError("; ".join(problems))
    return CapacityIntake(**facts, **found)


def _row(row: Any) -> dict[str, Any]:
    """The fields of a row that say something else than their default."""
    stated = {}
    for entry in fields(row):
        value = getattr(row, entry.name)
        if value not in (None, (), "", {}) and value != entry.default:
            stated[entry.name] = _plain(value)
    return stated


def _plain(value: Any) -> Any:
    """JSON-safe; a whole number without its fraction."""
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
