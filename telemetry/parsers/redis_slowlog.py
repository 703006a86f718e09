"""Redis and Valkey SLOWLOG GET: which commands took longest, without their arguments, which are the clients' data."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers import redis_slow_entries as entries
from telemetry.parsers.base import Parser
from telemetry.parsers.readers import JsonText
from telemetry.parsers.redis_replies import is_printed, lines_of
from telemetry.parsers.redis_slow_entries import Entry
from telemetry.source import Head, Source

HOW = "Export with: redis-cli --json SLOWLOG GET 128 > slowlog.json (before Redis 7 without --json)."
MAX_LEN = 128  # slowlog-max-len as shipped; redis.conf
DEFAULT_ASKED = 10  # SLOWLOG GET without a number answers this many
PATTERNS_SHOWN = 5

_JSON = re.compile(r"\s*\[\s*\[\s*\d+\s*,\s*\d{10}\s*,\s*\d+\s*,\s*\[\s*\"")
_TERMINAL = re.compile(r" *1\) 1\) \(integer\) \d+\n +2\) \(integer\) \d{10}\n +3\) \(integer\) \d+\n +4\) +1\) \"")
_PIPE = re.compile(r"\d{1,19}\n\d{10}\n\d{1,16}\n[A-Za-z][\w.|-]{1,40}(?:\n|\Z)")


def sniff(head: Head) -> bool:
    """Claim an id, a moment, a duration and a command, in any of the three shapes."""
    text = head.plain.lstrip("\n")
    return any(shape.match(text) for shape in (_JSON, _TERMINAL, _PIPE))


def parse(source: Source) -> ParseResult:
    """One evidence row a command; ParseError when the file holds no entry."""
    result = ParseResult()
    found = list(_entries(source, result))
    if not found:
        raise ParseError(f"No whole entry of a slow log was found. {HOW}", 1 if result.lines else None)
    commands: dict[str, list[Entry]] = {}
    for entry in found:
        commands.setdefault(entry.command, []).append(entry)
    window_s = max(entry.at for entry in found) - min(entry.at for entry in found)
    result.evidence = [_evidence(command, group, window_s) for command, group in commands.items()]
    result.redacted += sum(entry.hidden for entry in found)
    _finish(found, result)
    return result


def _entries(source: Source, result: ParseResult) -> Iterator[Entry]:
    lines = lines_of(source, result)
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith("["):
        result.carrier = "json"
        yield from entries.of_json(JsonText("\n".join(lines).encode()), result)
    elif is_printed(first):
        result.carrier = "terminal"
        yield from entries.of_terminal(lines, result)
        result.blank = sum(not line.strip() for line in lines)
    else:
        result.carrier = "pipe"
        yield from entries.of_pipe(lines, result)


def _evidence(command: str, group: list[Entry], window_s: int) -> Evidence:
    worst = max(group, key=lambda entry: entry.us)
    patterns: dict[str, float] = {}
    for entry in group:
        if entry.pattern:
            patterns[entry.pattern] = patterns.get(entry.pattern, 0.0) + entry.us
    shown = sorted(patterns, key=lambda pattern: -patterns[pattern])[:PATTERNS_SHOWN]
    return Evidence(
        kind="redis.slow",
        subject=command,
        metrics={
            "entries": float(len(group)),
            "max_us": worst.us,
            "total_us": sum(entry.us for entry in group),
            "window_s": float(window_s),
        },
        place=worst.place,
        places={"max_us": worst.us_place},
        attrs={"patterns": shown} if shown else {},
    )


def _finish(found: list[Entry], result: ParseResult) -> None:
    result.records = len(found)
    result.totals = {"entries": len(found)}
    moments = [entry.at for entry in found]
    result.first = datetime.fromtimestamp(min(moments), UTC)
    result.last = datetime.fromtimestamp(max(moments), UTC)
    result.enables = ["Which commands and key patterns block the server, and for how long"]
    if len(found) == MAX_LEN:
        result.notes.append(
            f"{MAX_LEN} entries are as many as the slow log keeps by default (slowlog-max-len): older ones are lost, "
            "so counts are a lower bound."
        )
    elif len(found) == DEFAULT_ASKED:
        result.notes.append("10 entries are what SLOWLOG GET answers when no number is given: there may be more.")
    result.notes.append("What counts as slow is the server's choice (slowlog-log-slower-than); it is not in this file.")
    result.notes.append("Arguments are left out; of keys only the pattern is kept.")


PARSER = Parser(
    id="redis-slowlog",
    title="Redis or Valkey slow log",
    how_to_export="redis-cli --json SLOWLOG GET 128 > slowlog.json",
    looks_for="entries such as [3, 1795166516, 15288, [a command ...], from SLOWLOG GET",
    kinds=("redis.slow",),
    sniff=sniff,
    parse=parse,
)
