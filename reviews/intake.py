"""What a consultant knows about the client's business, as TOML and as a record. The two convert without loss."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from reviews.intake_capacity import ENGAGEMENT_FIELDS as CAPACITY_FIELDS
from reviews.intake_capacity import TABLES as CAPACITY_TABLES
from reviews.intake_capacity import CapacityIntake, capacity_document, read_capacity
from reviews.intake_fields import ENGAGEMENT_FIELDS, FLOW_FIELDS, INPUT_FIELDS, Field, read_table

TABLES = ("engagement", "flow", "inputs", *CAPACITY_TABLES)


class IntakeError(Exception):
    """The intake cannot be used. `problems` names every one, each beginning with its key path."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Flow:
    """A user flow. Shares lie in 0..1, None when nobody stated them; revenue adds up to at most 1, users overlap."""

    name: str
    revenue_share: float | None = None
    user_share: float | None = None
    routes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """The business side of an engagement. What nobody stated is None or empty and is listed as missing."""

    client: str
    title: str
    stack: tuple[str, ...] = ()
    current_mau: int | None = None
    target_mau: int | None = None
    growth_per_month: float | None = None
    engineers: int | None = None
    monthly_revenue: float | None = None
    currency: str | None = None
    stage: str | None = None
    due: date | None = None
    hard_constraints: tuple[str, ...] = ()
    flows: tuple[Flow, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    capacity: CapacityIntake = field(default_factory=CapacityIntake)

    def missing(self) -> list[str]:
        """Names of the values that nobody stated; optional notes (stage, due, inputs, capacity) do not count."""
        optional = ("client", "title", "stage", "due", "inputs", "capacity")
        names = [entry.name for entry in fields(self) if entry.name not in optional]
        return [name for name in names if getattr(self, name) in (None, ())]


def parse_intake(toml_text: str) -> Intake:
    """Read an intake; IntakeError lists every problem with its key path."""
    document = _load(toml_text)
    problems = [f"{key}: unknown key; known are {', '.join(TABLES)}" for key in document if key not in TABLES]
    known = ENGAGEMENT_FIELDS | CAPACITY_FIELDS
    engagement = read_table(document.get("engagement", {}), "engagement", known, problems)
    flows = _read_flows(document.get("flow", []), problems)
    inputs = read_table(document.get("inputs", {}), "inputs", INPUT_FIELDS, problems)
    stated = {name: engagement.pop(name) for name in CAPACITY_FIELDS if name in engagement}
    stated |= read_capacity(document, problems)
    if problems:
        raise IntakeError(problems)
    flow_facts = tuple(Flow(**flow) for flow in flows)
    return Intake(**engagement, flows=flow_facts, inputs=inputs, capacity=CapacityIntake(**stated))


def _load(toml_text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise IntakeError([f"The intake is not valid TOML: {error}"]) from error
    except RecursionError as error:
        raise IntakeError(["The intake is nested too deeply to be an intake"]) from error


def _read_flows(tables: object, problems: list[str]) -> list[dict[str, Any]]:
    if not isinstance(tables, list):
        problems.append("flow: must be a list of tables, written as [[flow]]")
        return []
    flows = [read_table(table, f"flow[{index}]", FLOW_FIELDS, problems) for index, table in enumerate(tables, 1)]
    names = [flow["name"] for flow in flows if "name" in flow]
    problems += [f"flow: the name {name!r} is used twice" for name in sorted({n for n in names if names.count(n) > 1})]
    # Only revenue is divided among flows. Users overlap (who checks out has also signed in), so their shares may
    # add up to more than 1.
    total = sum(flow.get("revenue_share") or 0.0 for flow in flows)
    if total > 1.0 + 1e-9:
        problems.append(f"flow.revenue_share: the shares add up to {total:.2f}, more than 1")
    return flows


def intake_to_toml(intake: Intake) -> str:
    """The intake as TOML that `parse_intake` reads back to an equal record."""
    stated = capacity_document(intake.capacity)
    parts = [_table("[engagement]", intake, ENGAGEMENT_FIELDS) + _lines(stated.pop("engagement", {}))]
    parts += [_table("[[flow]]", flow, FLOW_FIELDS) for flow in intake.flows]
    if intake.inputs:
        parts.append("\n".join(["[inputs]", *(f"{key} = {_value(state)}" for key, state in intake.inputs.items())]))
    return "\n\n".join([*parts, *_tables(stated)]) + "\n"


def capacity_to_toml(capacity: CapacityIntake) -> str:
    """The tables of the capacity model alone, without what stands under [engagement]; "" when nothing is stated."""
    stated = capacity_document(capacity)
    stated.pop("engagement", None)
    return "\n\n".join(_tables(stated))


def parse_capacity(toml_text: str) -> CapacityIntake:
    """What `capacity_to_toml` wrote, without policy and team; IntakeError lists every problem with its key path."""
    document = _load(toml_text)
    known = ", ".join(CAPACITY_TABLES)
    problems = [f"{key}: unknown key; known are {known}" for key in document if key not in CAPACITY_TABLES]
    stated = read_capacity(document, problems)
    if problems:
        raise IntakeError(problems)
    return CapacityIntake(**stated)


def _tables(stated: Mapping[str, Any]) -> list[str]:
    parts = []
    for name, table in stated.items():
        rows, head = (table, f"[[{name}]]") if isinstance(table, list) else ([table], f"[{name}]")
        parts += [head + _lines(row) for row in rows]
    return parts


def _lines(row: Mapping[str, Any]) -> str:
    return "".join(f"\n{_key(key)} = {_value(value)}" for key, value in row.items())


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else json.dumps(key, ensure_ascii=False)


def _table(head: str, row: Intake | Flow, known: Mapping[str, Field]) -> str:
    stated = ((name, getattr(row, name)) for name in known)
    return "\n".join([head, *(f"{name} = {_value(value)}" for name, value in stated if value not in (None, ()))])


def _value(value: object) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(entry) for entry in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    # JSON strings are TOML strings as long as no control character stands in them; reading refuses those.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
