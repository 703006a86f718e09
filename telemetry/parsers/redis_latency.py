"""Redis and Valkey LATENCY LATEST, HISTORY and DOCTOR: events that stopped the server.

Events: https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/ (milliseconds).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.readers import JsonText
from telemetry.parsers.redis_replies import is_printed, lines_of, read_printed
from telemetry.source import Head, Source

HOW = "Export with: redis-cli LATENCY LATEST > latency.txt"
UNNAMED = "unnamed event"  # HISTORY answers for one event and does not say which

_EVENT = r"(?:command|fork|[a-z]+-[a-z-]+)"  # "fast-command", "aof-fsync-always", "expire-cycle" ...
_PAIR = r"\d{10}\n\d{1,8}\n"
_LATEST_PIPE = re.compile(rf"{_EVENT}\n{_PAIR}\d{{1,8}}(?:\n|\Z)")
_HISTORY_PIPE = re.compile(rf"(?:{_PAIR}){{2,}}\Z")
_LATEST_TERMINAL = re.compile(
    rf' *1\) 1\) "{_EVENT}"\n +2\) \(integer\) \d{{10}}\n +3\) \(integer\) \d+\n +4\) \(integer\)'
)
_HISTORY_TERMINAL = re.compile(r" *1\) 1\) \(integer\) \d{10}\n +2\) \(integer\) \d{1,8}(?:\n *2\)|\n*\Z)")
_LATEST_JSON = re.compile(rf'\s*\[\s*\[\s*"{_EVENT}"\s*,\s*\d{{10}}\s*,\s*\d{{1,8}}\s*,')
_HISTORY_JSON = re.compile(r"\s*\[\s*\[\s*\d{10}\s*,\s*\d{1,8}\s*\]")
_DOCTOR = re.compile(r"Dave, (?:I have observed|no latency spike)|I'm sorry, Dave, I can't do that\. Latency")
_SPIKES = re.compile(r"\d+\. ([\w-]+): (\d+) latency spikes \(average (\d+)ms, .*Worst all time event (\d+)ms\.")
_SHAPES = (_LATEST_PIPE, _HISTORY_PIPE, _LATEST_TERMINAL, _HISTORY_TERMINAL, _LATEST_JSON, _HISTORY_JSON, _DOCTOR)

Row = tuple[list[str | float | None], int, str]  # values, line, text to quote


def sniff(head: Head) -> bool:
    """Claim any of the three answers."""
    text = head.plain.lstrip("\n")
    return any(shape.match(text) for shape in _SHAPES)


def parse(source: Source) -> ParseResult:
    """One evidence row an event; ParseError when latency is not monitored or nothing was answered."""
    result = ParseResult()
    lines = lines_of(source, result)
    result.blank = sum(not line.strip() for line in lines)
    first = next((line for line in lines if line.strip()), "")
    if "Latency monitoring is disabled" in first:
        raise ParseError("Latency monitoring is off: CONFIG SET latency-monitor-threshold 100, wait, export again.", 1)
    if _DOCTOR.match(first):
        result.carrier = "doctor"
        _read_doctor(lines, result)
    else:
        _read_rows(list(_rows(lines, first, result)), result)
        if not result.evidence:
            raise ParseError(f"No whole row of an event was found. {HOW}", 1 if lines else None)
    result.records_lines = result.lines - result.blank - result.rejected
    result.totals = {"events": result.records}
    result.enables = ["Which internal events stopped the server, and for how long"]
    result.notes.append("Only events above latency-monitor-threshold are kept by the server.")
    return result


def _read_doctor(lines: list[str], result: ParseResult) -> None:
    for number, line in enumerate(lines, 1):
        if match := _SPIKES.match(line):
            metrics = {"spikes": float(match[2]), "avg_ms": float(match[3]), "max_ms": float(match[4])}
            place = readers.place(number, line, result)
            result.evidence.append(Evidence("redis.latency", match[1], metrics, place))
    result.records = len(result.evidence)


def _rows(lines: list[str], first: str, result: ParseResult) -> Iterator[Row]:
    if first.lstrip().startswith("["):
        result.carrier = "json"
        document = JsonText("\n".join(lines).encode())
        for entry in document.members(document.start):
            values = entry.value if isinstance(entry.value, list) else []
            end = entry.at + len(str(values)) if values else entry.at
            yield values, document.line(entry.value_at), document.text[entry.at : end].partition("\n")[0].rstrip(",")
    elif is_printed(first):
        result.carrier = "terminal"
        for reply in read_printed(lines).reply.members:
            last = reply.members[-1].line if reply.members else reply.line
            yield [one.value for one in reply.members], last, lines[last - 1]
    else:
        result.carrier = "pipe"
        yield from _of_pipe(lines)


def _of_pipe(lines: list[str]) -> Iterator[Row]:
    if not lines:
        return
    named = not lines[0].strip().isdigit()
    width = 2
    if named:
        width = next((at for at in range(1, len(lines)) if not lines[at].strip().isdigit()), len(lines))
    for at in range(0, len(lines) - width + 1, width):
        chunk = [line.strip() for line in lines[at : at + width]]
        if all(text.isdigit() for text in chunk[int(named) :]):
            values: list[str | float | None] = [*chunk[: int(named)], *map(float, chunk[int(named) :])]
            yield values, at + width, lines[at + width - 1]


def _read_rows(rows: list[Row], result: ParseResult) -> None:
    history = [row for row in rows if len(row[0]) == 2 and all(isinstance(value, int | float) for value in row[0])]
    for values, line, text in rows:
        if len(values) >= 4 and isinstance(values[0], str):
            last, peak = values[2], values[3]
            if isinstance(last, int | float) and isinstance(peak, int | float):
                place = readers.place(line, text, result)
                metrics = {"last_ms": float(last), "max_ms": float(peak)}
                result.evidence.append(Evidence("redis.latency", values[0], metrics, place))
                _see(values[1], result)
    if history:
        result.evidence.append(_of_history(history, result))
        result.notes.append("LATENCY HISTORY does not name its event; name the file after it for your own record.")
    result.records = len(history) or len(result.evidence)


def _of_history(rows: list[Row], result: ParseResult) -> Evidence:
    spikes: list[tuple[float, Place]] = []
    for values, line, text in rows:
        if isinstance(values[1], int | float):
            spikes.append((float(values[1]), Place(line, text)))
            _see(values[0], result)
    worst, at = max(spikes, key=lambda pair: pair[0])
    metrics = {"spikes": float(len(spikes)), "avg_ms": sum(one for one, _ in spikes) / len(spikes), "max_ms": worst}
    return Evidence("redis.latency", UNNAMED, metrics, readers.place(at.line, at.quote, result))


def _see(moment: str | float | None, result: ParseResult) -> None:
    """Widen the span of the result by a moment in unix seconds."""
    if isinstance(moment, int | float) and 0 < moment < 2**33:
        at = datetime.fromtimestamp(moment, UTC)
        result.first, result.last = min(result.first or at, at), max(result.last or at, at)


PARSER = Parser(
    id="redis-latency",
    title="Redis or Valkey latency events",
    how_to_export="redis-cli LATENCY LATEST > latency.txt; redis-cli LATENCY DOCTOR > latency-doctor.txt",
    looks_for="rows such as fast-command, 1795166513, 11, 11, from LATENCY LATEST, HISTORY or DOCTOR",
    kinds=("redis.latency",),
    sniff=sniff,
    parse=parse,
)
