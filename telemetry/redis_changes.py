"""What happened between two INFO of one run of a Redis: INFO counts and shares in ways of its own.

Counters of INFO run since the server started, so that a night long ago weighs as much as the last hour. The server's
`run_id` is new at every start (https://redis.io/docs/latest/commands/info/): the same one twice is the same run.
"""

from datetime import datetime

from telemetry.evidence import Evidence, Place

KIND = "redis.change"
# Metric of the change, and the counter that it is the growth of. A counter that fell was reset: nothing is said of it.
GROWTH = {
    "evicted_keys": "evicted_keys",
    "expired_keys": "expired_keys",
    "rejected_connections": "rejected_connections",
    "oom_errors": "oom_errors",
    "lookups": "lookups",
}
# What may also shrink.
LEVELS = {"used_memory_change": "used_memory", "keys_change": "keys"}


def clock_of(one: Evidence, other: Evidence) -> float:
    """Seconds from one INFO to the other of the same run of a server, below 0 when the other is older; 0 when the runs
    differ or nothing tells the time. By the server's clock where both tell it, else by whole seconds of uptime.
    """
    run = one.attrs.get("run_id")
    if not run or other.attrs.get("run_id") != run:
        return 0.0
    start, end = one.attrs.get("taken"), other.attrs.get("taken")
    if start and end:
        return (datetime.fromisoformat(str(end)) - datetime.fromisoformat(str(start))).total_seconds()
    if "uptime_s" not in one.metrics or "uptime_s" not in other.metrics:
        return 0.0
    return other.metrics["uptime_s"] - one.metrics["uptime_s"]


def redis_change(earlier: Evidence, later: Evidence, window_s: float) -> Evidence:
    """One row of kind "redis.change"; its file and lines are those of the later INFO, `since` names the earlier one."""
    metrics = {"window_s": window_s}
    places: dict[str, Place] = {}
    for metric, name in (GROWTH | LEVELS).items():
        grown = _grown(earlier, later, name)
        if grown is not None and (grown >= 0 or metric in LEVELS):
            metrics[metric], places[metric] = grown, later.place_of(name)
    if "evicted_keys" in metrics:
        metrics["evicted_per_min"] = metrics["evicted_keys"] * 60 / window_s
        places["evicted_per_min"] = places["evicted_keys"]
    connections = _of_rate(later) - _of_rate(earlier)
    if "connections_per_min" in later.metrics and connections >= 0:
        metrics["connections_per_min"] = connections * 60 / window_s
        places["connections_per_min"] = later.place_of("connections_per_min")
    _put_hits(earlier, later, metrics, places)
    attrs = {name: later.attrs[name] for name in ("run_id", "server", "version", "policy") if name in later.attrs}
    return Evidence(KIND, "server", metrics, later.place, places, attrs | {"since": earlier.file}, later.file)


def _grown(earlier: Evidence, later: Evidence, name: str) -> float | None:
    if name not in earlier.metrics or name not in later.metrics:
        return None
    return later.metrics[name] - earlier.metrics[name]


def _of_rate(row: Evidence) -> float:
    """Connections received since the start, from their rate over it."""
    return round(row.metrics.get("connections_per_min", 0.0) * row.metrics["uptime_s"] / 60)


def _put_hits(earlier: Evidence, later: Evidence, metrics: dict[str, float], places: dict[str, Place]) -> None:
    """The share of look-ups between the two that were hits, scans taken out in both alike; else nothing."""
    alike = earlier.attrs.get("hit_share_corrected") == later.attrs.get("hit_share_corrected")
    if not alike or "hit_share" not in later.metrics or metrics.get("lookups", 0.0) <= 0:
        return
    before = earlier.metrics.get("hit_share", 0.0) * earlier.metrics.get("lookups", 0.0)
    hits = later.metrics["hit_share"] * later.metrics["lookups"] - before
    if 0 <= hits <= metrics["lookups"] + 0.5:
        metrics["hit_share"] = min(hits / metrics["lookups"], 1.0)
        places["hit_share"] = later.place_of("hit_share")
