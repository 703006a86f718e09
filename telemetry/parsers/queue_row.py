"""What all carriers of queue counts share: a row that keeps the line of each number, and how a carrier is described."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from telemetry.evidence import OTHER, Evidence, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source


@dataclass(frozen=True, slots=True)
class Carrier:
    """One way in which queue counts arrive. `read` raises ParseError when the file is not what it claims."""

    name: str
    sniff: Callable[[Head], bool]
    read: Callable[[Source], ParseResult]


# What does not add up over queues; of several the largest counts.
_LARGEST = frozenset({"oldest_age_s", "oldest_age_max_s", "waiting_max", "wait_max_s", "window_s", "memory_share"})


@dataclass(slots=True)
class QueueRow:
    """One subject while it is read: its numbers, their lines and its facts."""

    kind: str
    subject: str
    metrics: dict[str, float] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    attrs: dict[str, Any] = field(default_factory=dict)

    def put(self, metric: str, value: float, place: Place) -> None:
        """Keep a number and where it stands; where the row stands for several queues, their sum or their largest."""
        if not self.attrs.get("folded"):
            self.metrics[metric], self.places[metric] = value, place
        elif metric not in _LARGEST:
            self.add(metric, value, place)
        elif value >= self.metrics.get(metric, value):
            self.metrics[metric], self.places[metric] = value, place

    def add(self, metric: str, value: float, place: Place) -> None:
        """Add to a number; the place is that of the largest part."""
        if value > self.metrics.get(metric, -1.0):
            self.places[metric] = place
        self.metrics[metric] = self.metrics.get(metric, 0.0) + value

    def share_failed(self, done: str = "completed") -> None:
        """Failed of all that ended, where both are known."""
        failed, completed = self.metrics.get("failed"), self.metrics.get(done)
        if failed is not None and completed is not None and failed + completed:
            self.metrics["failed_share"] = failed / (failed + completed)
            self.places["failed_share"] = self.places["failed"]

    def evidence(self) -> Evidence:
        """The row; its place is that of its first number."""
        return Evidence(
            self.kind, self.subject, self.metrics, next(iter(self.places.values())), self.places, self.attrs
        )


class Rows:
    """Rows by kind and subject, at most 500; what is beyond is added to the subject "other"."""

    LIMIT = 500
    FOLLOWED = 5_000  # queues of a time series that are told apart until their last numbers are known

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], QueueRow] = {}

    def of(self, kind: str, subject: str, **attrs: Any) -> QueueRow:
        """The row of a subject, made when it is new."""
        subject = subject[:120] or "queue"
        if (kind, subject) not in self._rows and len(self._rows) >= self.LIMIT:
            subject, attrs = OTHER, {"folded": True}
        return self._rows.setdefault((kind, subject), QueueRow(kind, subject, attrs=dict(attrs)))

    def evidence(self) -> list[Evidence]:
        """Every row that has a number, in the order in which it was met."""
        return [row.evidence() for row in self._rows.values() if row.metrics]


def json_result(document: JsonText, carrier: str) -> ParseResult:
    """An empty result with the lines of a JSON document."""
    blank = sum(not line.strip() for line in document.text.splitlines())
    return ParseResult(carrier=carrier, lines=document.lines, blank=blank, records_lines=document.lines - blank)


def json_place(document: JsonText, entry: Member, result: ParseResult) -> Place:
    """The line of a number, quoted from its name on, so that job data before and after it stays out of the quote."""
    length = len(str(entry.value)) + 2 * isinstance(entry.value, str)
    text, at = document.text[entry.at : entry.value_at + length], entry.value_at
    if "\n" in text or isinstance(entry.value, dict | list):
        text, at = document.text[entry.at : entry.value_at].partition("\n")[0].rstrip(), entry.at
    return readers.place(document.line(at), text, result)


def is_count(value: Any) -> bool:
    """Whether a JSON value is a number of things."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**63
