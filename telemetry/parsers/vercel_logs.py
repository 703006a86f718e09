"""Function log of Vercel: a log drain (JSON lines or JSON arrays) or `vercel logs --json`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.parsers.function_calls import CLI, DRAIN, call_of, carrier_of
from telemetry.parsers.function_counts import FunctionLog
from telemetry.parsers.function_evidence import evidence_of, totals_of
from telemetry.redaction import counted_quote
from telemetry.source import Head, Source, is_overlong

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
    lines = [line for line in head.whole_lines[:50] if line.strip()]
    carriers = [carrier_of(record) for line in lines for record in _parsed(line.encode()) or [None]]
    if carriers and sum(map(bool, carriers)) >= 0.5 * len(carriers):
        return True
    # One document over several lines, or one line longer than the head.
    drain = all(f'"{key}"' in head.text for key in ("deploymentId", "projectId", "source", "message", "timestamp"))
    pretty = not lines or lines[0].strip() in ("[", "{", "[{")
    return drain and pretty


def _parsed(line: bytes) -> list[Any] | None:
    """The records on a line (a drain may send an array a line), None when it is no JSON."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, list) else [value]


def parse(source: Source) -> ParseResult:
    """Count requests once each by route, deployment and outcome."""
    result, log, strange = ParseResult(), FunctionLog(), 0
    for record in _records(source, result):
        carrier = carrier_of(record.content)
        if carrier is None and not _is_notice(record.content):
            strange += not record.alone
            if record.alone:
                result.reject(record.line, counted_quote(record.text)[0])
                result.records_lines -= 1
            continue
        result.records += 1
        source.records = result.records
        result.carrier = result.carrier or carrier or ""
        _see_time(result, record.content)
        call = call_of(record.content, carrier) if carrier else None
        if call:
            log.add(call, _Quoter(record, result))
    if log.server is None:
        raise ParseError(
            "No record of this file belongs to a request; send the production drain, or `vercel logs --json`."
        )
    result.evidence = evidence_of(log, _window_s(result))
    result.totals = totals_of(log.server)
    result.enables = ["Errors, timeouts and throttling of functions by route", "Errors by deployment"]
    result.notes += _NOTES[result.carrier]
    if strange:
        result.notes.append(f"{strange:,} entries of the arrays were no records of a function log and were left out.")
    return result


def _records(source: Source, result: ParseResult) -> Iterator[_Record]:
    """Every JSON object of the file; lines are counted on the way."""
    for number, line in (lines := source.lines()):
        result.lines = number
        text = line.strip()
        if not text:
            result.blank += 1
            continue
        parsed = None if is_overlong(line) else _parsed(text)
        if parsed is None and not result.records and text in (b"[", b"{", b"[{"):
            yield from _document(line, lines, result)
            return
        if parsed is None:
            if is_overlong(line):
                result.notes.append(f"Line {number} is longer than 10 MB and was left out. {_SEND_LINES}")
            result.reject(number, counted_quote(line)[0])
            continue
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


def _see_time(result: ParseResult, content: dict[str, Any]) -> None:
    stamp = content.get("timestamp")
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
    result: ParseResult

    def __call__(self, text: str) -> Place:
        quote, count = counted_quote(self._text(300_000), text)
        self.result.redacted += count
        return Place(self.record.line, quote)

    def kept(self) -> "_Quoter":
        identity = {"id": self.record.content.get("id")}
        return _Quoter(replace(self.record, text=self._text(_KEPT_BYTES), content=identity), self.result)

    def _text(self, size: int) -> bytes:
        """The part of a long line that holds the record."""
        line = self.record.text
        if len(line) <= _KEPT_BYTES:
            return line
        start = max(0, line.find(str(self.record.content.get("id") or "").encode()) - 10)
        return line[start : start + size]


PARSER = Parser(
    id="function-log",
    title="Function log (Vercel)",
    how_to_export="vercel logs --environment production --since 24h --limit 10000 --json > vercel-logs.ndjson   "
    "# better: a log drain in JSON or NDJSON, and its sampling rate",
    looks_for="JSON lines with deploymentId, projectId and source (log drain), or with requestMethod, "
    "responseStatusCode and domain (vercel logs --json)",
    kinds=("function.route", "function.server", "function.deployment"),
    sniff=sniff,
    parse=parse,
)
