"""The first 72 hours: what is mapped, made visible, fixed and handed over, within the hours the engineers have.

A serial schedule: works are placed one after the other, the most valuable first, at the earliest time that their needs
and a free engineer allow. Time is counted in working hours, eight a day. The map takes the first half-day of one
engineer and the handoff the last one; visibility belongs to Day 2, first slices of fixes to Day 2 and Day 3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tickets.estimates import Estimate

DAY_HOURS = 8.0
HALF_DAY = 4.0
DAYS = 3
END = DAYS * DAY_HOURS
TINY = 1e-9  # working hours are sums of floats


class Kind(StrEnum):
    """What a piece of work is for."""

    MAP = "map"
    VISIBILITY = "visibility"
    FIX = "fix"
    HANDOFF = "handoff"


# (earliest start, latest end) of a kind that is placed by the schedule
WINDOWS = {Kind.VISIBILITY: (DAY_HOURS, 2 * DAY_HOURS), Kind.FIX: (DAY_HOURS, END)}
ORDER = (Kind.VISIBILITY, Kind.FIX)


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work, at most its first slice. `hours` are engineer-hours of one person.

    `needs` are ids of works that must have ended before. `gain` is the risk removed per engineer-day.
    """

    id: str
    title: str
    hours: Estimate
    kind: Kind
    needs: tuple[str, ...] = ()
    gain: float = 0.0
    role: str = ""
    urgency: int = 0  # 0 comes first: the number of the ticket's priority
    findings: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Booking:
    """Hours of one engineer (from 1) on one day (from 1); `start` counts from the beginning of the day."""

    work: Work
    day: int
    engineer: int
    start: float
    hours: float
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens on which day, and what does not fit. `capacity` is the team's hours a day."""

    engineers: int
    bookings: tuple[Booking, ...]
    backlog: tuple[Work, ...]

    @property
    def capacity(self) -> float:
        """Hours the team has on each day."""
        return self.engineers * DAY_HOURS

    def hours_on(self, day: int) -> float:
        """Hours booked on a day."""
        return sum(booking.hours for booking in self.bookings if booking.day == day)

    def value(self) -> tuple[int, float]:
        """What a plan is compared by: works that fit, then the risk they remove."""
        works = {booking.work.id: booking.work for booking in self.bookings}
        return len(works), sum(work.gain for work in works.values())


def make_plan(works: Sequence[Work], engineers: int) -> Plan:
    """The best schedule that this many engineers can keep.

    A serial schedule may get worse with one person more (Graham 1969), and a plan for fewer people can always be kept
    by more, so every smaller team is tried as well.
    """
    if len({work.id for work in works}) != len(works):
        raise ValueError("Two works have the same id")
    sizes = range(min(engineers, len(works) + 1), 0, -1)
    plans = [_schedule(works, size) for size in sizes]
    best = max(plans, key=Plan.value, default=Plan(0, (), tuple(_queue(works, ORDER))))
    return Plan(engineers, best.bookings, best.backlog)


def _schedule(works: Sequence[Work], engineers: int) -> Plan:
    team = _Team(engineers)
    bookings = _block(works, Kind.MAP, 0.0, team)
    ends: dict[str, float] = {work.id: HALF_DAY for work in works if work.kind is Kind.MAP}
    backlog: list[Work] = []
    for work in _queue(works, ORDER):
        placed = team.place(work, _ready(work, ends))
        if placed is None:
            backlog.append(work)
            continue
        engineer, start = placed
        ends[work.id] = start + work.hours.likely
        bookings += _split(work, engineer, start, work.hours.likely)
    bookings += _block(works, Kind.HANDOFF, END - HALF_DAY, team)
    bookings.sort(key=lambda booking: (booking.day, booking.start, booking.engineer, booking.work.id))
    return Plan(engineers, tuple(bookings), tuple(backlog))


def _queue(works: Sequence[Work], kinds: Sequence[Kind]) -> list[Work]:
    """Urgency, kind, gain, id; a work always after what it needs."""
    chosen = [work for work in works if work.kind in kinds]
    chosen.sort(key=lambda work: (work.urgency, kinds.index(work.kind), -work.gain, work.id))
    known = {work.id: work for work in chosen}
    placed: dict[str, Work] = {}

    def place(work: Work, path: frozenset[str]) -> None:
        if work.id in path:
            raise ValueError(f"{work.id} needs itself")
        for need in sorted(work.needs):
            if need in known and need not in placed:
                place(known[need], path | {work.id})
        placed.setdefault(work.id, work)

    for work in chosen:
        place(work, frozenset())
    return list(placed.values())


def _ready(work: Work, ends: Mapping[str, float]) -> float | None:
    """When everything it needs has ended; None when something it needs is not in the plan."""
    if any(need not in ends for need in work.needs):
        return None
    return max((ends[need] for need in work.needs), default=0.0)


class _Team:
    """Who is busy when. The last half-day of one engineer is kept for the handoff."""

    def __init__(self, engineers: int) -> None:
        self.busy: list[list[tuple[float, float]]] = [[] for _ in range(engineers)]

    def free(self, engineer: int, start: float, end: float) -> bool:
        return all(end <= begin + TINY or start >= stop - TINY for begin, stop in self.busy[engineer])

    def book(self, engineer: int, start: float, end: float) -> None:
        self.busy[engineer].append((start, end))

    def place(self, work: Work, ready: float | None) -> tuple[int, float] | None:
        """Book the earliest engineer and start; None when it does not fit."""
        if ready is None:
            return None
        hours = work.hours.likely
        earliest, latest = WINDOWS[work.kind]
        for start in self._starts(max(earliest, ready)):
            end = start + hours
            if end > latest + TINY or (hours <= DAY_HOURS and _day(start) != _day(end - 2 * TINY)):
                continue
            for engineer in range(len(self.busy)):
                if self.free(engineer, start, end) and self._handoff_stays_free(engineer, end):
                    self.book(engineer, start, end)
                    return engineer, start
        return None

    def _starts(self, earliest: float) -> list[float]:
        """Times at which something can begin: as early as allowed, a day's begin, or when somebody gets free."""
        ends = (end for spans in self.busy for _, end in spans)
        mornings = (day * DAY_HOURS for day in range(DAYS))
        return sorted({earliest, *(time for time in (*ends, *mornings) if time > earliest)})

    def _handoff_stays_free(self, engineer: int, end: float) -> bool:
        if end <= END - HALF_DAY + TINY:
            return True
        others = (other for other in range(len(self.busy)) if other != engineer)
        return any(self.free(other, END - HALF_DAY, END) for other in others)


def _block(works: Sequence[Work], kind: Kind, start: float, team: _Team) -> list[Booking]:
    """Works of a kind one after the other within one engineer's half-day, shortened alike when they are longer."""
    chosen = sorted((work for work in works if work.kind is kind), key=lambda work: work.id)
    planned = sum(work.hours.likely for work in chosen)
    scale = min(1.0, HALF_DAY / planned) if planned else 1.0
    engineer = next(one for one in range(len(team.busy)) if team.free(one, start, start + HALF_DAY))
    bookings = []
    for work in chosen:
        hours = work.hours.likely * scale
        bookings.append(Booking(work, _day(start), engineer + 1, start - DAY_HOURS * (_day(start) - 1), hours))
        start += hours
    if chosen:
        team.book(engineer, start - planned * scale, start)
    return bookings


def _split(work: Work, engineer: int, start: float, hours: float) -> list[Booking]:
    """A booking for each day the work touches."""
    parts: list[Booking] = []
    while hours > TINY:
        day = _day(start)
        part = min(hours, day * DAY_HOURS - start)
        parts.append(Booking(work, day, engineer + 1, start - (day - 1) * DAY_HOURS, part, bool(parts)))
        start, hours = start + part, hours - part
    return parts


def _day(time: float) -> int:
    """Day 1 to 3 of a working hour."""
    return min(DAYS, int((time + TINY) // DAY_HOURS) + 1)
