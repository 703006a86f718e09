"""Questions × sources: what the review can answer, from which file, and what to ask for next."""

from dataclasses import dataclass
from typing import Any

from reviews.ask_message import message_of
from reviews.asking import asks_of
from reviews.buyer_inputs import BUYER_INPUTS, MISSING
from reviews.models import Engagement, RuleOutcome
from reviews.questions import CANNOT_TELL, CLEAR, HIT, answered, questions_of
from reviews.risk_map import AREAS
from telemetry.models import Upload
from telemetry.rules import RULES
from telemetry.services import uploads_of

Machine = dict[str, Any]
NEEDS_SHOWN = 3
FROM_FINDING = ("machine__rules", "machine__evidence")
ORDER = (CANNOT_TELL, HIT, CLEAR)
# What a consultant looks at first in each format; the other totals fold behind them.
FIRST_TOTALS = {
    "postgres-log": ("queries", "query_ms", "errors", "deadlocks", "lock_waits", "temp_files"),
    "pg-stat-statements": ("statements", "calls", "exec_ms"),
    "pg-stat-user-tables": ("tables", "live", "dead", "seq_scan", "idx_scan"),
    "access-log": ("requests", "status_4xx", "status_5xx", "bytes"),
    "heroku-log": ("requests", "status_4xx", "status_5xx", "code_h12", "memory_errors"),
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


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the review can answer: its questions by area, what to ask for next, and the message that asks for it."""

    areas: list[Machine]
    asks: list[Machine]
    message: str


def coverage_of(engagement: Engagement) -> Coverage:
    """The state of every question, from what is stored of the latest run."""
    outcomes: dict[str, list[Machine]] = {"clear": [], "cannot tell": []}
    for row in RuleOutcome.objects.filter(engagement=engagement):
        outcomes[row.status].append(row.machine)
    findings = engagement.findings.filter(present=True).values("mechanism", "rule", *FROM_FINDING)
    hits = [dict(zip(("mechanism", "rule", "rules", "evidence"), row.values(), strict=True)) for row in findings]
    questions = questions_of(hits, outcomes["clear"], outcomes["cannot tell"])
    read = uploads_of(engagement.pk).filter(state=Upload.State.DONE)
    flows = list(engagement.flows.values("revenue_share", "routes", "tables", "queues"))
    asks = asks_of(flows, questions, outcomes["cannot tell"], set(read.values_list("format", flat=True)))
    in_words = [row for row in outcomes["cannot tell"] if not row["metrics"]]
    message = message_of(str(engagement.client), questions, asks, _missing(engagement), in_words)
    return Coverage(_areas(questions), asks, message)


def _missing(engagement: Engagement) -> list[Machine]:
    """Buyer inputs that are missing, as the latest run left them."""
    slugs = set(engagement.inputs.filter(state=MISSING).values_list("slug", flat=True))
    rows = [entry for entry in BUYER_INPUTS if entry.slug in slugs]
    return [{"slug": row.slug, "title": row.title, "unlocks": row.unlocks, "state": MISSING} for row in rows]


def _areas(questions: list[Machine]) -> list[Machine]:
    """Per area: its questions, those without an answer first, and how many have one. Before a run, none has."""
    rows = []
    for slug, name in AREAS.items():
        mine = [question for question in questions if question["area"] == slug]
        total = len(mine) or len({rule.mechanism for rule in RULES if rule.area == slug})
        if total:
            count = answered(mine)
            shown = sorted(mine, key=lambda question: ORDER.index(question["status"]))
            rows.append({"name": name, "total": total, "answered": count, "questions": [_shown(row) for row in shown]})
    return rows


def _shown(question: Machine) -> Machine:
    """A question as a row of the page: its name, the answer in words, and what is still open in it."""
    words = {HIT: "found", CLEAR: "clear", CANNOT_TELL: "cannot tell"}
    named = question["mechanism"].replace("-", " ").capitalize()
    return question | {"name": named, "word": words[question["status"]], "needs": question["needs"][:NEEDS_SHOWN]}
