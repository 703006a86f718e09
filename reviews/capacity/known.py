"""All inputs of an engagement: what was measured, what the intake states, what a consultant set, what follows."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from reviews.capacity.catalogue import place_of, title_of, unit_of
from reviews.capacity.figure import figure
from reviews.capacity.formulas.little import in_flight, peak_factor
from reviews.capacity.inputs import Change, Figure, Input, Inputs, Source
from reviews.capacity.stated import stated_inputs
from reviews.intake import Intake
from reviews.risk.matrix import Grade

Changes = Mapping[str, tuple[float, Change]]


def _product(*values: float) -> float:
    result = 1.0
    for value in values:
        result *= value
    return result


# What follows from other inputs and is shown as an input itself, because a consultant may know better: key, keys of
# the inputs, formula as printed, computed. Nothing is derived where the number itself is known.
DERIVED: tuple[tuple[str, tuple[str, ...], str, Callable[..., float]], ...] = (
    ("http.peak_factor", ("http.rps_peak", "http.rps_mean"), "busiest minutes ÷ mean", peak_factor),
    ("http.rps_peak", ("http.rps_mean", "http.peak_factor"), "mean × peak factor", _product),
    (
        "postgres.busy",
        ("postgres.queries_per_s", "postgres.query_ms"),
        "statements a second × time of a statement (Little's law)",
        lambda rate, ms: in_flight(rate, ms / 1000),
    ),
    ("postgres.busy_peak", ("postgres.busy", "http.peak_factor"), "mean × peak factor of the requests", _product),
    (
        "postgres.connections_peak",
        ("postgres.connections", "http.peak_factor"),
        "mean × peak factor of the requests",
        _product,
    ),
)


def inputs_of(intake: Intake, gathered: Inputs, changes: Changes | None = None) -> Inputs:
    """Measured numbers over stated ones, changes over both, then what follows from them.

    `gathered` is what `gather.gathered` found in the evidence. A change of a number that nobody knew makes it known.
    """
    known = {entry.key: entry for entry in stated_inputs(intake)}
    known |= {entry.key: entry for entry in gathered if _measured_wins(entry, known.get(entry.key))}
    if changes:
        before = with_derived(Inputs(known.values()))
        known |= {key: _set(key, before.get(key), value, words) for key, (value, words) in changes.items()}
    found = with_derived(Inputs(known.values()))
    return Inputs(sorted(found, key=lambda entry: place_of(entry.key)))


def overridden(inputs: Inputs, values: Mapping[str, tuple[float, float, float]], words: str) -> Inputs:
    """The inputs of a scenario: some numbers (value and ends) as it states them, and what follows from those anew."""
    known = {entry.key: entry for entry in inputs if entry.key in values or not _follows(entry)}
    for key, (value, low, high) in values.items():
        known[key] = Input(key, title_of(key), value, unit_of(key), Grade.STATED, Source(words), low, high)
    return with_derived(Inputs(known.values()))


def _measured_wins(entry: Input, stated: Input | None) -> bool:
    """Evidence counts more than words, except for how large a driver is: the statement also says what it counts."""
    return stated is None or not entry.key.startswith("driver.") or entry.key.endswith(".growth")


def _set(key: str, before: Input | None, value: float, words: Change) -> Input:
    change = Change(words.author, words.at, words.reason, before)
    source = Source(f"set by {words.author}")
    title, unit = (before.title, before.unit) if before else (title_of(key), unit_of(key))
    return Input(key, title, value, unit, Grade.STATED, source, change=change)


def with_derived(inputs: Inputs) -> Inputs:
    """The inputs, and those of `DERIVED` that follow from them and that nobody knows better."""
    for key, keys, formula, compute in DERIVED:
        if inputs.get(key) is None:
            found = _followed(inputs, key, keys, formula, compute)
            inputs = inputs if found is None else Inputs([*inputs, found])
    return inputs


def _followed(
    inputs: Inputs, key: str, keys: tuple[str, ...], formula: str, compute: Callable[..., float]
) -> Input | None:
    if any((entry := inputs.get(name)) is not None and entry.low <= 0 for name in keys):
        return None
    found = figure(inputs, title_of(key), unit_of(key), formula, keys, compute)
    if not isinstance(found, Figure):
        return None
    first = inputs.get(keys[0])
    source = replace(first.source, words=f"{DERIVED_WORDS}: {formula}") if first else Source(formula)
    return Input(key, title_of(key), found.value, found.unit, found.grade, source, found.low, found.high)


DERIVED_WORDS = "derived"


def _follows(entry: Input) -> bool:
    return entry.change is None and entry.source.words.startswith(f"{DERIVED_WORDS}: ")
