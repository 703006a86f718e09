"""The tactics as rows: what each may save in money, how sure that is, and which findings speak of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.capacity.cells import Machine, cell
from reviews.capacity.costs.money import MONEY, product
from reviews.capacity.costs.tactics import TACTICS, Tactic
from reviews.capacity.costs.today import Component, of_area
from reviews.capacity.inputs import Figure, Inputs

MOST_FINDINGS = 5


def savings_of(inputs: Inputs, parts: Sequence[Component], findings: Sequence[Mapping[str, Any]]) -> list[Machine]:
    """Rows of the areas that cost something, or of which a finding speaks, in the order of the tactics.

    {"id", "area", "title", "why", "share": cell | None, "monthly": cell | None, "grade": word | None, "source",
     "findings": [id], "needs": [..]}; without a share there is no money either, and `needs` says what lacks.
    """
    rows = []
    for tactic in TACTICS:
        spent = of_area(parts, tactic.area)
        about = [row for row in findings if row.get("mechanism") in tactic.mechanisms]
        if spent is not None or about:
            rows.append(_row(tactic, spent, tactic.share(inputs, findings), about))
    return rows


def _row(
    tactic: Tactic, spent: Figure | None, share: Figure | list[str], about: Sequence[Mapping[str, Any]]
) -> Machine:
    known = share if isinstance(share, Figure) else None
    money = product(known, spent, MONEY, f"({known.formula}) × cost of {tactic.area}") if known and spent else None
    needs = share if isinstance(share, list) else []
    if known and spent is None:
        needs = [f"what {tactic.area} costs: a bill, or a [[cost]] in the intake"]
    return {
        "id": tactic.id,
        "area": tactic.area,
        "title": tactic.title,
        "why": tactic.why,
        "share": cell(known) if known else None,
        "monthly": cell(money) if money else None,
        "grade": (money or known).grade.word if known else None,
        "source": tactic.source,
        "findings": [str(row["id"]) for row in sorted(about, key=lambda row: row.get("rank") or 0)[:MOST_FINDINGS]],
        "needs": list(needs),
    }
