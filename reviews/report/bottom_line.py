"""The closing rules of a right-sized review, each with where this client stands, as far as it is known.

The rules are those that the strategy (S1, conclusion) and the right-sized guide (S4, the bottom line) end with. A rule
whose figure nobody measured says what it needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from reviews.capacity.choices.verdict import NOT_KNOWN, NOT_YET, SKIP
from reviews.report import words
from reviews.report.assumed import GRADES
from reviews.report.figures import listed, plural
from reviews.report.pictures.shapes import Table

HITS = "redis.hit_share"


def bottom_line(capacity: Mapping[str, Any]) -> Table:
    """A row for each rule: the rule, and where the client stands."""
    sizing = words.mapping(capacity.get("right_sizing"))
    rows = (
        ("Measure before you change anything", _measured(capacity)),
        ("The simple things first", words.text(words.mapping(sizing.get("ladder")).get("said"), 400)),
        ("Up before out", words.text(words.mapping(sizing.get("runway")).get("said"), 400)),
        ("Every part has to be run by somebody", _waiting(sizing)),
        ("Keep what is asked for again", _kept(capacity)),
    )
    return Table(("Rule", "Where you stand"), tuple(row for row in rows if row[1]))


def _measured(capacity: Mapping[str, Any]) -> str:
    rows = words.rows(capacity.get("inputs"))
    if not rows:
        return "Not measured: needs exports that hold limits and load."
    counted = Counter(words.text(row.get("grade"), 12) for row in rows)
    said = [f"{counted[grade]:,} {grade}" for grade in GRADES if counted[grade]]
    return f"Of {plural(len(rows), 'number')} behind this report {listed(said)}."


def _waiting(sizing: Mapping[str, Any]) -> str:
    """How many technologies wait, and how many of them because nobody can judge them yet."""
    verdicts = [row.get("verdict") for row in words.rows(sizing.get("rows"))]
    waiting = [verdict for verdict in verdicts if verdict in (SKIP, NOT_YET, NOT_KNOWN)]
    if not waiting:
        return ""
    unknown = waiting.count(NOT_KNOWN)
    why = f", {unknown:,} of them until their figures are known" if unknown else ""
    return f"{len(waiting):,} of {plural(len(verdicts), 'technology', 'technologies')} wait{why}."


def _kept(capacity: Mapping[str, Any]) -> str:
    """What the first trigger on the cache says, or what it needs."""
    triggers = [row for phase in words.rows(capacity.get("phases")) for row in words.rows(phase.get("triggers"))]
    found = next((row for row in triggers if row.get("measure") == HITS), None)
    return f"{words.text(found.get('title'), 80)}. {words.text(found.get('said'), 200)}" if found else ""
