"""The roadmap: which ticket is done in two weeks, in the first month, in the first quarter, later; the critical path.

    {"said", "engineers": int, "grade": "stated" | "assumed", "assumes": sentence, "ends_day": working day | None,
     "windows": [{"slug", "title", "from_day", "to_day" | None, "capacity_days" | None, "effort_days",
                  "tickets": [{"ticket": id, "key", "title", "priority", "severity", "area", "role", "days", "low_days",
                               "likely_days", "high_days", "starts_day", "ends_day", "engineer", "needs": [ids],
                               "critical": bool}]}],
     "critical_path": {"days", "said", "tickets": [ids in order]},
     "effort": {"mean_days", "p50_days", "p80_days"}, "needs": [..]}

Days are working days from the start, 0 is its first morning; a ticket stands in the window in which it ends. Tickets
that are done are left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.capacity.workdays import Placed, days_of, in_order, longest_chain, schedule, size_of
from reviews.report.figures import digits, plural
from tickets.estimates import total

Row = dict[str, Any]
TINY = 1e-9
# slug, title, last working day: weeks of five days, a month of four weeks, a quarter of twelve
WINDOWS: tuple[tuple[str, str, float | None], ...] = (
    ("weeks-1-2", "Weeks 1 and 2", 10.0),
    ("month-1", "Month 1", 20.0),
    ("quarter-1", "Quarter 1", 60.0),
    ("later", "Later", None),
)
# A plan must not promise hours nobody has. Until the intake says how many work on it, one person does.
ASSUMED_ENGINEERS = 1
ASSUMES = "Engineers work on this full time; each ticket takes its expected days and one person."


def roadmap_of(tickets: Sequence[Mapping[str, Any]], stated: int | None) -> Row:
    """The windows with their tickets; `stated` engineers, None when nobody said how many there are."""
    engineers = ASSUMED_ENGINEERS if stated is None else stated
    left = [row for row in tickets if row.get("state") != "done"]
    plan = schedule(left, engineers)
    chain = longest_chain(left)
    codes = {row["key"]: row["id"] for row in tickets}
    critical = {row["key"] for row in chain} if len(chain) > 1 else set()
    waiting = [] if plan else in_order(left)
    ends = max((entry.ends for entry in plan), default=None)
    size = total([size_of(row) for row in left])
    return {
        "said": _said(plan, left, engineers),
        "engineers": engineers,
        "grade": "assumed" if stated is None else "stated",
        "assumes": ASSUMES,
        "ends_day": ends,
        "windows": _windows(plan, waiting, engineers, codes, critical),
        "critical_path": _critical(chain),
        "effort": {"mean_days": size.mean, "p50_days": size.p50, "p80_days": size.p80},
        "needs": ["engineers in the intake"] if stated is None else [],
    }


def window_of(ends: float) -> str:
    """Slug of the window in which a day lies; its last day belongs to it."""
    return next(slug for slug, _, last in WINDOWS if last is None or ends <= last + TINY)


def _windows(
    plan: Sequence[Placed],
    waiting: Sequence[Mapping[str, Any]],
    engineers: int,
    codes: Mapping[str, str],
    critical: set[str],
) -> list[Row]:
    rows, begin = [], 0.0
    for slug, title, last in WINDOWS:
        inside = [entry for entry in plan if window_of(entry.ends) == slug]
        tickets = [_ticket(entry, codes, critical) for entry in sorted(inside, key=lambda entry: entry.starts)]
        if last is None:
            tickets += [_unplaced(row, codes, critical) for row in waiting]
        rows.append(
            {
                "slug": slug,
                "title": title,
                "from_day": begin,
                "to_day": last,
                "capacity_days": None if last is None else engineers * (last - begin),
                "effort_days": sum(row["days"] for row in tickets),
                "tickets": tickets,
            }
        )
        begin = last or begin
    return rows


def _ticket(entry: Placed, codes: Mapping[str, str], critical: set[str]) -> Row:
    placed = {"starts_day": entry.starts, "ends_day": entry.ends, "engineer": entry.engineer}
    return _unplaced(entry.ticket, codes, critical) | placed


def _unplaced(ticket: Mapping[str, Any], codes: Mapping[str, str], critical: set[str]) -> Row:
    copied = ("key", "title", "priority", "severity", "area", "role", "low_days", "likely_days", "high_days")
    nowhere: Row = dict.fromkeys(("starts_day", "ends_day", "engineer"))
    return nowhere | {
        "ticket": ticket["id"],
        **{name: ticket[name] for name in copied},
        "days": days_of(ticket),
        "needs": [codes[need] for need in ticket["needs"] if need in codes],
        "critical": ticket["key"] in critical,
    }


def _critical(chain: Sequence[Mapping[str, Any]]) -> Row:
    days = sum(days_of(row) for row in chain)
    titles = ", then ".join(row["title"] for row in chain)
    if len(chain) > 1:
        said = f"{titles}: {_days(days)} in a row, whatever the size of the team."
    elif chain:
        said = f"No ticket waits for another; the longest takes {_days(days)}. The order is by priority."
    else:
        said = "There are no tickets."
    return {"days": days, "said": said, "tickets": [row["id"] for row in chain]}


def _said(plan: Sequence[Placed], left: Sequence[Mapping[str, Any]], engineers: int) -> str:
    if not left:
        return "There is nothing to do: no ticket is open."
    if not plan:
        return f"{plural(len(left), 'ticket')}, and nobody to work on them: nothing is placed."
    ends = max(entry.ends for entry in plan)
    soon = [entry for entry in plan if window_of(entry.ends) == WINDOWS[0][0]]
    urgent = [entry for entry in plan if entry.ticket["priority"] == "P0"]
    late = len(urgent) - sum(entry.ticket["priority"] == "P0" for entry in soon)
    words = f"{len(soon)} of {plural(len(left), 'ticket')} are done in two weeks with {plural(engineers, 'engineer')}"
    more = f"; {late} of {len(urgent)} P0 come later" if late else ""
    return f"{words}, all after {_days(ends)} of work{more}."


def _days(days: float) -> str:
    shown = digits(round(days, 1))
    return f"{shown} working {'day' if shown == '1' else 'days'}"
