"""How tenants are kept apart: three ways, from the least to the most separate, and which of them this client needs.

{"said", "recommended": slug, "grade", "rows": [{"slug", "title", "isolation", "complexity", "effort", "verdict":
 "recommended" | "when required" | "not now", "reason"}], "watch": [criterion rows], "needs": [..]}
"""

from typing import Any

from reviews.capacity.choices.base import Criterion
from reviews.capacity.choices.criteria import MET, NOT_MEASURED, criterion_row, number_row
from reviews.capacity.facts import Facts

Row = dict[str, Any]
_SOURCE = "right-sized guide, data isolation strategy"
# slug, title, isolation, complexity, effort to move there
WAYS = (
    ("shared", "Shared tables with a tenant's key", "low", "low", "easy"),
    ("schema", "A schema for each tenant", "medium", "medium", "moderate"),
    ("database", "A database for each tenant", "high", "high", "hard"),
)
SEPARATE = Criterion("Law or contract asks for each tenant's data to be kept apart", "tenancy.separate-data")
RESTORE = Criterion("One tenant must be restored without the others", "tenancy.restore-one")
FILTERS = Criterion("A query reads across tenants", rules=("missing-tenant-filter",))


def isolation_of(facts: Facts) -> Row:
    """The three ways with the recommended one; the shape stands in the module's docstring."""
    separate, restore = (criterion_row(entry, _SOURCE, facts) for entry in (SEPARATE, RESTORE))
    chosen = "database" if separate["state"] == MET else "schema" if restore["state"] == MET else "shared"
    decided = separate if chosen == "database" else restore if chosen == "schema" else None
    watch = [criterion_row(FILTERS, _SOURCE, facts)]
    watch += [number_row(threshold, facts) for threshold in facts.policy.criteria("row-level-security")]
    open_needs = [row["needs"][0] for row in (separate, restore) if row["state"] == NOT_MEASURED]
    return {
        "said": _said(chosen, decided, watch),
        "recommended": chosen,
        "grade": decided["grade"] if decided else "assumed" if open_needs else "stated",
        "rows": [_row(way, chosen, decided) for way in WAYS],
        "watch": watch,
        "needs": open_needs,
    }


def _row(way: tuple[str, str, str, str, str], chosen: str, decided: Row | None) -> Row:
    slug, title, isolation, complexity, effort = way
    order = [entry[0] for entry in WAYS]
    word = (
        "recommended" if slug == chosen else "when required" if order.index(slug) > order.index(chosen) else "not now"
    )
    reasons = {
        "recommended": decided["said"] + "." if decided else "Enough until law or contract asks for more.",
        "when required": "Only when law or contract asks for it: it costs a migration for each change of the schema.",
        "not now": "It separates less than what was asked for.",
    }
    row = {"slug": slug, "title": title, "isolation": isolation, "complexity": complexity, "effort": effort}
    return row | {"verdict": word, "reason": reasons[word]}


def _said(chosen: str, decided: Row | None, watch: list[Row]) -> str:
    title = next(way[1] for way in WAYS if way[0] == chosen)
    why = decided["said"] if decided else "nothing that was said asks for more"
    warned = [row["said"] for row in watch if row["state"] == MET]
    more = f" Watch: {'; '.join(warned)}." if warned else ""
    return f"{title}: {why}.{more}"
