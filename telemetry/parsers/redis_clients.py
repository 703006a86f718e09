"""Redis and Valkey CLIENT LIST: who is connected, idle, blocked, or slow to take answers.

Fields: https://redis.io/docs/latest/commands/client-list/ (ages in seconds, memory in bytes).
"""

import re

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.redis_patterns import pattern_of
from telemetry.source import Head, Source

HOW = "Export with: redis-cli CLIENT LIST > clients.txt"
IDLE_S = 300  # as long as tcp-keepalive, the shortest time after which the server itself would ask
MAX_GROUPS = 100
OTHER = "other"
UNNAMED = "unnamed"

_CLIENT = re.compile(r"(?:id=\d+ )?addr=\S* .*\bcmd=")
_FIELD = re.compile(r"(?<![a-z-])([a-z-]+)=(\S*)")
LINE_CHARS = 4_000  # a client takes some 400


class _Group:
    """Clients of one name; metrics as the vocabulary names them, and where the largest stand."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.metrics: dict[str, float] = {"clients": 0.0, "blocked": 0.0, "subscribed": 0.0, "idle": 0.0}
        self.places: dict[str, Place] = {}

    def add(self, fields: dict[str, str], place: Place) -> None:
        numbers = {name: float(text) for name, text in fields.items() if text.lstrip("-").isdigit()}
        self.metrics["clients"] += 1
        self.metrics["blocked"] += "b" in fields.get("flags", "")
        self.metrics["subscribed"] += any(numbers.get(name, 0) > 0 for name in ("sub", "psub", "ssub"))
        self.metrics["idle"] += numbers.get("idle", 0) >= IDLE_S
        self._raise("idle_max_s", numbers.get("idle"), place)
        self._raise("output_bytes_max", numbers.get("omem"), place)
        if "tot-mem" in numbers:
            self.metrics["memory_bytes"] = self.metrics.get("memory_bytes", 0.0) + numbers["tot-mem"]

    def _raise(self, metric: str, value: float | None, place: Place) -> None:
        if value is not None and value > self.metrics.get(metric, -1.0):
            self.metrics[metric], self.places[metric] = value, place


def sniff(head: Head) -> bool:
    """Claim lines that start as CLIENT LIST does."""
    first = next((line for line in head.lines if line.strip()), "")
    return _CLIENT.match(first.removeprefix("\ufeff")[:LINE_CHARS]) is not None


def parse(source: Source) -> ParseResult:
    """One evidence row a client name; ParseError when no line is a client."""
    result = ParseResult(carrier="client-list")
    groups: dict[str, _Group] = {}
    for result.lines, raw in source.lines():
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        if not line.strip():
            result.blank += 1
        elif _CLIENT.match(line[:LINE_CHARS]):
            result.records_lines += 1
            _add(line, groups, result)
        else:
            readers.reject_line(result.lines, line, result)
    if not groups:
        raise ParseError(f"No line of CLIENT LIST was found. {HOW}", result.lines or None)
    result.evidence = [
        Evidence("redis.clients", name, group.metrics, group.place, group.places) for name, group in groups.items()
    ]
    result.records = source.records = result.records_lines
    result.totals = {"clients": result.records}
    result.enables = ["Who holds connections, which are idle, and whose buffers grow"]
    result.notes.append("One moment; addresses are masked. How fast clients come and go needs a second export or INFO.")
    return result


def _add(line: str, groups: dict[str, _Group], result: ParseResult) -> None:
    fields = dict(_FIELD.findall(line[:LINE_CHARS]))
    name = pattern_of(fields.get("name", "")) or fields.get("lib-name") or UNNAMED
    if name not in groups and len(groups) >= MAX_GROUPS:
        name = OTHER
    place = readers.place(result.lines, line, result)
    groups.setdefault(name, _Group(place)).add(fields, place)


PARSER = Parser(
    id="redis-clients",
    title="Redis or Valkey client list",
    how_to_export="redis-cli CLIENT LIST > clients.txt",
    looks_for="lines such as id=17 addr=10.0.0.7:39630 name=web age=0 idle=0 ... cmd=get",
    kinds=("redis.clients",),
    sniff=sniff,
    parse=parse,
)
