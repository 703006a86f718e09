"""Questions × sources: what the review can answer, from which file, and what to ask for next."""

from typing import Any

from django.utils.text import Truncator

from reviews.models import Engagement, RuleOutcome
from reviews.risk_map import AREAS
from telemetry.rules import RULES

NEEDS_SHOWN, NEED_LENGTH = 3, 70
# What a consultant looks at first in each format; the other totals fold behind them.
FIRST_TOTALS = {
    "postgres-log": ("queries", "query_ms", "errors", "deadlocks", "lock_waits", "temp_files"),
    "pg-stat-statements": ("statements", "calls", "exec_ms"),
    "pg-stat-user-tables": ("tables", "live", "dead", "seq_scan", "idx_scan"),
    "access-log": ("requests", "status_4xx", "status_5xx", "bytes"),
    "function-log": ("requests", "status_4xx", "status_5xx", "bytes"),
    "redis-info": ("version", "used_memory", "maxmemory", "evicted_keys", "keys"),
    "queue-counts": ("waiting", "active", "delayed", "failed", "completed", "workers"),
    "route-inventory": ("routes", "api_routes"),
}


def totals_of(coverage: dict[str, Any]) -> dict[str, list[tuple[str, Any]]]:
    """A file's totals as `first` and `rest`, each a list of name and value. Unknown formats show six first."""
    found = coverage.get("totals", {})
    names = FIRST_TOTALS.get(coverage.get("format", ""), tuple(sorted(found))[:6])
    first = [(name, found[name]) for name in names if name in found]
    return {"first": first, "rest": [row for row in sorted(found.items()) if row[0] not in names]}


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
        "needs": _needs(lacking),
    }


def _needs(lacking: list[RuleOutcome]) -> list[str]:
    """What unanswered questions need, each once, short enough for a table; the risk map page has the full words."""
    needs = dict.fromkeys(str(need) for row in lacking for need in row.machine.get("needs", []))
    return [Truncator(need).chars(NEED_LENGTH) for need in list(needs)[:NEEDS_SHOWN]]
