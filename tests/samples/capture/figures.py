"""Count in the exports what a person would check with grep: the oracle of the sample, written beside it."""

import csv
import gzip
import json
import re
import statistics
from collections import defaultdict
from pathlib import Path

from routes import match

_COUNTED = {
    "queries": r"LOG:  duration: [\d.]+ ms  (?:statement|execute [^:]+): ",
    "binds": r"LOG:  duration: [\d.]+ ms  bind ",
    "parses": r"LOG:  duration: [\d.]+ ms  parse ",
    "plans": r"LOG:  duration: [\d.]+ ms  plan:",
    "errors": r"ERROR:  ",
    "deadlocks": r"ERROR:  deadlock detected",
    "lock_waits": r"LOG:  process \d+ still waiting for ",
    "locks_acquired": r"LOG:  process \d+ acquired ",
    "temp_files": r"LOG:  temporary file: ",
    "checkpoints": r"LOG:  checkpoint complete: ",
    "autovacuums": r"LOG:  automatic (?:aggressive )?vacuum of table ",
    "autoanalyzes": r"LOG:  automatic analyze of table ",
    "connections_received": r"LOG:  connection received: ",
    "connections_authorized": r"LOG:  connection authorized: ",
    "disconnections": r"LOG:  disconnection: ",
}
_ACCESS = re.compile(r'"\w+ (?P<path>[^ ?]+)\S* HTTP/[\d.]+" (?P<status>\d{3}) (?P<size>\d+) .* (?P<seconds>[\d.]+)$')


def count_log(path: Path) -> dict[str, float]:
    """Count events of the server log, line by line."""
    text = path.read_text()
    counted: dict[str, float] = {name: len(re.findall(pattern, text)) for name, pattern in _COUNTED.items()}
    times = re.findall(r"duration: ([\d.]+) ms  (?:statement|execute)", text)
    counted["query_ms"] = round(sum(map(float, times)), 3)
    counted["temp_bytes"] = sum(map(int, re.findall(r"temporary file: path \S+, size (\d+)", text)))
    return counted


def count_access(path: Path) -> dict[str, dict[str, float]]:
    """Return requests, the share of 5xx and the 95th percentile in seconds of each route, and the total."""
    seconds: dict[str, list[float]] = defaultdict(list)
    failed: dict[str, int] = defaultdict(int)
    with gzip.open(path, "rt") as lines:
        for line in lines:
            found = _ACCESS.search(line)
            if not found:
                raise ValueError(f"not an access log line: {line!r}")
            for route in (match(found["path"])[0], "total"):
                seconds[route].append(float(found["seconds"]))
                failed[route] += found["status"].startswith("5")
    return {
        route: {
            "requests": len(times),
            "share_5xx": round(failed[route] / len(times), 4),
            "p95_s": round(statistics.quantiles(times, n=20)[-1], 3),
        }
        for route, times in sorted(seconds.items())
        if len(times) > 1
    }


def count_redis(path: Path) -> dict[str, str]:
    """Return the figures of INFO that say how the cache and its memory fare."""
    wanted = ("redis_version", "used_memory", "maxmemory", "maxmemory_policy", "evicted_keys", "keyspace_hits")
    lines = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
    return {name: lines[name] for name in (*wanted, "keyspace_misses", "db0")}


def count_exports(out: Path) -> dict[str, object]:
    """Return the figures of every export in `out`."""
    with (out / "pg_stat_statements.csv").open(newline="") as rows:
        statements = list(csv.DictReader(rows))
    return {
        "postgresql.log": count_log(out / "postgresql.log"),
        "pg_stat_statements.csv": {
            "statements": len(statements),
            "calls": sum(int(row["calls"]) for row in statements),
            "exec_ms": round(sum(float(row["total_exec_time"]) for row in statements), 3),
        },
        "access.log.gz": count_access(out / "access.log.gz"),
        "vercel-logs.ndjson": {"requests": len((out / "vercel-logs.ndjson").read_text().splitlines())},
        "redis-info.txt": count_redis(out / "redis-info.txt"),
        "bullmq-counts.json": json.loads((out / "bullmq-counts.json").read_text()),
    }
