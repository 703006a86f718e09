"""Numbers of queues over time: the last one, the peak and how fast what waits grows. Shared by CSV and CloudWatch.

Growth is the slope between first and last count: work that arrives less work that is done, in jobs a minute.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from telemetry.evidence import ParseResult, Place
from telemetry.parsers.queue_row import QueueRow

# Metrics whose worst moment counts beside the last one.
PEAKS = {"waiting": "waiting_max", "oldest_age_s": "oldest_age_max_s"}


@dataclass(slots=True)
class Series:
    """One metric of one queue while it is read: first, last and highest point as (moment, value, place)."""

    first: tuple[datetime, float, Place] | None = None
    last: tuple[datetime, float, Place] | None = None
    highest: tuple[float, Place] | None = None

    def add(self, at: datetime, value: float, place: Place) -> None:
        """Take a point; points may come in any order."""
        if self.first is None or at < self.first[0]:
            self.first = (at, value, place)
        if self.last is None or at >= self.last[0]:
            self.last = (at, value, place)
        if self.highest is None or value > self.highest[0]:
            self.highest = (value, place)


@dataclass(slots=True)
class QueueSeries:
    """All metrics of one queue over time."""

    metrics: dict[str, Series] = field(default_factory=dict)

    def add(self, metric: str, at: datetime, value: float, place: Place) -> None:
        """Take a point of a metric."""
        self.metrics.setdefault(metric, Series()).add(at, value, place)

    def put_into(self, row: QueueRow, result: ParseResult) -> None:
        """The last values, peaks and growth; the span of the result is widened."""
        for metric, series in self.metrics.items():
            if series.first is None or series.last is None or series.highest is None:
                continue
            start, end = series.first, series.last
            row.put(metric, end[1], end[2])
            if metric in PEAKS:
                row.put(PEAKS[metric], *series.highest)
            minutes = (end[0] - start[0]).total_seconds() / 60
            if metric == "waiting" and minutes > 0:
                row.put("waiting_per_min", (end[1] - start[1]) / minutes, end[2])
                row.put("window_s", minutes * 60, end[2])
            result.first = min(result.first or start[0], start[0])
            result.last = max(result.last or end[0], end[0])
        row.share_failed()


def moment(text: str) -> datetime | None:
    """A moment with its zone: ISO 8601, unix seconds or milliseconds; None without a zone, or when it is none."""
    text = text.strip()
    try:
        if text.replace(".", "", 1).isdigit():
            number = float(text)
            return datetime.fromtimestamp(number / 1_000 if number >= 1e11 else number, UTC)
        at = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.tzinfo else None
