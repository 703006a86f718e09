"""Small rules, hits and evidence for the tests of scoring; nothing of the real catalogue is needed."""

from collections.abc import Iterator
from typing import Any

from telemetry.evidence import Evidence, EvidenceSet, Place
from telemetry.rules.base import (
    CannotTell,
    Cite,
    Effort,
    FirstSlice,
    Hit,
    Outcome,
    Rule,
    Status,
    Subject,
    Threshold,
)

WEEK_S = 7 * 86_400.0


def _no_check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    return iter(())


def make_rule(**changes: Any) -> Rule:
    """A rule about slow routes unless told otherwise."""
    fields: dict[str, Any] = {
        "id": "XX001",
        "slug": "slow-route",
        "area": "platform",
        "mechanism": "slow-route",
        "title": "Route is slow",
        "needs": (("http.route", "p95_ms"),),
        "threshold": Threshold(500, "ms", "made up", "this test"),
        "degradation": 0.6,
        "why": "Because.",
        "fix": ("Do one thing.", "Do another."),
        "first_slice": FirstSlice("Do one thing", 4),
        "effort": Effort(0.5, 1, 2),
        "removes": 0.7,
        "verify": "Look again.",
        "rollback": "Undo it.",
        "references": ("A page https://example.com/page", "A book"),
        "check": _no_check,
    }
    return Rule(**(fields | changes))


def make_row(
    kind: str = "http.route", subject: str = "/api/checkout", file: str = "access.log", **metrics: float
) -> Evidence:
    """A row of evidence with a quote that names its metrics."""
    quote = " ".join(f"{name}={value:g}" for name, value in metrics.items())
    return Evidence(kind, subject, metrics or {"requests": 1.0}, Place(1, quote or subject), file=file)


def make_hit(subject: tuple[str, str] = ("route", "/api/checkout"), row: Evidence | None = None, **changes: Any) -> Hit:
    """A hit with one cite."""
    row = row or make_row(requests=100.0, window_s=WEEK_S)
    metric = next(iter(row.metrics))
    fields: dict[str, Any] = {
        "subject": Subject(*subject),
        "title": f"{subject[1]} fails",
        "said": f"{subject[1]} fails 1 of 2 times.",
        "cites": (Cite(row, metric),),
        "limit": 1.0,
    }
    return Hit(**(fields | changes))


def outcome(rule: Rule, *hits: Hit) -> Outcome:
    """A rule's answer with these hits."""
    return Outcome(rule, Status.HIT if hits else Status.CLEAR, hits)
