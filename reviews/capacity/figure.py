"""A formula over inputs: what follows where all are known, else what is missing and who could give it."""

from collections.abc import Callable, Iterable

from reviews.capacity.catalogue import need_of, title_of
from reviews.capacity.formulas.ranges import at_ends
from reviews.capacity.formulas.sane import OutOfRange
from reviews.capacity.inputs import Figure, Inputs, Missing, worst


def figure(
    inputs: Inputs, title: str, unit: str, formula: str, keys: Iterable[str], compute: Callable[..., float]
) -> Figure | Missing:
    """`compute` at the values of `keys`, and at the ends of those that have a range.

    `compute` must rise or fall throughout in each input alone, as all models here do. Where it refuses its inputs, what
    is missing is a number that makes sense.
    """
    names = tuple(keys)
    found = [inputs.get(key) for key in names]
    known = [entry for entry in found if entry is not None]
    if len(known) < len(names):
        return missing(title, (key for key, entry in zip(names, found, strict=True) if entry is None))
    try:
        ends = at_ends(compute, *known)
    except (ZeroDivisionError, OutOfRange) as refused:
        zero = tuple(entry.key for entry in known if entry.low <= 0)
        return Missing(
            title, zero or names, tuple(f"{title_of(key)}: a number above 0" for key in zero) or (str(refused),)
        )
    grade = worst(entry.grade for entry in known)
    return Figure(ends.value, ends.low, ends.high, unit, grade, formula, names)


def plain(inputs: Inputs, key: str, title: str = "") -> Figure | Missing:
    """An input as it stands, with its own grade."""
    entry = inputs.get(key)
    if entry is None:
        return missing(title or key, (key,))
    return Figure(entry.value, entry.low, entry.high, entry.unit, entry.grade, entry.title, (key,))


def first(inputs: Inputs, title: str, *keys: str) -> Figure | Missing:
    """The first of these inputs that is known; what is missing when none is speaks of the first."""
    return next((plain(inputs, key) for key in keys if inputs.get(key)), missing(title, keys[:1]))


def missing(title: str, keys: Iterable[str]) -> Missing:
    """What cannot be said, and what each of its inputs needs."""
    names = tuple(dict.fromkeys(keys))
    return Missing(title, names, tuple(need_of(key) for key in names))


def joined(title: str, *parts: Figure | Missing) -> Missing | None:
    """All that lacks in several parts together, None when nothing does."""
    gaps = [part for part in parts if isinstance(part, Missing)]
    if not gaps:
        return None
    keys, needs = (dict.fromkeys(entry for gap in gaps for entry in getattr(gap, name)) for name in ("keys", "needs"))
    return Missing(title, tuple(keys), tuple(needs))
