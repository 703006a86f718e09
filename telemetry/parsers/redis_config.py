"""Redis and Valkey CONFIG GET: limits, persistence and what is logged. Secrets are masked before anything is kept.

Settings: https://redis.io/docs/latest/operate/oss_and_stack/management/config-file/
"""

from typing import Any

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.redis_pairs import Pair, names_in, read_pairs
from telemetry.source import Head, Source

HOW = "Export with: redis-cli CONFIG GET '*' > redis-config.txt"
# Metric and the setting that it is, unchanged.
NUMBERS = {
    "maxmemory": "maxmemory",
    "maxclients": "maxclients",
    "timeout_s": "timeout",
    "keepalive_s": "tcp-keepalive",
    "slow_from_us": "slowlog-log-slower-than",  # -1: no slow log
    "slow_entries": "slowlog-max-len",
    "latency_from_ms": "latency-monitor-threshold",  # 0: no latency monitor
    "databases": "databases",
    "io_threads": "io-threads",
    "replication_backlog": "repl-backlog-size",
}
TEXTS = {"policy": "maxmemory-policy", "appendfsync": "appendfsync", "save": "save"}
SWITCHES = {
    "appendonly": "appendonly",
    "protected_mode": "protected-mode",
    "active_defragmentation": "activedefrag",
    "lazy_eviction": "lazyfree-lazy-eviction",
    "lazy_expiry": "lazyfree-lazy-expire",
}
SECRETS = ("requirepass", "masterauth", "primaryauth", "tls-key-file-pass", "tls-client-key-file-pass")
_KNOWN = frozenset([*NUMBERS.values(), *TEXTS.values(), *SWITCHES.values(), *SECRETS])
_OWN = frozenset(name for name in _KNOWN if "-" in name or name in ("maxmemory", "maxclients", "appendonly"))


def sniff(head: Head) -> bool:
    """Claim names and values among which at least two are settings that only Redis has; one if it is all there is."""
    names = names_in(head)
    known = [name for name in names if name in _OWN]
    return len(known) >= 2 or (len(names) <= 2 and len(known) == len(names) > 0)


def parse(source: Source) -> ParseResult:
    """One evidence row for the server; ParseError when no setting is known."""
    result = ParseResult()
    pairs = read_pairs(source, result)
    known = {name: pair for name, pair in pairs.items() if name in _KNOWN}
    if not known:
        raise ParseError(f"No setting of Redis was found. {HOW}", 1)
    for name in SECRETS:
        result.redacted += bool(pairs[name].value) if name in pairs else 0
    result.evidence.append(_evidence(known, result))
    result.records = len(pairs)
    result.totals = {"settings": len(pairs)}
    result.enables = ["Limits, eviction and persistence as they are set", "Whether slow commands are logged at all"]
    result.notes.append("Settings of one moment; secrets are left out, only whether a password is set is kept.")
    return result


def _evidence(pairs: dict[str, Pair], result: ParseResult) -> Evidence:
    metrics: dict[str, float] = {}
    places = {}
    for metric, name in NUMBERS.items():
        value = pairs[name].number if name in pairs else None
        if value is not None:
            metrics[metric], places[metric] = value, pairs[name].place(result)
    first = next((pair for name, pair in pairs.items() if name not in SECRETS), None)
    if first is None:
        raise ParseError(f"Only secrets are in this file. {HOW}", 1)
    return Evidence("redis.config", "server", metrics, first.place(result), places, _attrs(pairs))


def _attrs(pairs: dict[str, Pair]) -> dict[str, Any]:
    attrs: dict[str, Any] = {key: pairs[name].value for key, name in TEXTS.items() if name in pairs}
    attrs |= {key: pairs[name].value == "yes" for key, name in SWITCHES.items() if name in pairs}
    if "requirepass" in pairs:
        attrs["password"] = bool(pairs["requirepass"].value)
    if "appendonly" in pairs and "save" in pairs:
        attrs["persistence"] = bool(attrs["appendonly"] or attrs["save"])
    return attrs


PARSER = Parser(
    id="redis-config",
    title="Redis or Valkey settings",
    how_to_export="redis-cli CONFIG GET '*' > redis-config.txt   # passwords are masked on reading",
    looks_for="names and values such as maxmemory-policy, noeviction, from CONFIG GET",
    kinds=("redis.config",),
    sniff=sniff,
    parse=parse,
)
