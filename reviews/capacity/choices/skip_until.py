"""The skip-until table: each technology with its verdict, the client's own figures, the reason, what would change it.

{"slug", "title", "skip_until", "verdict", "reason", "why", "instead", "changes": sentence, "phase", "source",
 "grade": worst of the deciding criteria | "assumed" below the floor | None, "criteria": [criterion rows],
 "met": int, "measured": int, "repairs": [finding ids], "in_use": [keys of inputs], "needs": [..]}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.capacity.choices.base import Technology
from reviews.capacity.choices.criteria import CLOSE, MET, NOT_MEASURED, NOT_MET, criterion_row, number_row
from reviews.capacity.choices.technologies import TECHNOLOGIES
from reviews.capacity.choices.verdict import CONSIDER, IN_USE, NEEDED, NOT_KNOWN, NOT_YET, SKIP, Case, verdict
from reviews.capacity.facts import Facts
from reviews.capacity.measures import matching
from reviews.report.figures import digits, lowered, plural

Row = dict[str, Any]
WORST_LAST = ("measured", "derived", "stated", "assumed")


def skip_until(facts: Facts) -> list[Row]:
    """A row for every technology."""
    return [technology_row(technology, facts) for technology in TECHNOLOGIES]


def criteria_of(technology: Technology, facts: Facts) -> list[Row]:
    """The policy's numbers for a technology, then what findings and answers decide."""
    numbers = [number_row(threshold, facts) for threshold in facts.policy.criteria(technology.slug)]
    return numbers + [criterion_row(entry, technology.source, facts) for entry in technology.criteria]


def technology_row(technology: Technology, facts: Facts) -> Row:
    """One row; the shape stands in the module's docstring."""
    criteria = criteria_of(technology, facts)
    repairs = facts.hits(technology.first)
    seen = [entry for pattern in technology.seen for entry in matching(facts.inputs, pattern) if entry.value > 0]
    floor = below_floor(facts)
    word = verdict(Case(criteria, bool(seen), len(repairs), technology.precondition, bool(floor)))
    by_floor = word == SKIP and any(row["state"] == NOT_MEASURED for row in criteria)
    return {
        "slug": technology.slug,
        "title": technology.title,
        "skip_until": technology.skip_until,
        "verdict": word,
        "reason": _reason(word, criteria, repairs, [entry.title for entry in seen], floor if by_floor else ""),
        "why": technology.why,
        "instead": technology.instead,
        "changes": _changes(criteria),
        "phase": technology.phase,
        "source": technology.source,
        "grade": "assumed" if by_floor and floor else _grade(criteria),
        "criteria": criteria,
        "met": sum(row["state"] == MET for row in criteria),
        "measured": sum(row["state"] != NOT_MEASURED for row in criteria),
        "repairs": [row["id"] for row in repairs],
        "in_use": [entry.key for entry in seen],
        "needs": [need for row in criteria for need in row["needs"]],
    }


def below_floor(facts: Facts) -> str:
    """Why nothing is needed at this size, in one sentence; "" when the client is larger or its size is not known."""
    floor, users, team = facts.policy.profile.floor, facts.number("users"), facts.number("people.team")
    if floor is None or users is None or team is None or users >= floor.users or team > floor.team:
        return ""
    people = "1 person" if team == 1 else f"{digits(team)} people"
    return (
        f"{digits(users)} users, {people}: with fewer than {digits(floor.users)} users and a team of "
        f"{digits(floor.team)}, nothing is added until a criterion is shown to be met"
    )


def _reason(
    word: str, criteria: Sequence[Row], repairs: Sequence[Mapping[str, Any]], seen: Sequence[str], floor: str
) -> str:
    """The client's figures behind the verdict; what was not measured is named, never read as "no"."""
    if word == IN_USE:
        return f"It is there: {'; '.join(lowered(title) for title in seen[:3])}."
    shown = (MET, CLOSE) if word in (NEEDED, CONSIDER) else (MET, CLOSE, NOT_MET)
    told = [row["said"] for row in criteria if row["state"] in shown]
    unknown = [lowered(row["text"]) for row in criteria if row["state"] == NOT_MEASURED]
    parts = [floor] if floor else []
    parts += ["; ".join(told)] if told else []
    parts += [f"Not measured: {'; '.join(unknown)}"] if unknown and (floor or word == NOT_KNOWN) else []
    if word == NOT_YET and repairs and any(row["state"] == MET for row in criteria):
        more = f" and {len(repairs) - 1} more" if len(repairs) > 1 else ""
        parts.append(f"First: {lowered(repairs[0]['title'])}{more}")
    return ". ".join(parts) + "."


def _changes(criteria: Sequence[Row]) -> str:
    """What would make it needed: the criteria that are not met, in words."""
    required = [lowered(row["text"]) for row in criteria if row["required"] and row["state"] != MET]
    others = [row for row in criteria if not row["required"]]
    met = any(row["state"] == MET for row in others)
    alternatives = [] if met or not others else [", or ".join(lowered(row["text"]) for row in others)]
    words = " and ".join([*required, *alternatives])
    return words[:1].upper() + words[1:]


def _grade(criteria: Sequence[Row]) -> str | None:
    grades = [row["grade"] for row in criteria if row["grade"]]
    return max(grades, key=WORST_LAST.index, default=None)


def summary(rows: Sequence[Row]) -> str:
    """How many of the technologies the client can leave alone."""
    count = {word: sum(row["verdict"] == word for row in rows) for word in (SKIP, NOT_YET, CONSIDER, NEEDED, NOT_KNOWN)}
    parts = [f"{number} {word}" for word, number in count.items() if number]
    in_use = sum(row["verdict"] == IN_USE for row in rows)
    there = f"; {in_use} already there" if in_use else ""
    return f"{plural(len(rows), 'technology', 'technologies')}: {', '.join(parts)}{there}."
