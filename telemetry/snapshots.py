"""Two INFO of the same Redis are more than two moments: what happened between them, as rates.

Counters of INFO run since the server started, so that a night long ago weighs as much as the last hour. The server's
`run_id` is new at every start (https://redis.io/docs/latest/commands/info/): the same one twice is the same run.
"""

from collections.abc import Iterable
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


def redis_changes(rows: Iterable[Evidence]) -> list[Evidence]:
    """One row of kind "redis.change" for each run of a server that was seen in two files or more, first to last.

    Its file and lines are those of the later INFO; `attrs["since"]` names the earlier one.
    """
    runs: dict[str, list[Evidence]] = {}
    for row in rows:
        if row.kind == "redis.server" and row.attrs.get("run_id") and "uptime_s" in row.metrics:
            runs.setdefault(str(row.attrs["run_id"]), []).append(row)
    found: list[Evidence] = []
    for seen in runs.values():
        seen.sort(key=lambda row: row.metrics["uptime_s"])
        if (window := _window_s(seen[0], seen[-1])) > 0:
            found.append(_change(seen[0], seen[-1], window))
    return found


def _window_s(earlier: Evidence, later: Evidence) -> float:
    """Seconds between two INFO: by the server's clock where both tell it, else by whole seconds of uptime."""
    start, end = earlier.attrs.get("taken"), later.attrs.get("taken")
    if start and end:
        return (datetime.fromisoformat(str(end)) - datetime.fromisoformat(str(start))).total_seconds()
    return later.metrics["uptime_s"] - earlier.metrics["uptime_s"]


def _change(earlier: Evidence, later: Evidence, window_s: float) -> Evidence:
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
