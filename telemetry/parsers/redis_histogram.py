"""Redis and Valkey LATENCY HISTOGRAM, 7.0 on: how long each command took, since the server started.

For each command the calls that took at most so many microseconds, in buckets of powers of two
(https://redis.io/docs/latest/commands/latency-histogram/). A percentile is the upper edge of the bucket it lies in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.readers import JsonText
from telemetry.parsers.redis_replies import lines_of
from telemetry.source import Head, Source

HOW = "Export with: redis-cli LATENCY HISTOGRAM > latency-histogram.txt"
CALLS, BUCKETS = "calls", "histogram_usec"
MAX_COMMANDS = 500  # Redis 8 has about 400, modules included

_MARKS = re.compile(r"(?:\s*\d+[)#] )*\s*")
_STRING = re.compile(r'"([\w|.-]{1,80})"\Z')
_NAME = re.compile(r"[A-Za-z][\w|.-]{0,79}\Z")
_NUMBER = re.compile(r"(?:\(integer\) )?(\d{1,18})\Z")
_PIPE = re.compile(r"\s*[a-z][\w|.-]*\ncalls\n\d+\nhistogram_usec\n\d+\n")
_PRINTED = re.compile(r' *1[)#] "[\w|.-]+"(?: =>)? *\n +1[)#] "calls"|\A *1\) "[\w|.-]+"\n *2\) 1\) "calls"')
_JSON = re.compile(r'\s*\{\s*"[\w|.-]+"\s*:\s*\{\s*"calls"\s*:\s*\d+\s*,\s*"histogram_usec"\s*:')


@dataclass(slots=True)
class _Command:
    """Calls of one command: how many there were, and by the edge of their bucket how many took at most so long."""

    name: str
    line: int
    text: str
    calls: int = 0
    edges: dict[int, int] = field(default_factory=dict)


def sniff(head: Head) -> bool:
    """Claim the answer in any of the forms redis-cli prints."""
    return BUCKETS in head.text and any(shape.match(head.plain) for shape in (_JSON, _PRINTED, _PIPE))


def parse(source: Source) -> ParseResult:
    """One row a command; ParseError when the answer holds none."""
    result = ParseResult()
    lines = lines_of(source, result)
    result.blank = sum(not line.strip() for line in lines)
    if "".join(lines[:3]).lstrip().startswith("{"):
        result.carrier = "json"
        commands = list(_of_json(JsonText("\n".join(lines).encode())))
    else:
        result.carrier = "terminal" if lines and '"' in lines[0] else "pipe"
        commands = _of_lines(lines, result)
    for command in commands[:MAX_COMMANDS]:
        if (evidence := _evidence(command, result)) is not None:
            result.evidence.append(evidence)
    if not result.evidence:
        raise ParseError(f"No command with its calls was found. {HOW}", 1 if lines else None)
    result.records = len(result.evidence)
    result.records_lines = result.lines - result.blank - result.rejected
    result.totals = {"commands": result.records, "calls": sum(command.calls for command in commands)}
    result.enables = ["Which commands take long, and how often"]
    result.notes = [
        "Counted since the server started or CONFIG RESETSTAT. Times are of the command alone, without the network, "
        "and rounded up to the edge of their bucket: the true one may be half of it."
    ]
    return result


def _of_json(document: JsonText) -> Iterator[_Command]:
    for entry in document.members(document.start):
        facts = entry.value if isinstance(entry.value, dict) else {}
        calls, buckets = facts.get(CALLS), facts.get(BUCKETS)
        if isinstance(calls, int) and isinstance(buckets, dict):
            edges = {int(edge): count for edge, count in buckets.items() if edge.isdigit() and isinstance(count, int)}
            text = document.text[entry.at : entry.value_at + 60].partition("\n")[0]
            yield _Command(entry.key, document.line(entry.at), text, calls, edges)


def _of_lines(lines: list[str], result: ParseResult) -> list[_Command]:
    """Names and numbers as they come: a name, its calls, the word histogram_usec, then edges and counts in turn."""
    found: list[_Command] = []
    word, edge = "", 0
    for number, line in enumerate(lines, 1):
        for part in line.split(" => "):
            text = _MARKS.sub("", part, count=1).removesuffix(" =>").strip()
            name, value = _STRING.match(text) or _NAME.match(text), _NUMBER.match(text)
            if name is not None:
                word = name[name.re.groups]
                if word not in (CALLS, BUCKETS):
                    found.append(_Command(word, number, line))
                edge = 0
            elif value is not None and found and word == CALLS:
                found[-1].calls = int(value[1])
            elif value is not None and found and word == BUCKETS:
                if edge:
                    found[-1].edges[edge] = int(value[1])
                edge = 0 if edge else int(value[1])
            elif text:
                result.reject(number, readers.quote(line, result))
                break
    return found


def _evidence(command: _Command, result: ParseResult) -> Evidence | None:
    if not command.calls:
        return None
    metrics = {"calls": float(command.calls)}
    for metric, part in (("p50_us", 0.5), ("p99_us", 0.99), ("max_us", 1.0)):
        edges = [edge for edge, count in sorted(command.edges.items()) if count >= part * command.calls]
        if edges:
            metrics[metric] = float(edges[0])
    place = readers.place(command.line, command.text, result)
    return Evidence("redis.command.latency", command.name.lower(), metrics, place)


PARSER = Parser(
    id="redis-histogram",
    title="Redis or Valkey latency of commands",
    how_to_export="redis-cli LATENCY HISTOGRAM > latency-histogram.txt",
    looks_for="commands with calls and histogram_usec, from LATENCY HISTOGRAM",
    kinds=("redis.command.latency",),
    sniff=sniff,
    parse=parse,
)
