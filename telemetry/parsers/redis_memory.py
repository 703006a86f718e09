"""Redis and Valkey MEMORY STATS and MEMORY DOCTOR: where the memory goes.

Fields: https://redis.io/docs/latest/commands/memory-stats/ (bytes, except counts, ratios and percentages).
"""

import re

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.redis_pairs import names_in, read_pairs
from telemetry.parsers.redis_replies import lines_of
from telemetry.source import Head, Source

HOW = "Export with: redis-cli MEMORY STATS > memory-stats.txt"
FIELDS = {
    "peak_bytes": "peak.allocated",
    "used_bytes": "total.allocated",
    "startup_bytes": "startup.allocated",
    "dataset_bytes": "dataset.bytes",
    "overhead_bytes": "overhead.total",
    "clients_bytes": "clients.normal",
    "replicas_bytes": "clients.slaves",
    "replication_backlog": "replication.backlog",
    "aof_buffer_bytes": "aof.buffer",
    "scripts_bytes": "lua.caches",
    "keys": "keys.count",
    "bytes_per_key": "keys.bytes-per-key",
    "fragmentation_ratio": "fragmentation",
    "fragmentation_bytes": "fragmentation.bytes",
}
_DOCTOR = re.compile(r"(?:Hi )?Sam, (?:I can't find any memory issue|this instance is empty|I detected a few issues)")
_ISSUE = re.compile(r" \* ([A-Z][\w ()-]{2,60}):")


def sniff(head: Head) -> bool:
    """Claim the first fields of MEMORY STATS, or the doctor's greeting."""
    if "peak.allocated" not in head.text:
        return _is_doctor(head)
    return _is_doctor(head) or {"peak.allocated", "total.allocated"} <= set(names_in(head)[:40])


def _is_doctor(head: Head) -> bool:
    return _DOCTOR.match(head.text.lstrip('\ufeff\r\n "')) is not None


def parse(source: Source) -> ParseResult:
    """One evidence row for the server."""
    result = ParseResult()
    head = source.head()
    if _is_doctor(head):
        _read_doctor(source, result)
    else:
        _read_stats(source, result)
    return result


def _read_stats(source: Source, result: ParseResult) -> None:
    pairs = read_pairs(source, result)
    found = {metric: pairs[name] for metric, name in FIELDS.items() if name in pairs}
    numbers = {metric: pair.number for metric, pair in found.items()}
    metrics = {metric: value for metric, value in numbers.items() if value is not None}
    if "used_bytes" not in metrics:
        raise ParseError(f"No total.allocated was found: the answer is cut. {HOW}", result.lines or None)
    places = {metric: found[metric].place(result) for metric in metrics}
    if (share := pairs.get("dataset.percentage")) and share.number is not None:
        metrics["dataset_share"], places["dataset_share"] = share.number / 100, share.place(result)
    result.evidence.append(Evidence("redis.memory", "server", metrics, places["used_bytes"], places))
    result.records = len(pairs)
    result.totals = {name: int(metrics[name]) for name in ("used_bytes", "peak_bytes", "keys") if name in metrics}
    result.enables = ["What share of the memory is data and what is overhead", "Fragmentation and buffers"]
    result.notes.append("One moment; growth needs a second export.")


def _read_doctor(source: Source, result: ParseResult) -> None:
    result.carrier = "doctor"
    lines = lines_of(source, result)
    result.blank = sum(not line.strip() for line in lines)
    result.records_lines = result.lines - result.blank
    found = [(number, match[1]) for number, line in enumerate(lines, 1) if (match := _ISSUE.match(line))]
    first = found[0][0] if found else next(number for number, line in enumerate(lines, 1) if line.strip())
    if "instance is empty" in lines[first - 1]:
        result.notes.append("The server holds too little for its doctor to judge: this is not a clean bill.")
    else:
        place = readers.place(first, lines[first - 1], result)
        attrs = {"issues": [name for _, name in found]}
        result.evidence.append(Evidence("redis.memory", "server", {"issues": float(len(found))}, place, attrs=attrs))
    result.records = len(found)
    result.totals = {"issues": len(found)}
    result.enables = ["What the server itself finds wrong with its memory"]


PARSER = Parser(
    id="redis-memory",
    title="Redis or Valkey memory statistics",
    how_to_export="redis-cli MEMORY STATS > memory-stats.txt",
    looks_for="names and values such as peak.allocated, from MEMORY STATS, or the answer of MEMORY DOCTOR",
    kinds=("redis.memory",),
    sniff=sniff,
    parse=parse,
)
