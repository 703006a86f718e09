"""What must be fixed before each scenario comes.

`must_fix_of(...)` gives, smallest load first, for each scenario:

    {"scenario", "title": "Before …", "given", "verdict", "said",
     "first_limit": {"resource", "title", "multiple", "reached": words | None} | None,   # what breaks first
     "rows": [{"kind": "ticket" | "change", "ticket": id | None, "key", "title", "priority" | None, "severity" | None,
               "effort": {"low_days", "likely_days", "high_days"} | None, "impact": sentence,
               "relieves": [{"resource", "title", "used": share, "grade"}], "reason",
               "size": {"resource", "title", "change", "from", "to", "unit", "used_after"} | None}],
     "uncovered": [titles of resources at their limit that neither a ticket nor a change relieves],
     "effort": {"mean_days", "p80_days"}, "needs": [..]}

A ticket stands once, before the first scenario that needs it: when it relieves a resource that is stressed or over its
limit there, when it ends a loss or doubling of data, or (P0) whatever the load. Changes are sizes of the capacity model
(`scenarios[].better`), with their new use; nobody estimated their effort. Several of one resource are alternatives.
A change stands before every scenario that needs it, since scenarios do not follow one another as tickets do; a page
prints their sizes side by side.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.capacity.relief import relieving
from reviews.capacity.workdays import in_order, size_of
from reviews.report.figures import digits, figure, listed, percent, plural, safe_side
from tickets.estimates import total

Row = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]
SIZE = ("resource", "title", "change", "from", "to", "unit", "used_after")
PRESSED = ("over its limit", "stressed")


def must_fix_of(scenarios: Rows, breaking_points: Rows, tickets: Rows, findings: Rows) -> list[Row]:
    """A row for every scenario that is known; the shape stands in the module's docstring."""
    left = [row for row in in_order(tickets) if row.get("state") != "done"]
    rows, taken = [], set[str]()
    for scenario in sorted(scenarios, key=_size):
        if scenario["verdict"] == "not known":
            continue
        chosen = _tickets(scenario, [row for row in left if row["key"] not in taken], findings)
        taken |= {row["key"] for row in chosen}
        rows.append(_deadline(scenario, chosen, breaking_points, left, findings))
    return rows


def _size(scenario: Mapping[str, Any]) -> float:
    """Highest use of any resource: a scenario that asks for more comes later."""
    used = [_most(row) for row in scenario["rows"]]
    return max((share for share in used if share is not None), default=0.0)


def _most(row: Mapping[str, Any]) -> float | None:
    known = [share for share in (row["used_steady"], row["used_peak"]) if share is not None]
    return max(known, default=None)


def _pressed(scenario: Mapping[str, Any]) -> Rows:
    """Resources at or near their limit, the worst first."""
    rows = [row for row in scenario["rows"] if row["word"] in PRESSED]
    return sorted(rows, key=lambda row: -(_most(row) or 0.0))


def _tickets(scenario: Mapping[str, Any], left: Rows, findings: Rows) -> list[Row]:
    pressed, losses = _pressed(scenario), {row["finding"] for row in scenario.get("conditions", ())}
    helps = {row["resource"]: {t["key"] for t in relieving(row, left, findings)} for row in pressed}
    found = []
    for ticket in left:
        relieved = [row for row in pressed if ticket["key"] in helps[row["resource"]]]
        loses = bool(losses & set(ticket["findings"]))
        if relieved or loses or ticket["priority"] == "P0":
            found.append(_ticket_row(ticket, relieved, loses))
    return found


def _ticket_row(ticket: Mapping[str, Any], relieved: Rows, loses: bool) -> Row:
    reason = "loses or doubles data" if loses else "relieves what is short" if relieved else "P0 whatever the load"
    copied = ("key", "title", "priority", "severity")
    return {
        "kind": "ticket",
        "ticket": ticket["id"],
        **{name: ticket[name] for name in copied},
        "effort": {name: ticket[name] for name in ("low_days", "likely_days", "high_days")},
        "impact": _impact(ticket, relieved, loses),
        "relieves": [_relieved(row) for row in relieved],
        "reason": reason,
        "size": None,
    }


def _impact(ticket: Mapping[str, Any], relieved: Rows, loses: bool) -> str:
    parts = ["Ends a loss or doubling of data"] if loses else []
    if relieved:
        shown = [f"{row['title']} ({percent(_most(row) or 0.0)} of its capacity)" for row in relieved]
        parts.append(f"Relieves {listed(shown, 3)}")
    if not parts:
        closed = len(ticket["findings"])
        parts.append(f"Closes {plural(closed, 'finding')}" if closed else "Makes visible what others need")
    return "; ".join(parts) + "."


def _relieved(row: Mapping[str, Any]) -> Row:
    return {"resource": row["resource"], "title": row["title"], "used": _most(row), "grade": row["grade"]}


def _deadline(scenario: Mapping[str, Any], chosen: list[Row], points: Rows, left: Rows, findings: Rows) -> Row:
    pressed = _pressed(scenario)
    changes = [_change_row(change, scenario) for change in scenario["better"]]
    covered = {change["resource"] for change in scenario["better"]}
    covered |= {row["resource"] for row in pressed if relieving(row, left, findings)}
    sizes = total([size_of(row["effort"]) for row in chosen])
    return {
        "scenario": scenario["name"],
        "title": f"Before: {scenario['title']}" if scenario["name"] != "today" else "Now, at today's load",
        "given": scenario["given"],
        "verdict": scenario["verdict"],
        "said": _said(scenario, chosen, changes, pressed),
        "first_limit": _first_limit(scenario, points),
        "rows": [*chosen, *changes],
        "uncovered": [row["title"] for row in pressed if row["resource"] not in covered],
        "effort": {"mean_days": sizes.mean, "p80_days": sizes.p80},
        "needs": list(scenario["needs"]),
    }


def _change_row(change: Mapping[str, Any], scenario: Mapping[str, Any]) -> Row:
    """A size of the model that carries the scenario, or another way where no size does."""
    row = next(entry for entry in scenario["rows"] if entry["resource"] == change["resource"])
    return {
        "kind": "change",
        "ticket": None,
        "key": change["key"],
        "title": f"{change['title']}: {_sizes(change)}",
        "priority": None,
        "severity": None,
        "effort": None,
        "impact": _use_after(change, row),
        "relieves": [_relieved(row)],
        "reason": "carries this load",
        "size": None if change["to"] is None else {name: change[name] for name in SIZE},
    }


def _sizes(change: Mapping[str, Any]) -> str:
    if change["to"] is None:
        return str(change["what"])
    to = safe_side(change["from"], change["to"])
    return f"{change['change']} from {figure(change['from'], change['unit'])} to {figure(to, change['unit'])}"


def _use_after(change: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    now = percent(_most(row) or 0.0)
    if change["used_after"] is None:
        return f"At {now} of its capacity no size of its own helps."
    return f"Use falls from {now} to {percent(change['used_after'])} of its capacity."


def _first_limit(scenario: Mapping[str, Any], points: Rows) -> Row | None:
    first = next(iter(scenario["first_to_break"]), None)
    point = next((row for row in points if row["resource"] == first), None)
    if point is None:
        return None
    when = point.get("reached") or {}
    return {
        "resource": point["resource"],
        "title": point["title"],
        "multiple": point["multiple"],
        "reached": when.get("words"),
    }


def _said(scenario: Mapping[str, Any], chosen: Rows, changes: Rows, pressed: Rows) -> str:
    verdict = f"{scenario['title']}: {scenario['verdict']}"
    if not chosen and not changes:
        return f"{verdict}. Nothing more must be fixed for it."
    parts = [plural(len(chosen), "ticket")] if chosen else []
    parts += [plural(len(changes), "change") + " of size"] if changes else []
    short = [f"{row['title']} at {digits(round(100 * (_most(row) or 0.0)))} %" for row in pressed]
    when = "now" if scenario["name"] == "today" else "before it"
    return f"{verdict}; {' and '.join(parts)} {when}" + (f", for {listed(short, 3)}." if short else ".")
