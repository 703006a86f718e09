"""How a number that thresholds speak of is read from the inputs, and what it would need.

A measure knows several ways to its number, best first. A `*` in a key stands for any name: of many the worst one
counts, because a threshold that the busiest host has passed is passed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reviews.capacity.inputs import Figure, Input, Inputs, Missing, worst

Read = Callable[[Inputs], Figure | None]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a number, and the keys of the inputs it asks for (`*` for any name)."""

    keys: tuple[str, ...]
    read: Read


@dataclass(frozen=True, slots=True)
class Measure:
    """`unit` as in `telemetry.kinds`; `needs` says in words what would give it.

    `scales`: it grows in proportion to what moves the load (utilisation law), so that a date can be said for a
    threshold; a latency, a hit rate or an error rate does not. `assumed`: where no law says that it does, what its date
    takes for granted, as the breaking points grade it too.
    """

    key: str
    title: str
    unit: str
    needs: str
    ways: tuple[Way, ...]
    scales: bool = False
    assumed: str = ""


def read(inputs: Inputs, measure: Measure) -> Figure | Missing:
    """The measure's number by the first way that is known."""
    for way in measure.ways:
        if (found := way.read(inputs)) is not None:
            return found
    keys = tuple(dict.fromkeys(key for way in measure.ways for key in way.keys))
    return Missing(measure.title, keys, (measure.needs,))


def matching(inputs: Inputs, pattern: str) -> Iterator[Input]:
    """Inputs whose key is `pattern`, where a `*` stands for any name."""
    if "*" in pattern:
        yield from (entry for entry in inputs if fnmatchcase(entry.key, pattern))
    elif (known := inputs.get(pattern)) is not None:
        yield known


def most(pattern: str) -> Way:
    """The largest input of a pattern; of a plain key its input."""
    return Way((pattern,), lambda inputs: _picked(list(matching(inputs, pattern)), max))


def least(pattern: str) -> Way:
    """The smallest input of a pattern, where small is bad."""
    return Way((pattern,), lambda inputs: _picked(list(matching(inputs, pattern)), min))


def share(over: str, under: str) -> Way:
    """One input divided by another; with a `*`, of the name for which the ratio is largest."""

    def ratio(inputs: Inputs) -> Figure | None:
        before, _, after = over.partition("*")
        tops = matching(inputs, over)
        names = ((top, top.key[len(before) : len(top.key) - len(after)] if "*" in over else "") for top in tops)
        pairs = ((top, inputs.get(under.replace("*", name))) for top, name in names)
        found = [divided(top, bottom) for top, bottom in pairs if bottom is not None and bottom.low > 0]
        return max(found, key=lambda figure: figure.value, default=None)

    return Way((over, under), ratio)


def share_of_largest(over: str, under: str) -> Way:
    """The largest input of a pattern, divided by one other input."""

    def ratio(inputs: Inputs) -> Figure | None:
        bottom, tops = inputs.get(under), list(matching(inputs, over))
        if bottom is None or bottom.low <= 0 or not tops:
            return None
        return divided(max(tops, key=lambda entry: entry.value), bottom)

    return Way((over, under), ratio)


def total(pattern: str, factor: float = 1.0, unit: str = "1") -> Way:
    """The sum of all inputs of a pattern, times a factor (3600 makes a rate per second one per hour)."""

    def summed(inputs: Inputs) -> Figure | None:
        parts = list(matching(inputs, pattern))
        if not parts:
            return None
        return Figure(
            value=factor * sum(part.value for part in parts),
            low=factor * sum(part.low for part in parts),
            high=factor * sum(part.high for part in parts),
            unit=unit,
            grade=worst(part.grade for part in parts),
            formula=f"sum of {len(parts)}: {pattern}" + (f" × {factor:g}" if factor != 1 else ""),
            uses=tuple(part.key for part in parts),
        )

    return Way((pattern,), summed)


def odds(key: str) -> Way:
    """A share turned into a ratio to the rest: of statements that read 90 %, nine reads for each write."""

    def ratio(inputs: Inputs) -> Figure | None:
        known = inputs.get(key)
        if known is None or not 0 <= known.low <= known.high < 1:
            return None
        value, low, high = (end / (1 - end) for end in (known.value, known.low, known.high))
        return Figure(value, low, high, "1", worst((known.grade,)), f"{known.title} / the rest", (known.key,))

    return Way((key,), ratio)


def divided(top: Input, bottom: Input) -> Figure:
    """One input divided by another that is above 0, with the ends of both."""
    return Figure(
        value=top.value / bottom.value,
        low=top.low / bottom.high,
        high=top.high / bottom.low,
        unit="share" if top.unit == bottom.unit else "1",
        grade=worst((top.grade, bottom.grade)),
        formula=f"{top.title} / {bottom.title}",
        uses=(top.key, bottom.key),
    )


def direct(entry: Input) -> Figure:
    """An input as a figure; its grade stays what it is."""
    return Figure(entry.value, entry.low, entry.high, entry.unit, entry.grade, entry.title, (entry.key,))


def _picked(entries: Sequence[Input], pick: Callable[..., Input]) -> Figure | None:
    return direct(pick(entries, key=lambda entry: entry.value)) if entries else None
