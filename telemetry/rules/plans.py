"""Plans as rules see them: scans of a table, and the columns that their filters name."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Subject
from telemetry.rules.statements import PLAN, Statement

SLOW_MS = 20.0  # PgHero's slow query
# A column of a filter, maybe with its table and a cast, and what it is compared by.
_COMPARED = re.compile(
    r"(?:(?<=\()|(?<=\s)|^)(?:(?:\w+|\"[^\"]+\")\.)?(?P<name>[a-z_]\w*|\"[^\"]+\")\)?(?:::[\w ]+(?:\[\])?)?\s*"
    r"(?P<by><=|>=|<>|=|<|>)",
    re.I,
)
_CALL = re.compile(r"\b(?!and\b|or\b|not\b|any\b|all\b)[a-z_]\w*\s*\(", re.I)


def query_of(plan: Evidence) -> Subject | None:
    """The statement of a plan as other rules name it, None where the file does not give the statement."""
    return Statement(plan.subject, {PLAN: plan}).subject if plan.attrs.get("query") else None


def scans(evidence: EvidenceSet, *endings: str) -> Iterator[Evidence]:
    """Scans that were run, of the given types ("Seq Scan")."""
    for row in evidence.having("pg.plan.node", "rows", "loops"):
        if row.metrics["loops"] > 0 and str(row.attrs.get("node", "")).endswith(endings):
            yield row


def took_long(row: Evidence) -> bool:
    """Whether a scan took longer than a query may; plans without times do not say it did not."""
    return row.metrics.get("total_ms", SLOW_MS) >= SLOW_MS


def filter_columns(row: Evidence) -> tuple[str, ...]:
    """Columns that a filter compares, equality first; empty where it compares what a function makes of them."""
    text = str(row.attrs.get("filter") or "")
    if _CALL.search(text):
        return ()
    found = [(one["by"], one["name"].strip('"')) for one in _COMPARED.finditer(text) if one["by"] != "<>"]
    equal = [name for by, name in found if by == "="]
    return tuple(dict.fromkeys([*equal, *(name for by, name in found if by != "=")]))[:4]
