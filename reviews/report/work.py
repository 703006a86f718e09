"""What to do, as the report prints it: three days, handoff, backlog and tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import charts, words
from reviews.report.figures import days, digits, figure


def plan_view(plan: object, ranked: Sequence[Mapping[str, Any]], accent: str) -> dict[str, Any]:
    """Three days, handoff and backlog; entries that fix a finding link to it. A bare list counts as the days."""
    plan = _sorted_out(plan) if isinstance(plan, list) else words.mapping(plan)
    by_id = {f["id"]: f for f in ranked}
    days_of = [_day(day, by_id) for day in words.rows(plan.get("days"))]
    hours, capacity = (sum(day[key] or 0 for day in days_of) for key in ("hours", "capacity"))
    return {
        "days": days_of,
        "hours": digits(hours),
        "capacity": digits(capacity),
        "gantt": charts.plan_gantt(days_of, "plan", accent=accent) if any(day["entries"] for day in days_of) else "",
        "handoff": [_line(row, by_id) for row in words.entries(plan.get("handoff"))],
        "backlog": [_line(row, by_id) for row in words.entries(plan.get("backlog"))],
    }


def _sorted_out(parts: list[Any]) -> dict[str, Any]:
    """A plan given as one list: its days, and the entries of what is named handoff and backlog."""
    named = {
        name: part for part in words.rows(parts) if (name := str(part.get("name")).lower()) in ("handoff", "backlog")
    }
    return {
        "days": [part for part in words.rows(parts) if part not in named.values()],
        **{name: part.get("entries") for name, part in named.items()},
    }


def _day(day: Mapping[str, Any], by_id: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": words.text(day.get("name"), 40),
        "title": words.text(day.get("title"), 120),
        "hours": words.number(day.get("hours")),
        "capacity": words.number(day.get("capacity")),
        "entries": [_line(row, by_id) for row in words.rows(day.get("entries"))],
    }


def _line(row: object, by_id: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the plan, given as text or as a mapping."""
    fields = words.mapping(row) or {"title": row}
    hours = words.number(fields.get("hours"))
    return {
        "title": words.text(fields.get("title"), 200),
        "hours": hours,
        "figure": figure(hours, "h") if hours else None,
        "kind": words.text(fields.get("kind"), 40),
        "detail": words.text(fields.get("detail"), 260),
        "finding": by_id.get(words.text(fields.get("finding"), 80)),
    }


def tickets_view(tickets: object, ranked: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tickets in the order given, with their findings as links and the estimate in words."""
    by_id = {f["id"]: f for f in ranked}
    return [
        {
            "id": words.text(row.get("id"), 40),
            "priority": words.text(row.get("priority"), 8),
            "title": words.text(row.get("title"), 240),
            "estimate": days(row.get("low_days"), row.get("high_days")),
            "findings": [by_id[i] for i in words.texts(row.get("findings"), 80) if i in by_id],
        }
        for row in words.rows(tickets)
    ]


def effort_view(effort: Mapping[str, Any]) -> dict[str, str]:
    """All tickets together in engineer-days: the middle and the size that four chances in five stay under."""
    known = {name: words.number(effort.get(f"{name}_days")) for name in ("mean", "p80")}
    return {name: digits(round(value)) for name, value in known.items() if value}
