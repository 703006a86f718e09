"""What a target is: something that a table can be, its fields, and how mapped rows become evidence."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telemetry.evidence import ParseResult, Place
from telemetry.parsers.readers import Row
from telemetry.tables.values import UNITS


@dataclass(frozen=True, slots=True)
class Field:
    """Something a column can be. `type` is "text", "time", or the dimension of a number in `values.UNITS`.

    `names` are words by which headers call it, with commas between, the most telling first. A `private` field names a
    person or a customer: its cells are never quoted. A field with `many` may be given to several columns.
    """

    id: str
    title: str
    type: str
    names: str = ""
    required: bool = False
    private: bool = False
    many: bool = False

    @property
    def units(self) -> Mapping[str, tuple[str, float]]:
        """The units to choose from; empty for a text."""
        return UNITS.get(self.type, {})

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(value in a mapping, words): "p95_ms:s" → "Latency, 95th percentile, in seconds"."""
        if not self.units:
            return [(self.id, self.title)]
        return [
            (f"{self.id}:{unit}" if unit else self.id, f"{self.title}, {words}" if len(self.units) > 1 else self.title)
            for unit, (words, _) in self.units.items()
        ]


class Record:
    """One mapped row: values by field (text, float or datetime; of a field with `many` a list of (column, value)).

    Its `place` is made when somebody asks: most rows of a large table are summed up and never quoted.
    """

    __slots__ = ("_place", "_place_of", "_row", "values")

    def __init__(self, values: Mapping[str, Any], row: Row, place_of: Callable[[Row], Place]) -> None:
        self.values, self._row, self._place_of = values, row, place_of
        self._place: Place | None = None

    @property
    def place(self) -> Place:
        """Where the row stands, quoted without what may name a person or a customer."""
        if self._place is None:
            self._place = self._place_of(self._row)
        return self._place

    @property
    def line(self) -> int:
        """Where the row starts."""
        return self._row.line

    def text(self, name: str) -> str:
        """A text, "" when the row has none."""
        return str(self.values.get(name, ""))

    def number(self, name: str) -> float | None:
        """A number in the unit of the evidence, None when the row has none."""
        value = self.values.get(name)
        return value if isinstance(value, float) else None

    def time(self, name: str) -> datetime | None:
        """A moment, None when the row has none."""
        value = self.values.get(name)
        return value if isinstance(value, datetime) else None


@dataclass(frozen=True, slots=True)
class Options:
    """What holds for the whole table: the currency and the name that the consultant gave it, both may be empty."""

    currency: str = ""
    name: str = ""


Fold = Callable[[Iterator[Record], Options, ParseResult], None]


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a table can be.

    `format` is the format of the coverage row: that of the parser which reads the same from a known file, where there
    is one. `one_of` names fields of which a mapping needs at least one. `fold` turns records into evidence of `kinds`.
    """

    id: str
    title: str
    enables: str
    format: str
    kinds: tuple[str, ...]
    fields: tuple[Field, ...]
    fold: Fold
    one_of: tuple[str, ...] = ()
    has_currency: bool = False
    named: str = ""  # what the name of the whole table is called, "" when it needs none
    notes: tuple[str, ...] = ()
    zoned: bool = True  # whether a moment without a zone deserves a note; a day of a bill does not

    def field(self, name: str) -> Field | None:
        """A field by its id."""
        return next((entry for entry in self.fields if entry.id == name), None)

    @property
    def timed(self) -> bool:
        """Whether rows of it can have a moment."""
        return any(entry.type == "time" for entry in self.fields)
