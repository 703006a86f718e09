"""A capacity model of Tern & Tide to print, in the shapes of the document. Every figure in it is invented."""

from __future__ import annotations

from typing import Any

from tests.reviews.report.document import make_document

Rows = list[dict[str, Any]]

POINTS: Rows = [
    {"resource": "postgres.connections", "title": "Postgres connections", "component": "postgres",
     "kind": "connections", "multiple": 1.42,
     "multiple_low": 1.2, "multiple_high": 1.7, "driver": "driver.users", "at_value": 170_400.0, "grade": "measured",
     "reached": {"months_low": 2.4, "months_high": 6.9, "from": "2026-11-20", "to": "2027-04-02",
                 "words": "in 2 to 7 months"},
     "why": "capacity: max_connections − reserved; load: busiest count of sessions",
     "note": "Taken to grow with load."},
    {"resource": "queue.emails", "title": "Workers of queue emails", "component": 'queue "emails"',
     "kind": "workers", "multiple": 3.1,
     "multiple_low": 2.2, "multiple_high": None, "driver": "driver.users", "at_value": 372_000.0, "grade": "stated",
     "reached": None, "why": "capacity: slots; load: arrivals × hold time"},
    {"resource": "redis.memory", "title": "Redis memory", "component": "redis", "kind": "memory",
     "multiple": 0.97, "multiple_low": 0.97, "multiple_high": 0.97, "driver": "", "at_value": None, "grade": "derived",
     "reached": {"months_low": 0.0, "months_high": 0.0, "words": "already reached"}, "why": "capacity: maxmemory"},
]  # fmt: skip


def scenario(title: str, given: list[str], verdict: str, factor: float, **more: Any) -> dict[str, Any]:
    return {
        "name": title.lower(), "title": title, "given": given, "factor": factor, "verdict": verdict,
        "rows": [
            {"resource": "postgres.connections", "title": "Postgres connections", "used_steady": 0.4 * factor,
             "used_peak": 0.7 * factor},
            {"resource": "queue.emails", "title": "Workers of queue emails", "used_steady": 0.2 * factor,
             "used_peak": None},
            {"resource": "cpu", "title": "CPU of db-1", "used_steady": None, "used_peak": None},
        ],
        "first_to_break": ["postgres.connections", "queue.emails"], "better": [], "needs": [],
    } | more  # fmt: skip


def make_model() -> dict[str, Any]:
    """The keys of the document that hold the model: `capacity`, `scenarios`."""
    return {
        "capacity": {
            "breaking_points": [dict(row) for row in POINTS],
            "resources": [{"component": "functions", "title": "Function instances"}],
            "rule": "Complete failure: a resource that users wait on is full at steady load.",
            "unknown": [{"title": "CPU of db-1", "needs": ["CPU of the database host at its busiest minute"]}],
            "phases": PHASES,
            "policy": {"name": "right-sized", "title": "Right-sized", "source": "the guide of four",
                       "said": "Nobody chose a profile; this is the default."},
            "inputs": INPUTS,
        },
        "scenarios": [
            scenario("Today", ["factor 1"], "survivable but stressed", 1.0, reason="Postgres connections at 70 %."),
            scenario("Target", ["500,000 users"], "complete failure", 4.2, reason="Postgres connections at 168 %.",
                     better=[{"resource": "postgres.connections", "title": "Postgres connections",
                              "change": "a higher limit", "what": "Connections that Postgres allows", "from": 100.0,
                              "to": 368.4211, "unit": "connections", "used_after": 0.7992}]),
            scenario("Launch", [], "not known", 1.2, rows=[], first_to_break=[], needs=["the peak of the launch day"]),
        ],
    }  # fmt: skip


PHASES: Rows = [
    {"n": 1, "name": "Foundation", "from": 0, "to": 100_000, "unit": "1", "driver": "Monthly users", "current": False,
     "reached": None, "needs": [], "triggers": []},
    {"n": 2, "name": "Growth", "from": 100_000, "to": 500_000, "unit": "1", "driver": "Monthly users", "current": True,
     "reached": None, "needs": [], "triggers": [
        {"title": "Database connections in use", "value": 0.96, "unit": "share", "grade": "measured", "limit": 0.8,
         "direction": "above", "status": "reached", "action": "Put a pooler in front", "needs": []},
        {"title": "Cache hit rate", "value": None, "unit": "share", "grade": None, "limit": 0.7, "direction": "below",
         "status": "not measured", "action": "Look at expiry", "needs": ["Redis INFO stats"]}]},
    {"n": 3, "name": "Scale", "from": 500_000, "to": None, "unit": "1", "driver": "Monthly users", "current": False,
     "reached": {"words": "in 18 to 20 months"}, "needs": [], "triggers": []},
]  # fmt: skip
INPUTS: Rows = [
    {"key": "postgres.max_connections", "title": "Connections that Postgres allows", "value": 100.0, "low": 100.0,
     "high": 100.0, "unit": "1", "grade": "measured", "change": None,
     "source": {"words": "settings", "file": "pg/settings.csv", "line": 7, "quote": "max_connections,100"}},
    {"key": "queue.emails.run_s", "title": "Time a job of emails takes", "value": 1.5, "low": 0.2, "high": 1.5,
     "unit": "s", "grade": "stated", "change": None, "source": {"words": "stated in the intake"}},
    {"key": "http.peak_factor", "title": "Peak over mean", "value": 3.0, "low": 3.0, "high": 3.0, "unit": "1",
     "grade": "stated", "source": {"words": "set by R. Quist"},
     "change": {"author": "R. Quist", "at": "2026-03-04T10:11:12", "reason": "Sale days were left out of the log.",
                "before": {"value": 1.68, "grade": "measured"}}},
]  # fmt: skip


def make_modelled(count: int = 8) -> dict[str, Any]:
    """A whole review with a capacity model."""
    return make_document(count) | make_model()
