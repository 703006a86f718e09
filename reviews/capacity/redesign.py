"""What to redesign now, at the next phase, at the one after, and what never to touch.

    {"now": {"title", "rows": [row]}, "next_phase": {..}, "phase_after": {..}, "never": {..}}
    row of the first three: {"kind": "ticket" | "technology", "ref": ticket id | slug, "what", "why",
                             "until": words | "", "verdict": word | priority, "grade"}
    row of never: {"check", "what", "why", "grade": "stated", "status": "proposed"}

Now: technologies that are needed now, and P0 tickets whose mechanism is in the structure. The next phase: technologies
to consider, structural P1, and what published strategies place there, with why it waits. Never: designs that the client
says are there and no finding denies, proposed by the review; a consultant confirms them. That rules found nothing is no
reason to leave a design alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.capacity.choices.verdict import CONSIDER, NEEDED, NOT_YET, SKIP
from reviews.capacity.phases import current_phase
from reviews.report.figures import figure

Row = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]
# What is wrong in the way the parts are put together, not in one query or setting.
STRUCTURAL = frozenset(
    {
        "single-point-of-failure",
        "work-in-request",
        "reporting-on-primary",
        "missing-idempotency",
        "duplicate-delivery",
        "double-counting",
        "no-dead-letter",
        "no-rate-limit",
        "mixed-namespaces",
        "eviction-of-durable-keys",
        "missing-tenant-filter",
        "overlapping-schedule",
        "pool-exhaustion",
        "connection-churn",
        "no-rollback",
        "missing-gates",
        "table-growth",
    }
)
# Controls, which say how something is built, not how much room is left: what holds here should stay.
FREEZABLE = frozenset(
    {
        "database.constraints",
        "worker.async",
        "worker.dead-letter",
        "worker.durable",
        "horizontal.stateless",
        "horizontal.sessions",
        "horizontal.files",
        "tenancy.filter",
        "tenancy.identity",
        "tenancy.database-guard",
        "integrity.idempotency",
        "integrity.duplicates",
        "integrity.unique-payment",
        "integrity.signed",
        "integrity.buffered",
        "integrity.append-only",
        "security.rate-limit",
        "security.injection",
        "security.input",
        "security.rotation",
        "release.rollback",
        "release.gates",
        "release.migrations",
    }
)
WINDOWS = ("now", "next_phase", "phase_after")
WHEN_OF_PRIORITY = {"P0": 0, "P1": 1, "P2": 2}


def redesign_of(technologies: Rows, tickets: Rows, phases: Rows, scorecard: Mapping[str, Any]) -> Row:
    """The four lists; the shape stands in the module's docstring. `technologies` are rows of the right-sizing."""
    current = current_phase([dict(row) for row in phases])
    placed: list[list[Row]] = [[], [], []]
    for ticket in tickets:
        if ticket["mechanism"] in STRUCTURAL and ticket["kind"] == "fix" and ticket.get("state") != "done":
            placed[WHEN_OF_PRIORITY[ticket["priority"]]].append(_ticket(ticket))
    for technology in technologies:
        when = _when(technology, current)
        if when is not None:
            placed[when].append(_technology(technology))
    titles = _titles(phases, current)
    lists = {window: {"title": titles[n], "rows": placed[n]} for n, window in enumerate(WINDOWS)}
    return lists | {"never": {"title": "Never: leave these as they are", "rows": _never(scorecard)}}


def _when(technology: Mapping[str, Any], current: int | None) -> int | None:
    """The window of a technology; None when it is further away than two phases, there already, or not known."""
    word = technology["verdict"]
    if word == NEEDED:
        return 0
    if word == CONSIDER or (word == NOT_YET and technology["repairs"]):
        return 1
    if word not in (NOT_YET, SKIP) or current is None:
        return None
    ahead = int(technology["phase"]) - current
    if word == NOT_YET:
        return min(max(ahead, 1), 2)
    return ahead if ahead in (1, 2) else None


def _technology(row: Mapping[str, Any]) -> Row:
    word = row["verdict"]
    why = row["reason"] if word in (NEEDED, CONSIDER, NOT_YET) else row["why"]
    until = "" if word == NEEDED else row["skip_until"]
    shown = {"kind": "technology", "ref": row["slug"], "what": row["title"], "why": why, "until": until}
    return shown | {"verdict": word, "grade": row["grade"]}


def _ticket(row: Mapping[str, Any]) -> Row:
    closed = ", ".join(row["subjects"][:3])
    why = f"{row['severity']} severity: {closed}." if row["severity"] else f"{closed}."
    shown = {"kind": "ticket", "ref": row["id"], "what": row["title"], "why": why[:1].upper() + why[1:], "until": ""}
    return shown | {"verdict": row["priority"], "grade": "measured"}


def _titles(phases: Rows, current: int | None) -> tuple[str, str, str]:
    ahead = [row for row in phases if current is not None and row["n"] > current]
    names = [f"At {row['name'].lower()}, from {figure(row['from'], row['unit'])} {_unit(row)}" for row in ahead[:2]]
    names += ["Later", "Later still"][len(names) :] if len(names) < 2 else []
    return "Now", names[0], names[1]


def _unit(row: Mapping[str, Any]) -> str:
    driver: str = row["driver"]
    return driver[:1].lower() + driver[1:]


def _never(scorecard: Mapping[str, Any]) -> list[Row]:
    checks = [row for dimension in scorecard["dimensions"] for row in dimension["checks"]]
    return [
        {
            "check": row["check"],
            "what": row["text"],
            "why": row["said"],
            "grade": row["grade"],
            "status": "proposed",
        }
        for row in checks
        if row["check"] in FREEZABLE and row["state"] == "yes"
    ]
