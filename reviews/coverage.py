"""Questions × sources: what the review can answer, from which file, and what to ask for next."""

from typing import Any

from reviews.models import Engagement, RuleOutcome
from reviews.risk_map import AREAS
from telemetry.rules import RULES


def questions(engagement: Engagement) -> list[dict[str, Any]]:
    """Per area: how many questions are answered (hit or clear), how many not, and what the unanswered need."""
    unanswered = {row.rule: row for row in RuleOutcome.objects.filter(engagement=engagement, status="cannot tell")}
    asked = engagement.analysed_at is not None
    return [_area(slug, name, unanswered, asked) for slug, name in AREAS.items() if _rules_of(slug)]


def _rules_of(area: str) -> list[str]:
    return [rule.id for rule in RULES if rule.area == area]


def _area(slug: str, name: str, unanswered: dict[str, RuleOutcome], asked: bool) -> dict[str, Any]:
    ids = _rules_of(slug)
    lacking = [unanswered[rule_id] for rule_id in ids if rule_id in unanswered]
    answered = len(ids) - len(lacking) if asked else 0
    return {
        "name": name,
        "total": len(ids),
        "answered": answered,
        "percent": round(100 * answered / len(ids)),
        "lacking": lacking,
    }
