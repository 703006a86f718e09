"""Alerts that ask how fast the error budget is spent, in two windows each, so that they come in time and end in time.

Google, The Site Reliability Workbook, chapter 5: 14.4 times over 1 h and 5 m is 2 % of a month's budget, 6 times over
6 h and 30 m is 5 %, both page; once over 3 d and 6 h is 10 %, a ticket.
"""

from dataclasses import dataclass
from typing import Any

from reviews.capacity.packs.reading import CRITICAL, WARNING, Limit
from reviews.capacity.packs.text import annotation
from reviews.capacity.packs.watches import LEAST_FAILURES

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """Burn rate, its long and short window, the share of a 30-day budget gone when it speaks."""

    factor: float
    long: str
    short: str
    spent: str
    severity: str


PAIRS = (
    Pair(14.4, "1h", "5m", "2 %", CRITICAL),
    Pair(6.0, "6h", "30m", "5 %", CRITICAL),
    Pair(1.0, "3d", "6h", "10 %", WARNING),
)

PAGE = "Roll back the newest deployment if it began with one; else see which route fails."
TICKET = "No page: plan the fix of the most frequent error into this week."


def burn_rate(availability: Limit) -> list[Rule]:
    """The three alerts of a target between 0 and 1, both ends excluded; none for another: no budget follows from it.

    A factor whose limit would be a share of 1 or more can never be passed and is left out.
    """
    budget = 1 - availability.value
    if not 0 < budget < 1:
        return []
    return [_alert(pair, budget, availability) for pair in PAIRS if pair.factor * budget < 1]


def _alert(pair: Pair, budget: float, availability: Limit) -> Rule:
    limit = f"{pair.factor * budget:.6g}"
    days = 30 / pair.factor
    return {
        "alert": "ErrorBudgetBurning",
        "expr": f"loadline:http_errors:share{pair.long} > {limit}"
        f" and loadline:http_errors:share{pair.short} > {limit}"
        f" and loadline:http_errors:count{pair.long} >= {LEAST_FAILURES}",
        "labels": {"severity": pair.severity, "burn": f"{pair.factor:g}x", "made_by": "loadline"},
        "annotations": {
            "summary": f"Errors spend the month's budget at {pair.factor:g} x the rate that would last a month",
            "description": f"{pair.spent} of a 30-day budget gone within {pair.long}: all of it in {days:.3g} days.",
            "action": PAGE if pair.severity == CRITICAL else TICKET,
            "threshold": annotation(
                f"{pair.factor:g} x (1 - {availability.value:g}) in both windows, "
                f"and {LEAST_FAILURES} failures or more; {availability.source}"
            ),
        },
    }
