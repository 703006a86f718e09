"""One message of the log with what its prefix said, and what may follow it in lines of its own."""

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

# A record's text above this is not kept: the collectors of the field cut there too.
TEXT_BYTES = 10_000


class Kind(IntEnum):
    """What a severity word makes of its line."""

    LOG = 0
    FAILURE = 1  # ERROR, FATAL, PANIC
    OTHER = 2  # WARNING and below
    DETAIL = 3  # belongs to the record of the same process before it
    FOREIGN = 4  # another language


@dataclass(frozen=True, slots=True)
class Session:
    """What the prefix says about a line's origin. `caller` numbers the (user, application) pair."""

    kind: Kind
    severity: bytes
    pid: bytes
    user: str
    app: str
    state: str
    caller: int


@dataclass(slots=True)  # not frozen: one is made for every message, and freezing doubles the cost
class Message:
    """A record: `line` counts from 1, `raw` is its logical line, `text` the message with its line breaks."""

    line: int
    raw: bytes
    session: Session
    state: str
    text: str


class Following(Protocol):
    """A record that waits for the DETAIL, CONTEXT and STATEMENT lines of its own process.

    Records end in any order, so what is made of them is decided by their lines and never by that order.
    """

    owner: Any

    def attach(self, label: bytes, text: str) -> None:
        """Take a line of detail."""

    def finish(self) -> None:
        """No more will come: the process went on, or the log ended."""


@dataclass(slots=True)
class Tally:
    """Counts by name, and for each the line where it first, or most, stood."""

    counts: Counter[str] = field(default_factory=Counter)
    marks: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, message: Message, amount: int = 1) -> None:
        """Count, and remember the first line."""
        self.counts[name] += amount
        if name not in self.marks:
            self.marks[name] = (message.line, message.raw[:1200])

    def peak(self, name: str, value: float, message: Message) -> None:
        """Keep the largest value and its line."""
        if value > self.peaks.get(name, -1.0):
            self.peaks[name] = value
            self.marks[name] = (message.line, message.raw[:1200])

    def join(self, later: "Tally") -> None:
        """Add what a later part of the log counted."""
        self.counts.update(later.counts)
        for name, value in later.peaks.items():
            if value > self.peaks.get(name, -1.0):
                self.peaks[name] = value
                self.marks[name] = later.marks[name]
        self.marks = later.marks | self.marks
