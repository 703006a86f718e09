"""Function log of Vercel: a log drain (JSON lines or JSON arrays) or `vercel logs --json`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.function_calls import CLI, DRAIN, call_of, carrier_of
from telemetry.parsers.function_counts import FunctionLog, Key, Spot
from telemetry.parsers.function_drain import Drain, Record
from telemetry.parsers.function_evidence import FunctionRows
from telemetry.redaction import counted_quote
from telemetry.source import Head, Source, is_overlong
from telemetry.splitting import Split, next_line

_DOCUMENT_BYTES = 64 * 1024 * 1024
_KEPT_BYTES = 4_000
_SEND_LINES = "Send one record a line: jq -c '.[]' drain.json > drain.ndjson"
_NOTES = {
    DRAIN: [
        "A drain may be sampled or filtered by source; ask for its sampling rate before scaling these counts.",
        "A drain record holds no duration, so latency is not measured; send a trace drain or an access log for it.",
    ],
    CLI: [
        "`vercel logs` returns 100 rows of the last day unless told otherwise: these counts are no census.",
        "These records hold no duration and no size; a log drain tells sizes, a trace drain durations.",
    ],
}


@dataclass(frozen=True, slots=True)
class _Record:
    """A JSON value, the line it starts on, that line, and whether the line holds nothing else."""

    line: int
    text: bytes
    content: Any
    alone: bool


def sniff(head: Head) -> bool:
    """Whether most of the first records carry the keys of a drain or of `vercel logs`."""
    if head.text.lstrip()[:1] not in ("{", "["):
        return False
    if head.quoted.isdisjoint(("deploymentId", "requestMethod")):
        return False
    lines = [line for line in head.whole_lines[:50] if line.strip()]
    carriers = [carrier_of(record) for line in lines for record in _parsed(line.encode()) or [None]]
    if carriers and sum(map(bool, carriers)) >= 0.5 * len(carriers):
        return True
    # One document over several lines, or one line longer than the head.
    drain = head.quoted.issuperset(("deploymentId", "projectId", "source", "message", "timestamp"))
    pretty = not lines or lines[0].strip() in ("[", "{", "[{")
    return drain and pretty


def _parsed(line: bytes) -> list[Any] | None:
    """The records on a line (a drain may send an array a line), None when it is no JSON."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, list) else [value]


class _Reader:
    """Reads a file, or a part of it, into a log."""

    def __init__(self, first_part: bool) -> None:
        self.result = ParseResult()
        self.log = FunctionLog(first_part)
        self.strange = 0
        self._drain = Drain(self.log)

    def take(self, record: _Record) -> Key | None:
        """Count one record; None when it belongs to no request or tells an outcome in its message."""
        result, content = self.result, record.content
        carrier = carrier_of(content)
        if carrier is None and not _is_notice(content):
            self.strange += not record.alone
            if record.alone:
                result.reject(record.line, counted_quote(record.text)[0])
                result.records_lines -= 1
            return None
        result.records += 1
        result.carrier = result.carrier or carrier or ""
        _see_time(result, content.get("timestamp"))
        call = call_of(content, carrier) if carrier else None
        return self.log.add(call, _Quoter(record)) if call else None

    def read_lines(self, source: Source) -> None:
        """Read a drain with one record a line, a block at a time."""
        self.result.lines = before = source.lines_before
        for block in source.blocks():
            lines = block.split(b"\n")
            if not lines[-1]:
                lines.pop()
            records = self._drain.records_of(block)
            if records is not None and len(records) == len(lines):
                self._read_block(records, lines)
            else:
                for at, line in enumerate(lines, self.result.lines + 1):
                    for record in _on(at, line.removesuffix(b"\r"), self.result):
                        self.take(record)
            self.result.lines += len(lines)
            source.records = self.result.records
        self.result.lines -= before

    def _read_block(self, records: Sequence[Record], lines: list[bytes]) -> None:
        result = self.result
        start = result.lines + 1

        def careful(number: int) -> Key | None:
            line = lines[number - start].removesuffix(b"\r")
            key = None
            for record in _on(number, line, result):
                key = self.take(record)
            return key

        counted = self._drain.count(records, start, careful)
        result.records += counted
        result.records_lines += counted
        result.carrier = result.carrier or DRAIN
        stamps = [record.timestamp for record in records if record.timestamp is not None]
        for stamp in (min(stamps, default=None), max(stamps, default=None)):
            _see_time(result, stamp)


def start(source: Source) -> str | None:
    """DRAIN for one record of a drain a line; None for other carriers and for documents, which one process reads."""
    first = source.peek().lstrip().split(b"\n", 1)[0]
    records = _parsed(first) if first.startswith(b"{") else None
    return DRAIN if records and carrier_of(records[0]) == DRAIN else None


def read(context: str | None, source: Source) -> _Reader:
    """Count the requests of a file or of a part."""
    reader = _Reader(source.lines_before == 0)
    if context == DRAIN:
        reader.read_lines(source)
        return reader
    for record in _records(source, reader.result):
        reader.take(record)
        source.records = reader.result.records
    return reader


def join(earlier: _Reader, later: _Reader) -> _Reader:
    """Both parts as one."""
    earlier.log.merge(later.log)
    earlier.strange += later.strange
    mine, theirs = earlier.result, later.result
    for name in ("records", "lines", "records_lines", "blank", "rejected"):
        setattr(mine, name, getattr(mine, name) + getattr(theirs, name))
    mine.rejected_samples = [*mine.rejected_samples, *theirs.rejected_samples][:3]
    mine.notes += theirs.notes
    mine.carrier = mine.carrier or theirs.carrier
    mine.first = min((moment for moment in (mine.first, theirs.first) if moment), default=None)
    mine.last = max((moment for moment in (mine.last, theirs.last) if moment), default=None)
    return earlier


def finish(reader: _Reader) -> ParseResult:
    """The evidence of everything that was read."""
    result = reader.result
    if not reader.log.spots:
        raise ParseError(
            "No record of this file belongs to a request; send the production drain, or `vercel logs --json`."
        )
    rows = FunctionRows(reader.log, _window_s(result), result)
    result.evidence = rows.evidence()
    result.totals = rows.totals()
    result.enables = ["Errors, timeouts and throttling of functions by route", "Errors by deployment"]
    result.notes += _NOTES[result.carrier]
    if reader.strange:
        result.notes.append(
            f"{reader.strange:,} entries of the arrays were no records of a function log and were left out."
        )
    return result


def _records(source: Source, result: ParseResult) -> Iterator[_Record]:
    """Every JSON object of the file; lines are counted on the way."""
    for number, line in (lines := source.lines()):
        result.lines = number
        text = line.strip()
        if not result.records and text in (b"[", b"{", b"[{"):
            yield from _document(line, lines, result)
            return
        yield from _on(number, line, result)


def _on(number: int, line: bytes, result: ParseResult) -> Iterator[_Record]:
    """The records on a line, which is counted as blank, rejected or theirs."""
    text = line.strip()
    if not text:
        result.blank += 1
        return
    parsed = None if is_overlong(line) else _parsed(text)
    if parsed is None:
        if is_overlong(line):
            result.notes.append(f"Line {number} is longer than 10 MB and was left out. {_SEND_LINES}")
        result.reject(number, counted_quote(line)[0])
        return
    result.records_lines += 1
    yield from _on_line(number, line, parsed)


def _on_line(number: int, line: bytes, parsed: list[Any]) -> Iterator[_Record]:
    alone = len(parsed) == 1 or not any(map(carrier_of, parsed))
    for content in parsed[:1] if alone else parsed:
        yield _Record(number, line, content, alone)


def _document(first: bytes, lines: Iterator[tuple[int, bytes]], result: ParseResult) -> Iterator[_Record]:
    """The records of one document over many lines; each stands where its id is written."""
    texts, size = [first], len(first)
    for result.lines, line in lines:
        texts.append(line)
        size += len(line) + 1
        if size > _DOCUMENT_BYTES:
            raise ParseError(f"The JSON document is larger than {_DOCUMENT_BYTES // 1024**2} MB. {_SEND_LINES}")
    try:
        value = orjson.loads(b"\n".join(texts))
    except orjson.JSONDecodeError as error:
        raise ParseError(f"The JSON document is cut off or damaged ({error}). {_SEND_LINES}", error.lineno) from error
    result.blank = sum(1 for text in texts if not text.strip())
    result.records_lines = result.lines - result.blank
    at = 0
    for content in value if isinstance(value, list) else [value]:
        wanted = orjson.dumps(content.get("id")) if isinstance(content, dict) else b"\x00"
        at = next((i for i in range(at, len(texts)) if wanted in texts[i]), at)
        yield _Record(at + 1, texts[at], content, False)


def _is_notice(content: object) -> bool:
    """`vercel logs` may put objects about the deployment before the rows; they are no requests."""
    return isinstance(content, dict) and content.get("type") in ("deployment_error", "deployment_status", "error")


def _see_time(result: ParseResult, stamp: object) -> None:
    if isinstance(stamp, int | float) and 0 < stamp < 4_102_444_800_000:  # before 2100, in ms
        when = datetime.fromtimestamp(stamp / 1000, UTC)
        result.first = min(result.first or when, when)
        result.last = max(result.last or when, when)


def _window_s(result: ParseResult) -> float:
    return (result.last - result.first).total_seconds() if result.first and result.last else 0.0


@dataclass(frozen=True, slots=True)
class _Quoter:
    """Quotes a record around a text, or around its id where many records share a line."""

    record: _Record

    @property
    def line(self) -> int:
        """Where the record stands."""
        return self.record.line

    def __call__(self, text: str) -> Spot:
        return Spot(self.record.line, *counted_quote(self._text(300_000), text))

    def kept(self) -> bytes:
        """A few kilobytes of the line."""
        return self._text(_KEPT_BYTES)

    def _text(self, size: int) -> bytes:
        """The part of a long line that holds the record."""
        line = self.record.text
        if len(line) <= _KEPT_BYTES:
            return line
        start = max(0, line.find(str(self.record.content.get("id") or "").encode()) - 10)
        return line[start : start + size]


_SPLIT = Split(start, next_line, read, join, finish)
PARSER = Parser(
    id="function-log",
    title="Function log (Vercel)",
    how_to_export="vercel logs --environment production --since 24h --limit 10000 --json > vercel-logs.ndjson   "
    "# better: a log drain in JSON or NDJSON, and its sampling rate",
    looks_for="JSON lines with deploymentId, projectId and source (log drain), or with requestMethod, "
    "responseStatusCode and domain (vercel logs --json)",
    kinds=("function.route", "function.server", "function.deployment", "error.cause"),
    sniff=sniff,
    parse=_SPLIT.parse,
    split=_SPLIT,
)
