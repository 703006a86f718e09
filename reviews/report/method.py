"""The method page: how a risk is placed, with the matrix, the bands and the constants that were used."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, figure
from reviews.risk.matrix import printed_matrix, printed_policy
from telemetry.mechanisms import MECHANISMS

DEGRADATION = (
    ("1.0", "it stops, or money or data is lost or doubled"),
    ("0.6", "errors or time-outs for a part of the requests"),
    ("0.3", "slower than the budget of the route"),
    ("0.1", "costs money or work, users do not notice"),
)
PROXIMITY = (
    (5, "seen in the evidence"),
    (4, "at least 80 % of a limit, or within 30 days"),
    (3, "at least 60 % of a limit, or within 90 days"),
    (2, "at least 40 % of a limit, or within a year; a missing control without damage so far"),
    (1, "later than that"),
)


def build(method: Mapping[str, Any], used: Collection[str]) -> dict[str, Any]:
    """View of the method page. What the document froze (`matrix`, `policy`, `rules`) goes before today's constants.

    Of the rules only those behind a finding (`used`) are printed when they are known, the rest are counted.
    """
    rules = words.rows(method.get("rules"))
    behind = [row for row in rules if row.get("id") in used] or rules
    policy = words.mapping(method.get("policy")) or printed_policy()
    return {
        "matrix": words.rows(method.get("matrix")) or printed_matrix(),
        "bands": _bands(words.mapping(policy.get("revenue")), words.mapping(policy.get("users"))),
        "degradation": DEGRADATION,
        "proximity": [(step, meaning, _percent(policy, step)) for step, meaning in PROXIMITY],
        "rules": [_rule(row) for row in behind],
        "other_rules": len(rules) - len(behind),
    }


def _bands(revenue: Mapping[str, Any], users: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Impact by share of revenue and of users, 5 first."""
    return [
        {"impact": int(band), "revenue": f"{digits(share * 100)} %", "users": f"{digits(users[band] * 100)} %"}
        for band, share in sorted(revenue.items(), reverse=True)
        if band in users
    ]


def _percent(policy: Mapping[str, Any], step: int) -> str:
    chance = words.number(words.mapping(policy.get("probability")).get(str(step)))
    return digits(chance * 100) if chance is not None else ""


def _rule(row: Mapping[str, Any]) -> dict[str, Any]:
    threshold = row.get("threshold")
    source = words.text(row.get("source"), 400)
    return {
        "id": words.text(row.get("id"), 40),
        "title": words.text(row.get("title"), 160),
        "threshold": figure(threshold, words.text(row.get("unit"), 20)) if threshold is not None else None,
        "basis": words.text(row.get("basis"), 400),
        "source": source if source.startswith(("https://", "http://")) else "",
        "source_text": source,
    }


def area_of(row: Mapping[str, Any]) -> str:
    """The area an unanswered question belongs to: its own word, or the one of its mechanism."""
    known = MECHANISMS.get(str(row.get("mechanism")))
    return str(row.get("area") or (known.area if known else ""))
