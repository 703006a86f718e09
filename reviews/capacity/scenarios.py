"""Scenarios: every resource's use at steady load and at its peak, the verdict by the printed rule, what helps."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reviews.capacity.better import better
from reviews.capacity.formulas.operational import used
from reviews.capacity.inputs import Figure, Inputs, Missing, worst
from reviews.capacity.resource import Resource
from reviews.capacity.situation import Situation
from reviews.capacity.verdict import COMFORT, PARTIAL, STRESSED, TOUCH, Use, Verdict, judge, level_of

Machine = dict[str, Any]
Resources = Callable[[Inputs], tuple[list[Resource], list[Missing]]]
FIRST = 3


@dataclass(frozen=True, slots=True)
class Loaded:
    """A resource under a scenario: its loads in the unit of its capacity, None where they are not known."""

    part: Resource
    steady: Figure | None
    peak: Figure | None
    gap: Missing | None = None

    @property
    def use(self) -> Use:
        """As shares of the capacity."""
        return Use(self.part, self.share(self.steady), self.share(self.peak))

    def share(self, load: Figure | None) -> float | None:
        """A load as a share of the capacity."""
        return None if load is None or self.part.capacity.value <= 0 else used(load.value, self.part.capacity.value)


def scenarios_of(
    situations: Iterable[Situation], resources: Resources, conditions: Sequence[Machine] = ()
) -> list[Machine]:
    """A row for each situation. `conditions`: findings that lost or doubled data, as {"finding", "title"}."""
    return [_scenario(situation, *resources(situation.inputs), conditions) for situation in situations]


def _scenario(
    situation: Situation, parts: Sequence[Resource], unknown: Sequence[Missing], conditions: Sequence[Machine]
) -> Machine:
    loaded = [loaded_of(situation, part) for part in parts]
    verdict = judge([entry.use for entry in loaded], [row["title"] for row in conditions], situation.hours)
    low, high = (_verdict_at(loaded, conditions, situation.hours, end) for end in ("low", "high"))
    gaps = [*(entry.gap for entry in loaded if entry.gap is not None), *unknown]
    return {
        "name": situation.name,
        "title": situation.title,
        "given": situation.given,
        "factor": situation.factor,
        "own": situation.own,
        "event": situation.hours is not None,
        "event_hours": situation.hours,
        "rows": [_row(entry, situation.hours) for entry in loaded],
        "first_to_break": _first(loaded),
        "verdict": verdict.word,
        "verdict_best": low.word,
        "verdict_worst": high.word,
        "reason": verdict.reason,
        "conditions": list(conditions),
        "better": _better(situation.inputs, loaded, verdict, situation.hours),
        "needs": list(dict.fromkeys(need for gap in gaps for need in gap.needs)),
        "needs_keys": list(dict.fromkeys(key for gap in gaps for key in gap.keys)),
    }


def loaded_of(situation: Situation, part: Resource) -> Loaded:
    """The loads of one resource: `fixed + m x load that moves` (see `Resource`).

    In an event the steady load is today's, and what piles up does so faster for the hours it lasts only.
    """
    multiple = situation.multiple(part.driver)
    if isinstance(multiple, Missing):
        return Loaded(part, None, None, multiple)
    if situation.hours is None:
        return Loaded(part, _load(part, part.mean, multiple), _load(part, part.peak, multiple))
    if part.grows:
        horizon = situation.inputs.get("horizon.days")
        part_of = situation.hours / 24 / horizon.value if horizon and horizon.value > 0 else 1.0
        multiple = replace(multiple, **{end: 1 + (getattr(multiple, end) - 1) * part_of for end in ENDS})
    today = replace(multiple, value=1.0, low=1.0, high=1.0, uses=())
    return Loaded(part, _load(part, part.mean, today), _load(part, part.peak, multiple))


ENDS = ("value", "low", "high")


def _load(part: Resource, moving: Figure | None, multiple: Figure) -> Figure | None:
    if moving is None:
        return None
    ends = {end: part.fixed + getattr(multiple, end) * getattr(moving, end) for end in ENDS}
    at_today = multiple.low == multiple.high == 1
    grade = worst((moving.grade, multiple.grade, *(() if at_today else (part.follows,))))
    formula = moving.formula if multiple.value == 1 else f"{moving.formula}; {multiple.formula}"
    return replace(
        moving, **ends, grade=grade, formula=formula, uses=tuple(dict.fromkeys((*moving.uses, *multiple.uses)))
    )


def _verdict_at(loaded: Sequence[Loaded], conditions: Sequence[Machine], hours: float | None, end: str) -> Verdict:
    """The verdict when every load stands at this end of its range, and every capacity at the other."""
    other = "high" if end == "low" else "low"
    return judge(
        [Use(entry.part, _at(entry, entry.steady, end, other), _at(entry, entry.peak, end, other)) for entry in loaded],
        [row["title"] for row in conditions],
        hours,
    )


def _at(entry: Loaded, load: Figure | None, end: str, other: str) -> float | None:
    capacity: float = getattr(entry.part.capacity, other)
    return None if load is None or capacity <= 0 else used(getattr(load, end), capacity)


def _row(entry: Loaded, hours: float | None) -> Machine:
    part, use = entry.part, entry.use
    shown = entry.peak or entry.steady
    row = {
        "resource": part.id,
        "title": part.title,
        "kind": part.kind,
        "component": part.component,
        "critical": part.critical,
        "used_steady": use.steady,
        "used_peak": use.peak,
        "used_peak_low": _at(entry, entry.peak, "low", "high"),
        "used_peak_high": _at(entry, entry.peak, "high", "low"),
        "word": _word(use),
        "level": level_of(use, hours),
        "load": shown.value if shown else None,
        "capacity": part.capacity.value,
        "unit": part.capacity.unit,
        "grade": worst((part.capacity.grade, shown.grade)).word if shown else None,
        "formula": shown.formula if shown else None,
        "uses": list(dict.fromkeys((*part.capacity.uses, *(shown.uses if shown else ())))),
        "needs": list(entry.gap.needs) if entry.gap else [],
        "note": part.note,
    }
    if part.when_full != "waits":
        row["duplicates_data" if part.when_full == "duplicates data" else "loses_data"] = True
    return row


def _word(use: Use) -> str:
    most = use.most
    if most is None:
        return "not known"
    if most > TOUCH:
        return "over its limit"
    return "stressed" if most >= COMFORT else "comfortable"


def _first(loaded: Sequence[Loaded]) -> list[str]:
    """The first three that reach their limit if this load rose further, those that are over it before all."""
    moving = [(entry.use.most, entry.part.id) for entry in loaded if entry.use.most is not None]
    return [name for _, name in sorted(moving, key=lambda found: (-(found[0] or 0.0), found[1]))[:FIRST]]


def _better(inputs: Inputs, loaded: Sequence[Loaded], verdict: Verdict, hours: float | None) -> list[Machine]:
    """Changes for every resource that keeps the verdict where it is; none helps one that is comfortable."""
    if verdict.level is None or verdict.level < STRESSED:
        return []
    floor = min(verdict.level, PARTIAL) if verdict.level >= PARTIAL else STRESSED
    rows: list[Machine] = []
    for entry in loaded:
        level = level_of(entry.use, hours)
        load = max((figure.value for figure in (entry.steady, entry.peak) if figure is not None), default=0.0)
        if level is not None and level >= floor:
            rows += better(inputs, entry.use, load, level)
    return rows


def conditions_of(findings: Iterable[Mapping[str, Any]]) -> list[Machine]:
    """Findings of data that was lost or doubled within the window of the evidence."""
    return [
        {"finding": finding["id"], "title": finding["title"], "mechanism": finding["mechanism"]}
        for finding in findings
        if finding["mechanism"] in LOSSES and finding["proximity"] == OBSERVED
    ]


# Mechanisms whose breach is data lost or counted twice; proximity 5 says that it was observed.
LOSSES = ("duplicate-delivery", "double-counting", "eviction-of-durable-keys")
OBSERVED = 5
