"""Tickets as CSV for trackers and spreadsheets."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

COLUMNS = (
    "id",
    "priority",
    "title",
    "area",
    "role",
    "low_days",
    "likely_days",
    "high_days",
    "window",
    "first_slice",
    "first_slice_hours",
    "findings",
    "steps",
    "verify",
    "rollback",
)
# A spreadsheet runs a cell that begins with one of these (OWASP, CSV injection), in East Asian versions also when it is
# typed full-width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def tickets_csv(tickets: Iterable[Mapping[str, Any]]) -> str:
    """One line for each ticket under a heading; text that a spreadsheet would run gets a quote in front."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for ticket in tickets:
        row = _row(ticket)
        writer.writerow([safe_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def safe_cell(value: object) -> object:
    """A number as it is; text so that no spreadsheet takes it for a formula."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return "" if value is None else value
    text = str(value)
    return "'" + text if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def _row(ticket: Mapping[str, Any]) -> dict[str, Any]:
    first = ticket.get("first_slice") or {}
    day = ticket.get("day")
    return dict(ticket) | {
        "role": ticket.get("role", ""),
        "window": f"Day {day}" if day else "Backlog",
        "first_slice": first.get("title"),
        "first_slice_hours": first.get("hours"),
        "findings": " ".join(ticket["findings"]),
        "steps": " ".join(ticket.get("steps") or ()),
    }
