"""The database's ladder: from the cheapest step to the dearest, and where the client stands on it.

    {"position": n | None, "said", "note", "rungs": [{"n", "slug", "title", "what", "state", "why", "criteria": [..],
     "findings": [ids], "needs": [..]}]}

State of a rung: "done" (in use, or looked at and nothing is open), "now" (its reason is given and every rung below is
done), "after the rungs below" (its reason is given), "not needed", "not known". The position is the first rung with
something to do now; without one, the highest rung that is done.

Published ladders disagree on the pooler: the right-sized guide's picture puts it last, its checklist second. It stands
second here, because it costs hours and every rung above multiplies connections.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reviews.capacity.choices.base import QUERY_REPAIRS, Criterion
from reviews.capacity.choices.criteria import MET, NOT_MEASURED, NOT_MET, criterion_row, number_row
from reviews.capacity.choices.verdict import CONSIDER, IN_USE, NEEDED
from reviews.capacity.facts import Facts
from reviews.capacity.measures import matching
from reviews.report.figures import lowered

Row = dict[str, Any]
DONE, NOW, AFTER, NOT_NEEDED, NOT_KNOWN = "done", "now", "after the rungs below", "not needed", "not known"
_SOURCE = "right-sized guide, database scaling path"
NOTE = (
    "The right-sized guide's picture puts the pooler last, its checklist second. It stands second here: it costs "
    "hours, and every later step multiplies connections."
)


@dataclass(frozen=True, slots=True)
class Rung:
    """A step. `technology`: the row of the skip-until table that decides it; else its own criteria do."""

    slug: str
    title: str
    what: str
    technology: str = ""
    criteria: tuple[Criterion, ...] = ()
    seen: tuple[str, ...] = ()


RUNGS = (
    Rung(
        "queries",
        "Indexes and queries",
        "Repair what the statements show before anything is bought.",
        criteria=(Criterion("Statements read more than they need", rules=QUERY_REPAIRS),),
    ),
    Rung(
        "pooler",
        "Connection pooler",
        "Few connections to the database, many from the application.",
        criteria=(
            Criterion("Connections run out", rules=("connection-exhaustion", "pool-exhaustion", "connection-churn")),
        ),
        seen=("pooler.pool_size", "pooler.clients"),
    ),
    Rung(
        "vertical",
        "Larger instance",
        "No change of code; the next size doubles processor and memory.",
        criteria=(Criterion("Its machine is at its limit", rules=("cpu-saturation", "memory-saturation")),),
    ),
    Rung("redis-cache", "Cache", "Answers that are asked again do not reach the database.", "redis-cache"),
    Rung("read-replica", "Read replica", "Reads that may be seconds old go elsewhere.", "read-replica"),
    Rung("partitioning", "Partitioning", "History leaves in bulk, indexes stay small.", "partitioning"),
    Rung("sharding", "Sharding", "Writes divide over machines. Most never need it.", "sharding"),
)


def ladder_of(facts: Facts, technologies: Sequence[Row]) -> Row:
    """The rungs in order with the client's position; the shape stands in the module's docstring."""
    by_slug = {row["slug"]: row for row in technologies}
    rows: list[Row] = []
    for n, rung in enumerate(RUNGS, 1):
        row = _by_technology(by_slug[rung.technology]) if rung.technology else _by_criteria(rung, facts)
        if row["state"] == NOW and any(below["state"] in (NOW, AFTER) for below in rows):
            row["state"] = AFTER
        rows.append({"n": n, "slug": rung.slug, "title": rung.title, "what": rung.what} | row)
    now = next((row for row in rows if row["state"] == NOW), None)
    done = max((row["n"] for row in rows if row["state"] == DONE), default=None)
    return {"position": now["n"] if now else done, "said": _said(now, rows, done), "note": NOTE, "rungs": rows}


def _by_technology(row: Row) -> Row:
    state = {IN_USE: DONE, NEEDED: NOW, CONSIDER: AFTER, "not yet": NOT_NEEDED, "skip": NOT_NEEDED}.get(
        row["verdict"], NOT_KNOWN
    )
    if row["verdict"] == "not yet" and row["repairs"]:
        state = AFTER
    return {
        "state": state,
        "why": row["reason"],
        "criteria": row["criteria"],
        "findings": row["repairs"],
        "needs": row["needs"] if state == NOT_KNOWN else [],
    }


def _by_criteria(rung: Rung, facts: Facts) -> Row:
    numbers = [number_row(threshold, facts) for threshold in facts.policy.criteria(rung.slug)]
    rows = numbers + [criterion_row(entry, _SOURCE, facts) for entry in rung.criteria]
    seen = [entry.title for pattern in rung.seen for entry in matching(facts.inputs, pattern) if entry.value > 0]
    met = [row for row in rows if row["state"] == MET]
    state = NOW if met else _quiet(rung, rows, bool(seen))
    told = met or rows
    there = f"It is there: {'; '.join(lowered(title) for title in seen[:3])}. " if seen else ""
    return {
        "state": state,
        "why": there + "; ".join(row["said"] for row in told) + ".",
        "criteria": rows,
        "findings": [finding for row in rows for finding in row["findings"]],
        "needs": [need for row in rows for need in row["needs"]] if state == NOT_KNOWN else [],
    }


def _quiet(rung: Rung, rows: Sequence[Row], seen: bool) -> str:
    """Nothing of it is open: done when it is in use or was looked for, not needed when its number is below the limit.

    A rung whose number was not measured is not known, even where a rule looked for the damage and found none.
    """
    if seen:
        return DONE
    numbers = [row for row in rows if row["limit"] is not None] or rows
    if any(row["state"] == NOT_MEASURED for row in numbers):
        return NOT_KNOWN
    looked = all(row["state"] == NOT_MET for row in rows)
    return DONE if rung.slug == "queries" and looked else NOT_NEEDED


def _said(now: Row | None, rows: Sequence[Row], done: int | None) -> str:
    if now is not None:
        return f"Step {now['n']} of {len(rows)}, {now['title'].lower()}: {now['why']}"
    unknown = [row["title"].lower() for row in rows if row["state"] == NOT_KNOWN]
    rest = f" Not known: {', '.join(unknown)}." if unknown else ""
    if done is None:
        return f"No step has a measured reason today.{rest}"
    return f"Nothing to do on the ladder today; step {done} of {len(rows)} is the highest in use or done.{rest}"
