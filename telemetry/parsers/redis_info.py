"""Redis and Valkey INFO: one snapshot of counters that run since the server started.

Fields: https://redis.io/docs/latest/commands/info/ and https://valkey.io/commands/info/. Sizes are bytes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.source import Head, Source

HOW = "Export with: redis-cli INFO everything > redis-info.txt (on Redis before 7: INFO all)."

# Metric and the field that it is, unchanged.
FIELDS = {
    "uptime_s": "uptime_in_seconds",
    "used_memory": "used_memory",
    "maxmemory": "maxmemory",
    "peak_memory": "used_memory_peak",
    "fragmentation_ratio": "mem_fragmentation_ratio",
    "evicted_keys": "evicted_keys",
    "expired_keys": "expired_keys",
    "keyspace_hits": "keyspace_hits",
    "keyspace_misses": "keyspace_misses",
    "connected_clients": "connected_clients",
    "maxclients": "maxclients",
    "blocked_clients": "blocked_clients",
    "rejected_connections": "rejected_connections",
    "ops_per_s": "instantaneous_ops_per_sec",
    "aof_enabled": "aof_enabled",
    "changes_since_save": "rdb_changes_since_last_save",
    "connected_replicas": "connected_slaves",
    "commands": "total_commands_processed",
    "output_bytes": "total_net_output_bytes",
}
# Servers that answer INFO in the same words for another machine inside: keys on disk, other memory and counters.
LOOKALIKES = {"pika_version": "Pika", "kvrocks_version": "Kvrocks", "tendis_version": "Tendis"}
# TYPE is asked once for each key by --bigkeys and --memkeys, the sizes once by --bigkeys; MEMORY USAGE is no lookup
# (src/object.c reads the dictionary itself). An application hardly asks TYPE, which makes it the mark of a scan.
SIZE_COMMANDS = ("strlen", "llen", "scard", "hlen", "zcard", "xlen")

_FIELD = re.compile(r"([A-Za-z][\w|.-]*):(.*)")
_PAIR = re.compile(r"(?<![\w.])([\w.]+)=([^,]*)")
_OURS = ("redis_version", "valkey_version", "used_memory", "keyspace_hits", *LOOKALIKES)
_SECTION = re.compile(
    r"^(?:cmdstat_[\w|.-]+:calls=\d|db\d+:keys=\d+,expires=\d|connected_slaves:\d|blocked_clients:\d)", re.M
)


@dataclass(slots=True)
class _Snapshot:
    """The fields of a file: value and line of each, in the order read."""

    values: dict[str, str] = field(default_factory=dict)
    texts: dict[str, tuple[int, str]] = field(default_factory=dict)

    def number(self, name: str) -> float | None:
        """A field as a number, None when it is absent or no number."""
        return _number(self.values.get(name, ""))

    def place(self, name: str, result: ParseResult) -> Place:
        """The line of a field."""
        return readers.place(*self.texts[name], result)

    def of(self, prefix: str) -> Iterator[tuple[str, dict[str, float]]]:
        """(rest of the name, its numbers) of every field "prefix...:a=1,b=2"."""
        for name, text in self.values.items():
            if name.startswith(prefix):
                pairs = ((key, _number(value)) for key, value in _PAIR.findall(text))
                yield name[len(prefix) :], {key: value for key, value in pairs if value is not None}


def sniff(head: Head) -> bool:
    """Claim lines "field:value" among which stands one that only INFO has; lookalikes too, to refuse them by name."""
    lines = [line for line in head.whole_lines[:600] if line.strip()]  # INFO of all sections has some 300
    start = lines[: 1 + len(lines) // 5]  # among so many at least one is a field or a heading, if enough are
    if not any(line.startswith("# ") or _FIELD.match(line) for line in start):
        return False
    section = _SECTION.search(head.text) is not None  # of INFO commandstats, keyspace, replication or clients alone
    if not section and not any(name in head.text for name in _OURS):
        return False
    names = [match[1] for line in lines if (match := _FIELD.match(line))]
    headings = sum(line.startswith("# ") for line in lines)
    return (section or any(name in names for name in _OURS)) and len(names) + headings >= 0.8 * len(lines)


def parse(source: Source) -> ParseResult:
    """One evidence row for the server, one a command and one a database; ParseError for other servers."""
    result = ParseResult(carrier="info")
    snapshot = _read(source, result)
    name = next((LOOKALIKES[key] for key in LOOKALIKES if key in snapshot.values), None)
    if name is not None:
        raise ParseError(f"This is INFO of {name}, whose counters mean something else. Send INFO of Redis or Valkey.")
    fields = (f"{name}:{value}" for name, value in snapshot.values.items())
    if not any(key in snapshot.values for key in _OURS) and not any(map(_SECTION.match, fields)):
        raise ParseError(f"No field of INFO was found. {HOW}", result.lines or None)
    if "maxmemory" not in snapshot.values and _mode(snapshot) == "sentinel":
        raise ParseError("This is INFO of a sentinel, which holds no keys: send INFO of the servers it watches.", 1)
    _add_server(snapshot, result)
    _add_commands(snapshot, result)
    _add_databases(snapshot, result)
    _finish(snapshot, result)
    return result


def _read(source: Source, result: ParseResult) -> _Snapshot:
    snapshot = _Snapshot()
    for result.lines, raw in source.lines():
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r")
        match = _FIELD.match(line)
        if not line.strip():
            result.blank += 1
        elif line.startswith("# "):
            result.records_lines += 1
        elif match is None:
            readers.reject_line(result.lines, line, result)
        else:
            result.records_lines += 1
            if match[1] == "uptime_in_seconds" and match[1] in snapshot.values:
                raise ParseError(
                    "The file holds more than one INFO; send one file per server and moment.", result.lines
                )
            snapshot.values.setdefault(match[1], match[2].strip())
            snapshot.texts.setdefault(match[1], (result.lines, line))
    result.records = source.records = len(snapshot.values)
    return snapshot


def _mode(snapshot: _Snapshot) -> str:
    return snapshot.values.get("server_mode") or snapshot.values.get("redis_mode", "")


def _server(snapshot: _Snapshot) -> tuple[str, str]:
    """(server, version). Forks keep a redis_version for their clients, so their own field counts first."""
    values = snapshot.values
    if "valkey_version" in values or values.get("server_name") == "valkey":
        return "valkey", values.get("valkey_version", "")
    if "dragonfly_version" in values:
        return "dragonfly", values["dragonfly_version"]
    provider = next((name for sign, name in _PROVIDERS.items() if sign in values.get("os", "")), None)
    name = provider or ("keydb" if "mvcc_depth" in values else "upstash" if "upstash_version" in values else "redis")
    return name, values.get("redis_version", "")


# What a provider keeps from its users, and what to send for it.
_PROVIDERS = {"Amazon ElastiCache": "elasticache", "Amazon MemoryDB": "memorydb"}
_PROVIDER_NOTES = {
    "upstash": "Upstash gives a part of INFO, and refuses writes when it is full unless eviction was switched on.",
    "elasticache": "ElastiCache hides CONFIG: its CloudWatch metrics tell processor, network and replication.",
    "memorydb": "MemoryDB hides CONFIG: its CloudWatch metrics tell processor, network and replication.",
}


class _Metrics:
    """Metrics of the server row with the line of each."""

    def __init__(self, snapshot: _Snapshot, result: ParseResult) -> None:
        self.values: dict[str, float] = {}
        self.places: dict[str, Place] = {}
        self._snapshot, self._result = snapshot, result

    def put(self, metric: str, value: float | None, source: str) -> None:
        """Keep a value and the line of the field it comes from; None is left out."""
        if value is not None and source in self._snapshot.texts:
            self.values[metric] = value
            self.places[metric] = self._snapshot.place(source, self._result)


def _add_server(snapshot: _Snapshot, result: ParseResult) -> None:
    metrics = _Metrics(snapshot, result)
    for metric, name in FIELDS.items():
        metrics.put(metric, snapshot.number(name), name)
    _put_derived(metrics, snapshot)
    _put_keys(metrics, snapshot)
    _put_saves(metrics, snapshot)
    corrected = _put_lookups(metrics, snapshot, result)
    server, version = _server(snapshot)
    if server in _PROVIDER_NOTES:
        result.notes.append(_PROVIDER_NOTES[server])
    attrs = {
        "server": server,
        "version": version,
        "policy": snapshot.values.get("maxmemory_policy"),
        "role": "sentinel" if _mode(snapshot) == "sentinel" else snapshot.values.get("role"),
        "persistence": _persistence(snapshot),
        "hit_share_corrected": corrected,
        "run_id": snapshot.values.get("run_id"),
        "taken": _taken(snapshot),
    }
    first = next(iter(snapshot.texts))
    named = next((name for name in ("valkey_version", "redis_version") if name in snapshot.texts), first)
    result.evidence.append(
        Evidence(
            kind="redis.server",
            subject="server",
            metrics=metrics.values,
            place=snapshot.place(named, result),
            places=metrics.places,
            attrs={key: value for key, value in attrs.items() if value not in (None, "")},
        )
    )


def _taken(snapshot: _Snapshot) -> str | None:
    """When the server answered, by its own clock, which counts in UTC; told since Redis 6."""
    now_us = snapshot.number("server_time_usec")
    return datetime.fromtimestamp(now_us / 1_000_000, UTC).isoformat() if now_us and 0 < now_us < 2**53 else None


def _put_derived(metrics: _Metrics, snapshot: _Snapshot) -> None:
    uptime = metrics.values.get("uptime_s")
    metrics.put("window_s", uptime, "uptime_in_seconds")
    used, limit = metrics.values.get("used_memory"), metrics.values.get("maxmemory")
    if used is not None and limit:
        metrics.put("memory_share", used / limit, "used_memory")
    if uptime:
        for metric, name in (
            ("evicted_per_min", "evicted_keys"),
            ("connections_per_min", "total_connections_received"),
        ):
            count = snapshot.number(name)
            metrics.put(metric, None if count is None else count * 60 / uptime, name)
    fork_us = snapshot.number("latest_fork_usec")
    metrics.put("fork_ms", None if fork_us is None else fork_us / 1_000, "latest_fork_usec")
    buffers = "client_output_buffer_limit_disconnections"
    metrics.put("output_buffer_disconnections", snapshot.number(buffers), buffers)
    errors = dict(snapshot.of("errorstat_"))
    metrics.put("oom_errors", errors.get("OOM", {}).get("count"), "errorstat_OOM")


def _put_keys(metrics: _Metrics, snapshot: _Snapshot) -> None:
    databases = {f"db{name}": numbers for name, numbers in snapshot.of("db") if name.isdigit() and "keys" in numbers}
    if not databases:
        return
    keys = sum(numbers["keys"] for numbers in databases.values())
    expiring = sum(numbers.get("expires", 0.0) for numbers in databases.values())
    largest = max(databases, key=lambda name: databases[name]["keys"])
    metrics.put("keys", keys, largest)
    metrics.put("keys_with_expiry", expiring, largest)
    if keys:
        metrics.put("no_expiry_share", (keys - expiring) / keys, largest)


def _put_saves(metrics: _Metrics, snapshot: _Snapshot) -> None:
    statuses = [name for name in ("rdb_last_bgsave_status", "aof_last_write_status") if name in snapshot.values]
    failed = [name for name in statuses if snapshot.values[name] != "ok"]
    if statuses:
        metrics.put("save_failures", float(bool(failed)), (failed or statuses)[0])
    now_us, saved = snapshot.number("server_time_usec"), snapshot.number("rdb_last_save_time")
    if now_us and saved:
        metrics.put("last_save_age_s", max(now_us / 1_000_000 - saved, 0.0), "rdb_last_save_time")


def _persistence(snapshot: _Snapshot) -> bool | None:
    """Whether anything reaches the disk; None when INFO, which does not show the save schedule, cannot tell.

    False needs an hour with changes and no snapshot: the schedule that Redis ships saves after an hour with one change
    (redis.conf, "save 3600 1 300 100 60 10000").
    """
    if "aof_enabled" not in snapshot.values:
        return None
    saves = snapshot.number("rdb_saves")  # counted from 7.0 on; before, only the duration of the last one is shown
    saved = saves > 0 if saves is not None else (snapshot.number("rdb_last_bgsave_time_sec") or 0.0) >= 0
    if snapshot.number("aof_enabled") or saved:
        return True
    waited = (snapshot.number("uptime_in_seconds") or 0.0) >= 3_600
    return False if waited and snapshot.number("rdb_changes_since_last_save") else None


def _put_lookups(metrics: _Metrics, snapshot: _Snapshot, result: ParseResult) -> bool | None:
    """Hits and misses less the lookups of scanning tools; True when counted with commandstats, None when refused."""
    hits, misses = metrics.values.get("keyspace_hits"), metrics.values.get("keyspace_misses")
    if hits is None or misses is None:
        return None
    calls = {name: numbers.get("calls", 0.0) for name, numbers in snapshot.of("cmdstat_")}
    if not calls and "latency_percentiles_usec_type" in snapshot.values:
        result.notes.append(
            "A scanning tool has run (TYPE was called) and its lookups cannot be taken out: no hit rate."
        )
        return None
    if not calls and hits + misses:
        result.notes.append("The hit rate is not corrected for scanning tools; INFO everything would allow it.")
    typed = calls.get("type", 0.0)
    sizes = sum(calls.get(name, 0.0) for name in SIZE_COMMANDS)
    scanned = typed + min(sizes, max(typed - calls.get("memory|usage", 0.0), 0.0))
    if scanned > hits:
        result.notes.append("Calls of scanning commands exceed the hits: the counters do not fit, no hit rate.")
        return None
    if scanned:
        result.notes.append(f"{scanned:,.0f} lookups of scanning tools (TYPE and sizes) are taken out of the hit rate.")
    metrics.put("lookups", hits + misses - scanned, "keyspace_hits")
    if hits + misses > scanned:
        metrics.put("hit_share", (hits - scanned) / (hits + misses - scanned), "keyspace_hits")
    return bool(calls)


def _add_commands(snapshot: _Snapshot, result: ParseResult) -> None:
    commands = dict(snapshot.of("cmdstat_"))
    busy_us = sum(numbers.get("usec", 0.0) for numbers in commands.values())
    policy = snapshot.values.get("maxmemory_policy")
    names = {"calls": "calls", "usec": "time_us", "usec_per_call": "us_per_call"}
    names |= {"rejected_calls": "rejected", "failed_calls": "failed"}
    for name, numbers in commands.items():
        metrics = {metric: numbers[key] for key, metric in names.items() if key in numbers}
        if busy_us and "usec" in numbers:
            metrics["share"] = numbers["usec"] / busy_us
        place = snapshot.place(f"cmdstat_{name}", result)
        attrs = {"policy": policy} if policy else {}
        result.evidence.append(Evidence("redis.command", name.lower(), metrics, place, attrs=attrs))


def _add_databases(snapshot: _Snapshot, result: ParseResult) -> None:
    names = {"keys": "keys", "expires": "keys_with_expiry", "avg_ttl": "avg_ttl_ms"}
    for name, numbers in snapshot.of("db"):
        if name.isdigit() and "keys" in numbers:
            metrics = {metric: numbers[key] for key, metric in names.items() if key in numbers}
            result.evidence.append(
                Evidence("redis.database", f"db{name}", metrics, snapshot.place(f"db{name}", result))
            )


def _finish(snapshot: _Snapshot, result: ParseResult) -> None:
    server = result.evidence[0]
    if version := server.attrs.get("version"):
        result.totals["version"] = str(version)
    for name in (
        "used_memory",
        "maxmemory",
        "evicted_keys",
        "keyspace_hits",
        "keyspace_misses",
        "keys",
        "keys_with_expiry",
    ):
        if name in server.metrics:
            result.totals[name] = int(server.metrics[name])
    uptime = server.metrics.get("uptime_s")
    since = f" {uptime / 3600:,.1f} hours ago" if uptime is not None else ""
    result.notes.append(f"One moment: counters run since the server started{since}; growth needs a second INFO.")
    result.enables = ["Memory against its limit and what happens there", "Hit rate, evictions, clients and persistence"]
    missing = _missing(snapshot.values)
    if missing:
        result.notes.append(f"Not in this file: {', '.join(missing)}. {HOW}")
    else:
        result.enables.append("Which commands block the server")


def _missing(names: Iterable[str]) -> list[str]:
    parts = {"memory": "used_memory", "statistics": "keyspace_hits", "command statistics": "cmdstat_"}
    return [part for part, prefix in parts.items() if not any(name.startswith(prefix) for name in names)]


def _number(text: str) -> float | None:
    try:
        return readers.number(text.removesuffix("%"))
    except ValueError:
        return None


PARSER = Parser(
    id="redis-info",
    title="Redis or Valkey INFO",
    how_to_export="redis-cli INFO everything > redis-info.txt",
    looks_for="lines such as redis_version:7.2.4 and used_memory:1024",
    kinds=("redis.server", "redis.command", "redis.database", "redis.change"),  # a change needs two files
    sniff=sniff,
    parse=parse,
)
