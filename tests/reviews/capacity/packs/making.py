"""A document with everything the packs read, as the capacity model would write it."""

import shutil
from typing import Any

import pytest

Document = dict[str, Any]

PROMTOOL, NODE = shutil.which("promtool"), shutil.which("node")
needs_promtool = pytest.mark.skipif(not PROMTOOL, reason="promtool is not here: apt-get install prometheus")
needs_node = pytest.mark.skipif(not NODE, reason="node is not here: apt-get install nodejs")

# What somebody may call a queue, a flow, a route or a company.
HOSTILE = (
    'a"b',
    "back\\slash",
    "new\nline",
    "{{ $value }} {{ .Evil }}",
    "}} or vector(1) #",
    '"} or up{a="',
    "*/ throw 1; /*",
    "</script><script>x",
    "`${process.exit(3)}`",
    "__proto__",
    "$datasource [[datasource]] ${x:raw}",
    "- yaml: [1, 2",
    "&anchor *alias !!python/object",
    "null",
    "\u2028line\u2029sep\x00\x1b[31m\ud800",
    "ünïcødé 🚀 '",
    "/*ROUTES*/[] /*PLAN*/{}",
    "'; rm -rf ~; '",
)


def threshold(measure: str, value: float, unit: str, role: str, **more: Any) -> dict[str, Any]:
    """A row of capacity.policy.thresholds."""
    row = {"measure": measure, "value": value, "unit": unit, "role": role, "direction": "above", "phase": 0}
    return row | {"minutes": 0, "use": "", "source": "a guide", "profile": "growth", "own": True} | more


def target(metric: str, value: float, unit: str) -> dict[str, Any]:
    """A row of capacity.targets that the client stated."""
    cell = {"value": value, "unit": unit}
    return {"metric": metric, "target": cell, "grade_of_target": "stated", "source": "[targets] of the intake"}


def route(path: str, method: str = "GET", share: float = 0.5, flow: str = "browse", **more: Any) -> dict[str, Any]:
    """A row of capacity.traffic.routes."""
    return {"route": path, "method": method, "share": share, "flow": flow, "evidence": None, "p95_ms": 200.0} | more


def finding(ident: str, mechanism: str, name: str = "", rank: int = 1) -> dict[str, Any]:
    """As much of a finding as the packs read."""
    return {"id": ident, "mechanism": mechanism, "rank": rank, "subject": {"kind": "queue", "name": name}}


def document(**capacity: Any) -> Document:
    """A client with a database, Redis and two queues, and thresholds of a profile; parts of capacity replaced."""
    usual = {
        "policy": {
            "near": 0.8,
            "thresholds": [
                threshold("http.error_share", 0.01, "share", "critical", minutes=5),
                threshold("http.p95_ms", 2000, "ms", "warning"),
                threshold("postgres.connections_share", 0.9, "share", "critical"),
                threshold("redis.hit_share", 0.7, "share", "warning", direction="below"),
                threshold("queue.waiting", 500, "1", "critical"),
                threshold("queue.oldest_age_s", 300, "s", "trigger", phase=2),
                threshold("postgres.replica_lag_s", 9, "s", "trigger", phase=3),
                threshold("postgres.replica_lag_s", 5, "s", "trigger", phase=2),
            ],
        },
        "targets": [target("http.uptime_share", 0.999, "share"), target("http.p95_ms", 500, "ms")],
        "inputs": [{"key": "http.rps_peak", "value": 66.0}, {"key": "http.rps_second", "value": 90.0}],
        "systems": {
            "names": ["http", "postgres", "replication", "pgbouncer", "redis", "host"],
            "queues": [{"name": "emails", "system": "sidekiq"}, {"name": "webhooks", "system": "bullmq"}],
        },
        "traffic": {
            "grade": "measured",
            "covered": 0.9,
            "routes": [
                route("/api/books/[id]", share=0.6),
                route("/api/search", share=0.2),
                route("/api/checkout", "POST", 0.2, "checkout"),
            ],
            "needs": [],
        },
    }
    return {
        "engagement": {"client": "Harbor Books", "flows": []},
        "findings": [
            finding("PG006-1", "connection-exhaustion"),
            finding("QU001-1", "backlog", "emails", 2),
            finding("QU001-2", "backlog", "other", 3),
        ],
        "scenarios": [{"name": "today", "factor": 1}, {"name": "sale day", "factor": 5}, {"name": "B"}],
        "capacity": usual | capacity,
    }


def hostile() -> Document:
    """The same with every name replaced by a hostile one."""
    made = document(
        systems={
            "names": ["http"],
            "queues": [{"name": name, "system": system} for name in HOSTILE for system in ("bullmq", "sqs", "pg-boss")],
        },
        traffic={
            "grade": "measured",
            "covered": 1.0,
            "routes": [
                route(f"/{name}/[id]", "GET" if place % 2 else "", 1 / len(HOSTILE), name)
                for place, name in enumerate(HOSTILE)
            ],
            "needs": [],
        },
        policy={"near": 0.8, "thresholds": [threshold("queue.waiting", 500, "1", "critical", source=HOSTILE[3])]},
    )
    made["engagement"]["client"] = " ".join(HOSTILE)
    made["findings"] = [finding(name, "backlog", name) for name in HOSTILE]
    return made
