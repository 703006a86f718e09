"""What to redesign now, at the next phase, at the one after, and what never to touch.

    {"now": {"title", "rows": [row]}, "next_phase": {..}, "phase_after": {..}, "never": {..}}
    row of the first three: {"kind": "ticket" | "check" | "technology", "ref": ticket id | check id | slug, "what",
                             "why", "until": words | "", "verdict": word | priority | state, "grade"}
    row of never: {"check", "what", "why", "grade": "stated", "status": "proposed"}

Now: technologies that are needed now, P0 tickets whose mechanism is in the structure, and what is not there although
its failure stops users or loses money or data. The next phase: technologies to consider, structural P1, what is not
there and limits growth, and what published strategies place there, with why it waits. What is partly there waits one
phase longer; a ticket stands where its priority or the check that it mends puts it, whichever comes first. Never:
designs that the client says are there and no finding denies, proposed by the review; a consultant confirms them. That
rules found nothing is no reason to leave a design alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.capacity.choices.verdict import CONSIDER, NEEDED, NOT_YET, SKIP
from reviews.capacity.phases import current_phase
from reviews.capacity.readiness.answers import NO, PARTLY, YES
from reviews.capacity.readiness.base import KEEPS, LIMITS, STOPS
from reviews.report.figures import figure, lowered

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
# Controls on how something is built, not on how much room is left: what is there should stay, what lacks be built.
# Whether a part gets a machine of its own is for the triggers of the phases to say.
BUILT = frozenset(
    {
        "database.growth",
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
WHEN_OF_WEIGHT = {STOPS: 0, LIMITS: 1, KEEPS: 2}
LAST = 2
LACKS = {
    STOPS: "its failure stops users, or loses money or data",
    LIMITS: "it limits growth",
    KEEPS: "it keeps a bad day short",
}


def redesign_of(technologies: Rows, tickets: Rows, phases: Rows, scorecard: Mapping[str, Any]) -> Row:
    """The four lists; the shape stands in the module's docstring. `technologies` are rows of the right-sizing."""
    current = current_phase([dict(row) for row in phases])
    checks = [row for dimension in scorecard["dimensions"] for row in dimension["checks"] if row["check"] in BUILT]
    lacking = [row for row in checks if row["state"] in (NO, PARTLY)]
    placed: list[list[Row]] = [[], [], []]
    for ticket in tickets:
        if ticket["mechanism"] in STRUCTURAL and ticket["kind"] == "fix" and ticket.get("state") != "done":
            mends = [_when_lacking(row) for row in lacking if set(row["findings"]) & set(ticket["findings"])]
            placed[min([WHEN_OF_PRIORITY[ticket["priority"]], *mends])].append(_ticket(ticket))
    for row in sorted(lacking, key=lambda row: -row["weight"]):
        if row["grade"] == "stated":
            placed[_when_lacking(row)].append(_lacking(row))
    for technology in technologies:
        when = _when(technology, current)
        if when is not None:
            placed[when].append(_technology(technology))
    titles = _titles(phases, current)
    lists = {window: {"title": titles[n], "rows": placed[n]} for n, window in enumerate(WINDOWS)}
    return lists | {"never": {"title": "Never: leave these as they are", "rows": _never(checks)}}


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


def _when_lacking(check: Mapping[str, Any]) -> int:
    when = WHEN_OF_WEIGHT[check["weight"]]
    return min(when + 1, LAST) if check["state"] == PARTLY else when


def _lacking(check: Mapping[str, Any]) -> Row:
    """What the client says is not there, or only in part."""
    how = "Not so today" if check["state"] == NO else "Only partly so today"
    why = f"{how}, as the client says; {LACKS[check['weight']]}."
    what = f"See to it that {lowered(check['text'])}"
    shown = {"kind": "check", "ref": check["check"], "what": what, "why": why, "until": ""}
    return shown | {"verdict": check["state"], "grade": check["grade"]}


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
    names += ["Later", "Later still"][: 2 - len(names)]
    return "Now", names[0], names[1]


def _unit(row: Mapping[str, Any]) -> str:
    driver: str = row["driver"]
    return driver[:1].lower() + driver[1:]


def _never(checks: Rows) -> list[Row]:
    return [
        {
            "check": row["check"],
            "what": row["text"],
            "why": row["said"],
            "grade": row["grade"],
            "status": "proposed",
        }
        for row in checks
        if row["state"] == YES
    ]
