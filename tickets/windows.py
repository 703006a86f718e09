"""The plan as the five windows people read: Day 1, Day 2, Day 3, Handoff, Backlog."""

from collections.abc import Mapping
from typing import Any

from tickets.plan import HALF_DAY, Booking, Kind, Plan, Work

Machine = dict[str, Any]
HANDOFF, BACKLOG = 4, 5
WINDOWS = {
    1: ("Day 1", "Map what carries the business"),
    2: ("Day 2", "Make it visible"),
    3: ("Day 3", "Ship the first fixes"),
    HANDOFF: ("Handoff", "Hand over what comes next"),
    BACKLOG: ("Backlog", "What does not fit into 72 hours"),
}


def windows_of(plan: Plan, tickets: Mapping[str, str]) -> list[Machine]:
    """The five windows with their entries. `tickets` maps a work's id to its ticket's id.

    The handoff is done on Day 3: its hours count there, in `hours` of Day 3, and are listed in the window Handoff.
    """
    entries = entries_of(plan, tickets)
    return [
        {
            "day": day,
            "name": name,
            "title": title,
            "capacity": plan.capacity if day <= 3 else None,
            "hours": round(plan.hours_on(day), 2) if day <= 3 else _hours(entries, day),
            "entries": [entry for entry in entries if entry["day"] == day],
        }
        for day, (name, title) in WINDOWS.items()
    ]


def entries_of(plan: Plan, tickets: Mapping[str, str]) -> list[Machine]:
    """One entry for each day a work touches, and one for each work that waits."""
    booked = [_booked(booking, tickets) for booking in plan.bookings]
    booked.sort(key=lambda entry: entry["day"])
    return booked + [_waiting(work, tickets) for work in plan.backlog]


def _booked(booking: Booking, tickets: Mapping[str, str]) -> Machine:
    work = booking.work
    return _entry(work, tickets) | {
        "key": f"{work.id}@{booking.day}" if booking.continued else work.id,
        "day": HANDOFF if work.kind is Kind.HANDOFF else booking.day,
        "hours": round(booking.hours, 2),
        "engineer": booking.engineer,
        "start": round(booking.start, 2),
        "half": "morning" if booking.start < HALF_DAY else "afternoon",
        "continued": booking.continued,
    }


def _waiting(work: Work, tickets: Mapping[str, str]) -> Machine:
    return _entry(work, tickets) | {
        "key": work.id,
        "day": BACKLOG,
        "hours": round(work.hours.likely, 2),
        "engineer": None,
        "start": None,
        "half": None,
        "continued": False,
    }


def _entry(work: Work, tickets: Mapping[str, str]) -> Machine:
    return {
        "title": work.title,
        "detail": work.detail,
        "kind": work.kind.value,
        "role": work.role,
        "ticket": tickets.get(work.id),
        "findings": list(work.findings),
        "finding": work.findings[0] if work.findings and work.kind is Kind.FIX else None,
        "needs": list(work.needs),
    }


def _hours(entries: list[Machine], day: int) -> float:
    return round(sum(float(entry["hours"]) for entry in entries if entry["day"] == day), 2)
