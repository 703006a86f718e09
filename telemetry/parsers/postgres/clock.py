"""The log's own time: first and last second, load by second, and what its zone token is worth."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from telemetry.parsers.postgres.minutes import Minutes
from telemetry.parsers.postgres.prefix import STAMP

_STAMP = re.compile(STAMP)
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
        self._minutes = Minutes()

    def note(self, second: bytes, queries: int, previous: bytes) -> None:
        """The log goes on to `second`; `queries` were seen since it went on to `previous`.

        Lines of several processes may go back and forth between two seconds, so those of two minutes stay open.
        """
        if queries and previous:
            counts = self._minutes.of(previous[:16])
            counts[previous] += queries
            self.peak = max(self.peak, counts[previous])
        if not second:
            return
        if not self.first or second < self.first:
            self.first = second
        if second > self.last:
            self.last = second

    def join(self, later: "Clock") -> None:
        """Go on with a later part of the log."""
        self.first = min(filter(None, (self.first, later.first)), default=b"")
        self.last = max(self.last, later.last)
        self.zones |= later.zones
        self.peak = max(self.peak, later.peak, *self._minutes.join(later._minutes).values())

    def edges(self) -> dict[int, int]:
        """Queries by second since 1970 (as the log writes its time) at both ends: another file may hold the rest.

        The first and the last second of the log are there also when nothing was queried in them.
        """
        seconds = sorted(item for counts in self._minutes.edges.values() for item in counts.items())
        ends = [(self.first, 0), (self.last, 0), *seconds[:_EDGE_SECONDS], *seconds[-_EDGE_SECONDS:]]
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
