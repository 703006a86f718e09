"""How long work waits where somebody looks for it every so often, instead of being told.

[{"name", "title", "interval": {value, low, high, unit}, "mean_s", "longest_s": {value, low, high, unit}, "grade",
  "formula", "uses": [keys], "said"}]
"""

from collections.abc import Callable
from typing import Any

from reviews.capacity.formulas.polling import longest_wait, mean_wait
from reviews.capacity.inputs import Input, Inputs
from reviews.report.figures import figure

Row = dict[str, Any]
_END = ".interval_s"


def polling_of(inputs: Inputs) -> list[Row]:
    """A row for each interval that somebody stated, by name; an interval of 0 is no looking."""
    return [_row(entry) for entry in inputs.below("poll") if entry.key.endswith(_END) and entry.low > 0]


def _row(entry: Input) -> Row:
    name = entry.key.removeprefix("poll.").removesuffix(_END)
    mean, longest = _ends(entry, mean_wait), _ends(entry, longest_wait)
    every, half = _shown(longest), _shown(mean)
    return {
        "name": name,
        "title": entry.title,
        "interval": _ends(entry, float),
        "mean_s": mean,
        "longest_s": longest,
        "grade": entry.grade.word,
        "formula": "interval ÷ 2 on average, the whole interval at most",
        "uses": [entry.key],
        "said": f"{name[:1].upper()}{name[1:]} looks for work every {every} ({entry.grade.word}): work waits {half} on "
        f"average, and {every} at most, before it begins.",
    }


def _ends(entry: Input, of: Callable[[float], float]) -> Row:
    return {end: of(getattr(entry, end)) for end in ("value", "low", "high")} | {"unit": "s"}


def _shown(ends: Row) -> str:
    low, high = (str(figure(ends[end], "s")) for end in ("low", "high"))
    return high if low == high else f"{low} to {high}"
