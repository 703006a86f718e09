"""The verdict on one technology, from its criteria. The rule, in the order in which it is asked:

1. already there: "in use";
2. its criteria are met: "needed now"; "not yet" while cheaper repairs are open; "consider" when the deciding number is
   assumed, or the criteria only allow it;
3. a criterion is near (80 % of its limit, or "partly"): "consider";
4. every criterion was answered, or one that is required is not met: "not yet" from 40 % of a limit on, else "skip";
5. something was not measured: "skip" below the policy's floor of size, else "not known".

Criteria are met when all that are required are met and, where others exist, at least one of those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reviews.capacity.choices.criteria import CLOSE, MET, NOT_MEASURED, NOT_MET
from reviews.capacity.policies.base import ON_THE_WAY

Row = dict[str, Any]
SKIP, NOT_YET, CONSIDER, NEEDED, NOT_KNOWN, IN_USE = "skip", "not yet", "consider", "needed now", "not known", "in use"


@dataclass(frozen=True, slots=True)
class Case:
    """What decides: the rows of the criteria, what stands beside them."""

    criteria: Sequence[Row]
    in_use: bool
    repairs: int  # findings that are cheaper to repair first
    precondition: bool
    below_floor: bool


def verdict(case: Case) -> str:
    """One of the six words."""
    if case.in_use:
        return IN_USE
    if _together(case.criteria, (MET,)):
        return _when_met(case)
    if _together(case.criteria, (MET, CLOSE)):
        return CONSIDER
    if _settled(case.criteria):
        used = [row["used"] for row in case.criteria if row["used"] is not None]
        return NOT_YET if any(share >= ON_THE_WAY for share in used) else SKIP
    return SKIP if case.below_floor else NOT_KNOWN


def _when_met(case: Case) -> str:
    if case.repairs:
        return NOT_YET
    assumed = all(row["grade"] == "assumed" for row in case.criteria if row["state"] == MET)
    return CONSIDER if case.precondition or assumed else NEEDED


def _together(criteria: Sequence[Row], states: tuple[str, ...]) -> bool:
    """All that are required are in one of the states, and one of the others, where there are others."""
    required = [row for row in criteria if row["required"]]
    others = [row for row in criteria if not row["required"]]
    return (
        bool(criteria)
        and all(row["state"] in states for row in required)
        and (not others or any(row["state"] in states for row in others))
    )


def _settled(criteria: Sequence[Row]) -> bool:
    """Nothing that was not measured could change the answer."""
    required = [row for row in criteria if row["required"]]
    others = [row for row in criteria if not row["required"]]
    if any(row["state"] == NOT_MET for row in required):
        return True
    if others and all(row["state"] == NOT_MET for row in others):
        return True
    return bool(criteria) and all(row["state"] != NOT_MEASURED for row in criteria)
