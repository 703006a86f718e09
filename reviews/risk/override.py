"""What a consultant sets by hand, and what follows from it. The computed finding is never changed.

Proximity, degradation, exposure and effort go into the same arithmetic as the computed inputs, as *stated*: the gate
holds, so that a proximity set by hand makes nothing High. Only a severity set by hand does, and says so.
An override holds for its own finding: a cause that was raised by a symptom stays where the symptom was computed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reviews.risk.comparison import NOISE
from reviews.risk.matrix import Grade, Proximity, Severity
from reviews.risk.plain import restored
from reviews.risk.score import Inputs, Quantity, score
from reviews.risk.why import DEGRADATION

Machine = dict[str, Any]
PLACING = ("severity", "proximity", "degradation", "exposure")
BY_HAND = "set by a consultant"
# Inputs that decide about each field, by the names under which a finding holds them.
BASIS = {
    "severity": ("severity", "severity_range", "impact", "proximity", "vector", "measured"),
    "hide": ("severity", "severity_range", "impact", "proximity", "vector", "measured"),
    "proximity": ("proximity", "proximity_reason", "measured"),
    "degradation": ("degradation",),
    "exposure": ("exposure",),
    "effort": ("effort",),
}
WORDS = {
    "vector": "evidence vector",
    "severity_range": "severity at the ends",
    "measured": "the deciding number",
    "proximity_reason": "reason of the proximity",
    "exposure": "share of requests that meet it",
}


def can_set(machine: Machine, field: str) -> bool:
    """Whether the finding holds the inputs that the field needs; those judged by an older version do not."""
    return field in ("severity", "hide", "effort") or "inputs" in machine


def computed_value(machine: Machine, field: str) -> Any:
    """What the rules say of a field: a severity, 1..5, 0..1, the largest share in 0..1, engineer-days, or shown."""
    if field == "hide":
        return False
    if field == "effort":
        return machine["effort"]["likely"]
    if field in ("severity", "proximity"):
        return machine[field]
    inputs = machine["inputs"]
    if field == "degradation":
        return 1.0 if inputs["money"] else inputs["degradation"]
    return max((entry["touched"]["point"] for entry in inputs["exposures"]), default=0.0)


def basis_of(machine: Machine, field: str) -> Machine:
    """What the computed value rests on, to be compared after the next run."""
    return {name: _input(machine, name) for name in BASIS[field]}


def changed_inputs(field: str, basis: Mapping[str, Any], machine: Machine) -> list[dict[str, str]]:
    """Inputs that are computed otherwise now: name in words, before, after; of those that the entry noted."""
    now = basis_of(machine, field)
    return [
        {"name": WORDS.get(name, name), "before": _text(basis.get(name)), "after": _text(now[name])}
        for name in BASIS[field]
        if name in basis and not _same(basis[name], now[name])
    ]


def placed(machine: Machine, values: Mapping[str, Any]) -> Machine:
    """The fields of the finding that come out otherwise under these values; empty when none is set."""
    changed: Machine = {}
    if "effort" in values:
        changed["effort"] = dict.fromkeys(("low", "likely", "high"), values["effort"])
    if "inputs" in machine and set(values) - {"hide", "severity"}:
        changed |= _scored(machine, values)
    if "severity" in values:
        changed["severity"] = values["severity"]
        changed["severity_range"] = [values["severity"]] * 2
    return changed


def described(field: str, value: Any) -> str:
    """A value of a field as it is read."""
    if value is None:
        return "not computed"
    if field == "severity":
        return str(value).capitalize()
    if field == "hide":
        return "Hidden" if value else "shown"
    if field == "proximity":
        return f"{value} of 5"
    if field == "degradation":
        return f"{value:g} ({DEGRADATION.get(value, 'set by the rule')})"
    if field == "exposure":
        return f"{100 * value:.3g} %"
    return f"{value:g} engineer-day" + ("" if value == 1 else "s")


def _scored(machine: Machine, values: Mapping[str, Any]) -> Machine:
    inputs = _with(restored(machine["inputs"]), values)
    own = score(inputs)
    days = max(inputs.effort_days, 0.125)
    if machine.get("lifted") and Severity[machine["severity"].upper()] >= own.severity:
        return {"leverage": round(machine["expected_share"] * inputs.removes / days, 4)}
    return {
        "severity": own.severity.word,
        "severity_range": [own.low.word, own.high.word],
        "severity_cap": own.cap,
        "impact": own.impact,
        "proximity": own.proximity,
        "proximity_reason": inputs.proximity.reason,
        "expected_share": round(own.expected, 4),
        "leverage": round(own.leverage, 4),
    }


def _with(inputs: Inputs, values: Mapping[str, Any]) -> Inputs:
    if "proximity" in values:
        inputs = replace(inputs, proximity=Proximity(values["proximity"], BY_HAND, Grade.STATED))
    if "degradation" in values:
        inputs = replace(inputs, degradation=values["degradation"], money=False)
    if "effort" in values:
        inputs = replace(inputs, effort_days=values["effort"])
    if "exposure" in values:
        touched = Quantity.exact(values["exposure"], Grade.STATED, BY_HAND)
        shares = tuple(replace(entry, touched=touched) for entry in inputs.exposures)
        inputs = replace(inputs, exposures=shares)
    return inputs


def _input(machine: Machine, name: str) -> Any:
    inputs = machine.get("inputs")
    if name == "degradation":
        return inputs and computed_value(machine, "degradation")
    if name == "exposure":
        return inputs and [[entry["flow"], entry["touched"]["point"]] for entry in inputs["exposures"]]
    return machine.get(name)


def _same(before: Any, now: Any) -> bool:
    """The same value; of a measurement, the same metric within the noise of measuring it twice."""
    if not isinstance(before, Mapping) or "value" not in before or not isinstance(now, Mapping):
        return bool(before == now)
    if any(before.get(name) != now.get(name) for name in ("metric", "unit")):
        return False
    was, is_now = before["value"], now.get("value")
    if not isinstance(was, int | float) or not isinstance(is_now, int | float):
        return bool(was == is_now)
    return abs(is_now - was) <= NOISE * abs(was)


def _text(value: Any) -> str:
    if isinstance(value, Mapping) and "metric" in value:
        amount = value.get("value")
        shown = f"{amount:,.10g}" if isinstance(amount, int | float) else "not known"
        return f"{str(value['metric']).replace('_', ' ')} {shown}"
    if isinstance(value, list) and value and isinstance(value[0], str):
        return " to ".join(dict.fromkeys(value))
    if isinstance(value, list):
        return ", ".join(f"{name} {100 * share:.3g} %" for name, share in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {entry:g}" for name, entry in value.items())
    return "not known" if value is None else str(value)
