"""Moments and spans as Postgres writes them in its views."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

# Columns of sessions, the export's own among them, and the names that queries give to the export's own moment. The
# start of a wait is none: the newest one says nothing of how long it lasts.
MOMENTS = (
    *("query_start", "state_change", "xact_start", "backend_start"),
    *("now", "captured_at", "taken", "clock_timestamp"),
)
_INTERVAL = re.compile(r"(-)?(?:(\d+) days? ?)?(?:(\d+):(\d\d):(\d\d(?:\.\d+)?))?\Z")


def moment(text: str) -> datetime | None:
    """A moment with its offset; None when it has none, or is no moment."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def newest(rows: Iterable[Mapping[str, str]]) -> datetime | None:
    """The newest moment of all rows: the start of the export's own statement, or shortly before it."""
    found = (moment(fields.get(name, "")) for fields in rows for name in MOMENTS)
    return max((one for one in found if one is not None), default=None)


def age_s(since: str, now: datetime | None) -> float | None:
    """Seconds from a moment until now, at least 0; None where one of them is not known."""
    start = moment(since)
    return max((now - start).total_seconds(), 0.0) if now and start else None


def interval_s(text: str) -> float | None:
    """Seconds of an interval ("1 day 02:03:04.5"); None when the text is none, or before zero."""
    found = _INTERVAL.match(text.strip()) if text.strip() else None
    if found is None or found[1]:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
