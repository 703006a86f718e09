"""The log's own time: first and last second, load by second, and what its zone token is worth."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from telemetry.parsers.postgres.prefix import STAMP

_STAMP = re.compile(STAMP)
_OPEN_SECONDS = 64
_EDGE_SECONDS = 4


def is_moment(text: bytes) -> bool:
    """Whether this is a second of a day, or nothing (a prefix without time)."""
    return not text or _STAMP.match(text) is not None


class Clock:
    """Seconds as the log writes them ("2026-01-31 10:00:00"), which sort as text."""

    def __init__(self) -> None:
        self.first = b""
        self.last = b""
        self.peak = 0  # queries in the busiest second
        self.zones: dict[bytes, None] = {}
        self._open: dict[bytes, int] = {}
        self._early: dict[bytes, int] = {}

    def note(self, second: bytes, queries: int, previous: bytes) -> None:
        """The log goes on to `second`; `queries` were seen since it went on to `previous`.

        Lines of several processes may go back and forth between two seconds, so some seconds stay open.
        """
        if queries and previous:
            total = self._open[previous] = self._open.get(previous, 0) + queries
            self.peak = max(self.peak, total)
            if len(self._open) > _OPEN_SECONDS:
                oldest = next(iter(self._open))
                if len(self._early) < _EDGE_SECONDS:
                    self._early[oldest] = self._open[oldest]
                del self._open[oldest]
        if not second:
            return
        if not self.first or second < self.first:
            self.first = second
        if second > self.last:
            self.last = second

    def edges(self) -> dict[int, int]:
        """Queries by second since 1970 (as the log writes its time) at both ends: another file may hold the rest.

        The first and the last second of the log are there also when nothing was queried in them.
        """
        ends = [(self.first, 0), (self.last, 0), *self._early.items(), *list(self._open.items())[-_EDGE_SECONDS:]]
        if len(self._early) < _EDGE_SECONDS:
            ends += list(self._open.items())[: _EDGE_SECONDS - len(self._early)]
        return counts_by(ends, 1)

    @property
    def window_s(self) -> float | None:
        """Seconds between the first and the last line, None without time stamps."""
        first, last = _naive(self.first), _naive(self.last)
        return (last - first).total_seconds() if first and last else None

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """First and last second; with a zone only where all tokens mean one and the same offset."""
        zone = self._zone()
        first, last = _naive(self.first), _naive(self.last)
        return (first.replace(tzinfo=zone) if first else None, last.replace(tzinfo=zone) if last else None)

    def note_on_zone(self) -> str:
        """What to tell about a zone that leaves the offset open, "" when it is certain."""
        if not self.first or self._zone() is not None:
            return ""
        tokens = ", ".join(sorted(token.decode("utf-8", "replace") for token in self.zones)) or "none"
        return f"The time zone of this log ({tokens}) does not name one offset; its times are shown as written."

    def _zone(self) -> timezone | None:
        offsets = {_offset(token) for token in self.zones}
        return offsets.pop() if len(offsets) == 1 else None


def _offset(token: bytes) -> timezone | None:
    """UTC and numeric offsets; abbreviations such as IST and CST have several meanings and give None."""
    if token.upper() in (b"UTC", b"GMT", b"Z", b"UCT"):
        return UTC
    found = re.fullmatch(rb"([+-])(\d\d):?(\d\d)?", token)
    if found is None or int(found[2]) > 23 or int(found[3] or 0) > 59:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-offset if found[1] == b"-" else offset) if offset else UTC


def counts_by(ends: Iterable[tuple[bytes, int]], unit_s: int) -> dict[int, int]:
    """Counts by the log's own times, with each time as whole units since 1970; what is no time is left out."""
    found: dict[int, int] = {}
    for text, count in ends:
        if (moment := _naive(text)) is not None:
            found[int(moment.replace(tzinfo=UTC).timestamp()) // unit_s] = count
    return found


def _naive(second: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(second.decode()) if second else None
    except ValueError:  # 30 February
        return None
