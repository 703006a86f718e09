"""The numbers a capacity model is made of, each with its grade and where it stands; what follows from them; what lacks.

A number that nobody measured, stated or set by a printed policy does not exist: every formula asks for its inputs by
key and answers with a `Figure`, or with a `Missing` that names what it would need.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reviews.risk.matrix import Grade

USERS = "driver.users"  # the driver that moves whatever has none of its own
# Worst last: a figure is as good as the worst input behind it.
ORDER = (Grade.MEASURED, Grade.DERIVED, Grade.STATED, Grade.ASSUMED)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from, in words; of a measured one also file, line and quote (as in evidence)."""

    words: str
    file: str = ""
    line: int = 0
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A consultant set another value: by whom, when (ISO 8601), why, and what stood there before."""

    author: str
    at: str
    reason: str
    before: "Input | None"


@dataclass(frozen=True, slots=True)
class Input:
    """One number that somebody can disagree with. `low` and `high` are the ends it may have; equal when it has none.

    `key` is stable and dotted ("postgres.max_connections", "driver.users"); `unit` is one of those of
    `telemetry.kinds` ("1", "share", "s", "bytes", "1/s", "money" ...).
    """

    key: str
    title: str
    value: float
    unit: str
    grade: Grade
    source: Source
    low: float = field(default=float("nan"))
    high: float = field(default=float("nan"))
    change: Change | None = None

    def __post_init__(self) -> None:
        if self.low != self.low:
            object.__setattr__(self, "low", self.value)
        if self.high != self.high:
            object.__setattr__(self, "high", self.value)


@dataclass(frozen=True, slots=True)
class Missing:
    """A number that cannot be said, the keys of the inputs it needs, and in words what would give them.

    `resource` is the id of the resource that lacks it, "" when it is no resource's.
    """

    title: str
    keys: tuple[str, ...]
    needs: tuple[str, ...]
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """What follows from inputs: the number, the ends it has at the ends of its inputs, the formula as it is printed.

    `uses` are the keys of the inputs behind it.
    """

    value: float
    low: float
    high: float
    unit: str
    grade: Grade
    formula: str
    uses: tuple[str, ...]


class Inputs:
    """All inputs of an engagement by key, in the order they are shown."""

    def __init__(self, known: Iterable[Input]) -> None:
        self._by_key = {entry.key: entry for entry in known}

    def __iter__(self) -> Iterator[Input]:
        return iter(self._by_key.values())

    def get(self, key: str) -> Input | None:
        """The input, None when nobody knows it."""
        return self._by_key.get(key)

    def below(self, prefix: str) -> list[Input]:
        """Inputs whose key begins with `prefix` and a dot."""
        return [entry for key, entry in self._by_key.items() if key.startswith(f"{prefix}.")]

    def changed(self, changes: Mapping[str, tuple[float, Change]]) -> "Inputs":
        """The same inputs with a consultant's values over them: those are stated, and say what stood there before."""
        return Inputs(_changed(entry, changes.get(entry.key)) for entry in self._by_key.values())


def worst(grades: Iterable[Grade]) -> Grade:
    """The worst of the grades behind a figure; what follows from measured numbers alone is derived."""
    found = max(grades, key=ORDER.index)
    return Grade.DERIVED if found is Grade.MEASURED else found


def _changed(entry: Input, change: tuple[float, Change] | None) -> Input:
    if change is None:
        return entry
    value, words = change
    source = Source(f"set by {words.author}")
    said = Change(words.author, words.at, words.reason, entry)
    return Input(entry.key, entry.title, value, entry.unit, Grade.STATED, source, change=said)
