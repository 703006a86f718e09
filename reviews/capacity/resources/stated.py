"""Resources as the intake states them: five kinds, each with its own formula of load."""

from collections.abc import Callable
from dataclasses import replace

from reviews.capacity.figure import figure, missing, plain
from reviews.capacity.formulas.little import in_flight
from reviews.capacity.formulas.window import duration
from reviews.capacity.inputs import Figure, Inputs, Missing
from reviews.capacity.resources.base import Found, Scene, draft, one, product, put
from reviews.capacity.resources.tables import SMALLER
from reviews.intake_capacity import StatedResource

# Kinds whose mean is their peak when nobody states a factor: a cycle starts all its jobs at once, a level stands still.
STEADY = ("window", "level", "table")
# How many there are is a product; what a kind takes beside comes before it: ("slots", "hold_s") of a window.
FORMULAS: dict[str, tuple[tuple[str, ...], Callable[..., float]]] = {
    "concurrency": (("hold_s",), lambda hold, *many: in_flight(product(*many), hold)),
    "window": (("slots", "hold_s"), lambda slots, hold, *many: duration(product(*many), hold, slots)),
}
WORDS = {
    "level": "load of one × {driver}",
    "quota": "calls of one × {driver}",
    "table": "rows of one a day × {driver} × days ahead",
    "concurrency": "rate of one × {driver} × hold time (Little's law)",
    "window": "jobs of one × {driver} × hold time ÷ slots",
}
UNITS = {"window": "s", "concurrency": "1"}


def found(scene: Scene) -> Found:
    """Every [[resource]], in the order of the intake."""
    for stated in scene.stated.resources:
        yield from _one(scene.inputs, stated)


def _one(inputs: Inputs, stated: StatedResource) -> Found:
    path, kind = f"resource.{stated.name}", stated.kind
    fixed = plain(inputs, f"{path}.fixed") if stated.fixed is not None else None
    part = replace(
        draft(
            f"stated:{stated.name}",
            stated.name,
            kind,
            stated.component or stated.name,
            f"driver.{stated.driver}",
            stated.critical,
            stated.note,
        ),
        fixed=fixed.value if isinstance(fixed, Figure) else 0.0,
        grows=kind == "table",
        when_full=stated.when_full,
        remedy=SMALLER if kind == "table" else "",
        hold=one(plain(inputs, f"{path}.hold_s")) if kind == "concurrency" else None,
    )
    mean = fixed if isinstance(fixed, Missing) else _load(inputs, stated, "horizon.days", peak=False)
    peak = fixed if isinstance(fixed, Missing) else _peak(inputs, stated)
    per_day = _load(inputs, stated, "", peak=False) if kind == "table" else None
    yield from put(part, plain(inputs, f"{path}.capacity", stated.name), mean, peak, per_day)


def _peak(inputs: Inputs, stated: StatedResource) -> Figure | Missing:
    factor = f"resource.{stated.name}.peak_factor"
    known = inputs.get(factor) is not None  # also when a consultant or a scenario says what the intake does not
    if not known and stated.kind not in STEADY:
        return missing(f"{stated.name}, busiest minutes", (factor,))
    return _load(inputs, stated, "horizon.days", peak=known)


def _load(inputs: Inputs, stated: StatedResource, horizon: str, peak: bool) -> Figure | Missing:
    """The part of the load that its driver moves, today; of a table what comes on top within the horizon."""
    path = f"resource.{stated.name}"
    first, compute = FORMULAS.get(stated.kind, ((), product))
    keys = [*(f"{path}.{name}" for name in first), f"driver.{stated.driver}"]
    if stated.per is not None:
        keys.append(f"{path}.per")
    words = WORDS[stated.kind].format(driver=stated.driver)
    if peak:
        keys.append(f"{path}.peak_factor")
        words += " × peak factor"
    if stated.kind == "table" and horizon:
        keys.append(horizon)
    if stated.fixed is not None:
        words += ", on top of what does not grow"
    unit = UNITS.get(stated.kind, stated.unit or "1")
    load = figure(inputs, stated.name, unit, words, keys, compute)
    if isinstance(load, Figure) and stated.fixed is not None:
        load = replace(load, uses=(*load.uses, f"{path}.fixed"))
    return load
