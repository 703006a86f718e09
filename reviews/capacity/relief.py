"""Which tickets take load off a resource, or give it room: by what kind of resource it is and what it belongs to."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reviews.capacity.choices.base import QUERY_REPAIRS

Row = Mapping[str, Any]
_CONNECTIONS = (
    "pool-exhaustion",
    "connection-exhaustion",
    "connection-churn",
    "long-transaction",
    "missing-timeouts",
    "work-in-request",
    *QUERY_REPAIRS,
)
_WORKERS = (
    "backlog",
    "stalled-consumers",
    "long-jobs",
    "failing-jobs",
    "retry-storm",
    "overlapping-schedule",
    "slow-dependency",
)
_REDIS = (
    "memory-growth",
    "no-expiry",
    "unbounded-retention",
    "big-key",
    "writes-rejected",
    "eviction-of-durable-keys",
    "mixed-namespaces",
)
_HOST = ("memory-saturation", "cpu-saturation", "disk-saturation", "single-point-of-failure", "misconfiguration")
_DATABASE = (*QUERY_REPAIRS, "reporting-on-primary", "cache-misses", "checkpoint-pressure", "misconfiguration")
# Mechanisms whose repair relieves a kind of resource
BY_KIND: Mapping[str, tuple[str, ...]] = {
    "connections": _CONNECTIONS,
    "pool": _CONNECTIONS,
    "workers": _WORKERS,
    "window": _WORKERS,
    "concurrency": ("throttling", "slow-route", "function-timeout", "cold-starts", "uncached-route", *_CONNECTIONS),
    "quota": ("throttling", "retry-storm", "slow-dependency", "uncached-route"),
    "rate": ("throttling", "retry-storm", "uncached-route", "bot-traffic", "slow-route"),
    "table": ("table-growth", "table-bloat", "missing-index", "unbounded-query", "offset-pagination"),
    "clients": ("client-limit",),
    "disk": ("disk-saturation", "table-growth", "table-bloat", "redundant-index", "checkpoint-pressure"),
}
# What the component adds where the kind alone does not say: processor, memory, a stated level
BY_COMPONENT: Mapping[str, tuple[str, ...]] = {
    "postgres": (*_CONNECTIONS, *_DATABASE, "memory-saturation", "cpu-saturation"),
    "redis": (*_REDIS, "blocking-command", "hot-key", "client-limit"),
    "queue": (*_WORKERS, "unbounded-retention"),
    "host": _HOST,
    "functions": ("throttling", "slow-route", "memory-saturation", "cold-starts"),
}
OPEN_KINDS = ("cpu", "memory", "level")


def mechanisms_for(kind: str, component: str) -> tuple[str, ...]:
    """Mechanisms whose repair relieves a resource of this kind and component."""
    part = component.split(" ", 1)[0]
    return BY_COMPONENT.get(part, ()) if kind in OPEN_KINDS else BY_KIND.get(kind, ())


def relieving(resource: Row, tickets: Iterable[Row], findings: Sequence[Row]) -> list[Row]:
    """Tickets that relieve a resource (`kind`, `component`); of a queue only those on it, where findings name any."""
    wanted = mechanisms_for(resource["kind"], resource["component"])
    _, _, name = resource["component"].partition(" ")
    chosen = [row for row in tickets if row["mechanism"] in wanted]
    if not resource["component"].startswith("queue ") or not name:
        return chosen
    return [row for row in chosen if _touches(row, name.strip('"'), findings)]


def _touches(ticket: Row, queue: str, findings: Sequence[Row]) -> bool:
    """Whether a ticket is about this queue; one whose findings name no queue is about all of them."""
    own = [finding for finding in findings if finding["id"] in ticket["findings"]]
    named = {finding["subject"]["name"] for finding in own if finding["subject"]["kind"] == "queue"}
    return not named or queue in named
