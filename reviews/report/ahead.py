"""What must be fixed before each scenario, what to redesign now, later and never, and the work by weeks and months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import days, digits, figure, percent, safe_side
from reviews.report.pictures.shapes import Table

Rows = Sequence[Mapping[str, Any]]
PERIODS = ("now", "next_phase", "phase_after", "never")


def must_fix_view(capacity: Mapping[str, Any]) -> dict[str, Any] | None:
    """A list for each scenario that is known, smallest load first, then one table of all sizes; None without any."""
    deadlines = [row for row in words.rows(capacity.get("must_fix")) if row.get("rows") or row.get("said")]
    if not deadlines:
        return None
    urgent = next((row for row in deadlines if words.rows(row.get("rows"))), deadlines[0])
    told: set[str] = set()
    return {
        "conclusion": f"{words.text(urgent.get('title'), 80)}: {words.text(urgent.get('said'), 300)}",
        "lists": [
            {
                "title": words.text(row.get("title"), 80),
                "said": words.text(row.get("said"), 300),
                "table": _deadline(words.rows(row.get("rows")), told),
                "uncovered": words.texts(row.get("uncovered"), 80),
            }
            for row in deadlines
        ],
        "sizes": _sizes(deadlines),
        "used": _used(deadlines),
    }


def _deadline(rows: Rows, told: set[str]) -> Table:
    """Tickets, and ways that have no size, before the first load that needs them; sizes have a table of their own."""
    rows = [row for row in rows if not row.get("size") and words.text(row.get("title"), 160) not in told]
    told |= {words.text(row.get("title"), 160) for row in rows}
    cells = tuple(
        (words.text(r.get("priority"), 4) or "Also", _titled(r), _effort(r.get("effort")),
         words.text(r.get("impact"), 200), words.text(r.get("reason"), 200)) for r in rows
    )  # fmt: skip
    return Table(("", "What", "Effort", "Impact", "Why before then"), cells)


def _sizes(deadlines: Rows) -> Table:
    """A row for each change, its size today, and under each load the size that carries it."""
    found = [[words.mapping(row.get("size")) for row in words.rows(entry.get("rows"))] for entry in deadlines]
    columns = [n for n, sizes in enumerate(found) if any(sizes)]
    changes: dict[str, dict[int, str]] = {}
    for n in columns:
        for size in filter(None, found[n]):
            cells = changes.setdefault(_change(size), {TODAY: _sized(size, size.get("from"))})
            cells[n] = _sized(size, size.get("to"))
    heads = [_load(deadlines[n]) for n in columns]
    rows = tuple((name, *(cells.get(n, "as today") for n in (TODAY, *columns))) for name, cells in changes.items())
    return Table(("What", "Size today", *heads), rows, frozenset(range(1, len(columns) + 2)))


TODAY = -1  # the column before all loads
SCALED = ("bytes", "share")  # units that a figure prints in steps of its own


def _load(deadline: Mapping[str, Any]) -> str:
    today = deadline.get("scenario") == "today"
    return "Today" if today else words.text(deadline.get("title"), 80).removeprefix("Before: ")


def _change(size: Mapping[str, Any]) -> str:
    """With its unit, which no cell repeats; bytes are scaled in each."""
    unit = words.text(size.get("unit"), 40)
    said = "" if unit in ("", "1", *SCALED) else f", {unit}"
    return f"{words.text(size.get('title'), 80)}: {words.text(size.get('change'), 40)}{said}"


def _sized(size: Mapping[str, Any], value: object) -> str:
    now, to = words.number(size.get("from")), words.number(value)
    unit = size.get("unit") if size.get("unit") in SCALED else ""
    return str(figure(None if now is None or to is None else safe_side(now, to), unit))


def _used(deadlines: Rows) -> str:
    """How full each part is at most with these sizes."""
    sizes = [words.mapping(row.get("size")) for entry in deadlines for row in words.rows(entry.get("rows"))]
    used = [share for size in sizes if (share := words.number(size.get("used_after"))) is not None]
    return percent(max(used)) if used else ""


def _titled(row: Mapping[str, Any]) -> str:
    ticket = words.text(row.get("ticket"), 20)
    title = words.text(row.get("title"), 160)
    return f"{title} ({ticket})" if ticket else title


def _effort(effort: object) -> str:
    size = words.mapping(effort)
    return days(size.get("low_days"), size.get("high_days")) or "not estimated"


def redesign_view(capacity: Mapping[str, Any]) -> dict[str, Any] | None:
    """Four lists: now, the next phase, the one after, never; None when all of them are empty."""
    redesign = words.mapping(capacity.get("redesign"))
    periods = {name: words.mapping(redesign.get(name)) for name in PERIODS}
    lists: list[dict[str, Any]] = [
        {
            "title": words.text(period.get("title"), 80) or name.replace("_", " ").capitalize(),
            "table": _redesign(words.rows(period.get("rows")), never=name == "never"),
        }
        for name, period in periods.items()
    ]
    if not any(entry["table"].rows for entry in lists):
        return None
    now = [words.text(row.get("what"), 80) for row in words.rows(periods["now"].get("rows"))]
    return {
        "conclusion": f"Now: {_first(now)}." if now else "Nothing has to be redesigned now.",
        "lists": [entry for entry in lists if entry["table"].rows],
    }


def _first(titles: Sequence[str]) -> str:
    """The first three, each a sentence of its own."""
    more = f"; and {len(titles) - 3} more" if len(titles) > 3 else ""
    return "; ".join(titles[:3]) + more


def _redesign(rows: Rows, *, never: bool) -> Table:
    """Until when it waits is a column where something waits."""
    last, heading = ("status", "Standing") if never else ("until", "Waits until")
    named = [("what", "What", 160), ("why", "Why", 240)]
    named += [(last, heading, 120)] if any(words.text(row.get(last), 120) for row in rows) else []
    cells = tuple(tuple(words.text(row.get(name), length) for name, _, length in named) for row in rows)
    return Table(tuple(title for _, title, _ in named), cells)


def roadmap_view(capacity: Mapping[str, Any]) -> dict[str, Any] | None:
    """Tickets by the window they end in, and the critical path; None when no ticket is planned."""
    roadmap = words.mapping(capacity.get("roadmap"))
    windows = [_window(row) for row in words.rows(roadmap.get("windows"))]
    if not any(window["table"].rows for window in windows):
        return None
    return {
        "conclusion": words.text(roadmap.get("said"), 400),
        "assumes": words.text(roadmap.get("assumes"), 300),
        "windows": [window for window in windows if window["table"].rows],
        "path": words.text(words.mapping(roadmap.get("critical_path")).get("said"), 300),
    }


def _window(window: Mapping[str, Any]) -> dict[str, Any]:
    effort, room = words.number(window.get("effort_days")), words.number(window.get("capacity_days"))
    of = f" of {digits(room)}" if room else ""
    return {
        "title": words.text(window.get("title"), 40),
        "effort": f"{digits(round(effort, 1))}{of} engineer-days" if effort else "",
        "table": _planned(words.rows(window.get("tickets"))),
    }


def _planned(tickets: Rows) -> Table:
    """What a ticket waits for is a column where one waits."""
    waits = [", ".join(words.texts(row.get("needs"), 20)) for row in tickets]
    if not any(waits):
        return Table(("", "Ticket", "Days", "Ends on day"), tuple(map(_ticket, tickets)), frozenset({2, 3}))
    rows = ((*cells[:3], waited, cells[3]) for waited, cells in zip(waits, map(_ticket, tickets), strict=True))
    return Table(("", "Ticket", "Days", "Waits for", "Ends on day"), tuple(rows), frozenset({2, 4}))


def _ticket(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    size, ends = words.number(row.get("days")), words.number(row.get("ends_day"))
    mark = ", critical path" if row.get("critical") is True else ""
    return (
        words.text(row.get("priority"), 4),
        f"{_titled(row)}{mark}",
        "" if size is None else digits(round(size, 1)),
        "" if ends is None else digits(round(ends, 1)),
    )
