"""When things happened, as far as the files tell: deployments, first errors, peaks and schedules."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from telemetry.evidence import Evidence
from telemetry.rules.base import Hit

# Errors of a release show at once or when caches run out; later ones have another reason more often than not.
SHORTLY = timedelta(minutes=10)
# Who deploys all the time has every error shortly after a deployment.
COVERED = 0.2
ERRORS = ("status_5xx", "error_share", "timeouts", "crashes", "status_502", "status_503", "status_504")
_COMBINED = re.compile(r"\[(\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\]")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})")
_EPOCH_MS = re.compile(r'"(?:timestamp|timestampInMs|time)"\s*:\s*(1[5-9]\d{11})\b')
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})")


def moment_of(quote: str) -> datetime | None:
    """The time that a quoted line names with its zone, None when it names none."""
    if found := _COMBINED.search(quote):
        return datetime.strptime(found[1], "%d/%b/%Y:%H:%M:%S %z")
    if found := _ISO.search(quote):
        return datetime.fromisoformat(found[0].replace(",", ".").replace(" ", "T", 1))
    if found := _EPOCH_MS.search(quote):
        return datetime.fromtimestamp(int(found[1]) / 1000, UTC)
    return None


def first_error_at(hit: Hit) -> datetime | None:
    """When the first of the errors that a hit counts happened: their number's own line is the first one's."""
    places = [cite.evidence.place_of(cite.metric) for cite in hit.cites if cite.metric in ERRORS]
    return min((at for place in places if (at := moment_of(place.quote))), default=None)


def deploy_times(rows: Iterable[Evidence]) -> list[datetime]:
    """Starts of deployments that rows hold, with their zone, sorted."""
    texts = [str(one) for row in rows if isinstance(row.attrs.get("times"), list) for one in row.attrs["times"]]
    times = [datetime.fromisoformat(text) for text in texts]
    return sorted(at for at in set(times) if at.tzinfo)


def after_a_start(moment: datetime, starts: Sequence[datetime]) -> bool:
    """Whether a moment lies shortly after one of the starts, and these are rare enough for that to mean something."""
    if not starts:
        return False
    span = max((starts[-1] - starts[0]).total_seconds(), timedelta(days=1).total_seconds())
    rare = len(starts) * SHORTLY.total_seconds() <= COVERED * span
    return rare and any(timedelta(0) <= moment - start <= SHORTLY for start in starts)


def minutes_of(schedule: str) -> set[int]:
    """Minutes of the hour at which a schedule of five fields starts; empty when it is none."""
    fields = schedule.split()
    if len(fields) != 5:
        return set()
    minutes: set[int] = set()
    for part in fields[0].split(","):
        found = re.fullmatch(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?", part)
        if not found:
            return set()
        low = int(found[1] or 0)
        high = int(found[2]) if found[2] else low if found[1] and not found[3] else 59
        minutes |= set(range(low, min(high, 59) + 1, int(found[3] or 1) or 60))
    return minutes


def peak_minute(row: Evidence) -> int | None:
    """Minute of the hour of a row's peak, None when the file does not tell. Zones differ by whole hours mostly."""
    if at := row.attrs.get("peak_at"):
        return datetime.fromisoformat(str(at)).minute
    clock = _CLOCK.match(str(row.attrs.get("peak_clock", "")))
    return int(clock[2]) if clock else None
