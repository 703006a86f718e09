"""log_destination = jsonlog (PostgreSQL 15 and later): one object a line, keys in any order, absent when null.

Keys: https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-JSONLOG
"""

from collections.abc import Iterable, Iterator

import msgspec
import orjson

from telemetry.evidence import ParseResult
from telemetry.parsers.postgres.carrier import Carrier
from telemetry.parsers.postgres.clock import is_moment
from telemetry.parsers.postgres.events import Events, microseconds
from telemetry.parsers.postgres.fields import see_fields
from telemetry.parsers.postgres.lines import many_objects
from telemetry.parsers.postgres.named import named_fields
from telemetry.source import Head, Source
from telemetry.splitting import next_line

_ORIGINS = 20_000
_OWN = frozenset(("timestamp", "error_severity", "message", "pid"))
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, OverflowError)
_TIMES = 50_000


class _Record(msgspec.Struct, gc=False):
    """What is needed of a duration; the rest of the object is read over."""

    timestamp: str
    error_severity: str
    message: str
    user: str = ""
    application_name: str = ""


class JsonReader(Events):
    """Feeds on lines. Statements take the short way through `feed`; everything else `_see`."""

    written_as = "jsonlog"

    def __init__(self, result: ParseResult) -> None:
        super().__init__(result)
        self._callers: dict[tuple[str, str, str], int] = {}
        self._times: dict[str, int] = {}  # microseconds by `duration: N`, as most are short and come again

    def feed(self, block: bytes) -> None:
        """Read whole lines, in the order of the file."""
        lines = lines_of(block)
        if _is_text(block):
            self._feed(lines)
            return
        for number, line in enumerate(lines, self.result.lines + 1):  # what is read over is not looked at so closely
            self._see(number, line)
        self.result.lines += len(lines)

    @many_objects()
    def _feed(self, lines: list[bytes]) -> None:
        decode, callers, times = _DECODER.decode, self._callers, self._times
        counts, ran = self.tally.counts, self.families.waiting.append
        number, records, queries, second = self.result.lines, 0, 0, self._second.decode()
        for line in lines:
            number += 1
            caller, us = None, None
            try:
                record = decode(line)
                time, _, phase = record.message.partition(" ms  ")
                stamp = record.timestamp
                if record.error_severity == "LOG":
                    us = times[time] if time in times else self._learn(time)
                    caller = callers.get((stamp[23:], record.user, record.application_name))
            except _BROKEN:
                caller = None
            if caller is None or us is None:
                self._queries += queries
                queries, second = 0, self._see(number, line)
                continue
            if stamp[:19] != second:
                self._queries += queries
                queries, second = 0, stamp[:19]
                if stamp[10:11] != " " or not is_moment(second.encode("utf-8", "replace")):
                    second = self._see(number, line)
                    continue
                self.tick(second.encode())
            if phase[:11] == "statement: ":
                sql = phase[11:].encode("utf-8", "replace")
            elif phase[:8] == "execute ":
                sql = phase.partition(": ")[2].encode("utf-8", "replace")
            elif phase[:5] in ("bind ", "parse"):
                counts["binds" if phase[0] == "b" else "parses"] += 1
                records += 1
                continue
            elif phase[:5] == "plan:":
                counts["plans"] += 1
                self.plans.see(us, number, line, phase[5:].encode("utf-8", "replace"))
                records += 1
                continue
            else:
                self._queries += queries
                queries, second = 0, self._see(number, line)
                continue
            records += 1
            queries += 1
            ran((sql, us, caller, number, line))
        self._queries += queries
        self.families.catch_up()
        self.result.lines = number
        self.result.records += records

    def pause(self) -> None:
        self._times.clear()
        super().pause()

    def _learn(self, time: str) -> int | None:
        """Microseconds of `duration: N`; None for what is no duration. ValueError and OverflowError for no number."""
        if time[:10] != "duration: ":
            return None
        us = microseconds(time[10:])
        if len(self._times) < _TIMES:
            self._times[time] = us
        return us

    def _see(self, number: int, line: bytes) -> str:
        """Any line; returns the second that the log has come to."""
        try:
            record = orjson.loads(line)
        except ValueError:
            record = None
        fields = named_fields(record) if isinstance(record, dict) else None
        if fields is not None:
            see_fields(self, number, line, fields)
            parts = record.get("timestamp"), record.get("user", ""), record.get("application_name", "")
            if len(self._callers) < _ORIGINS and all(isinstance(part, str) for part in parts):
                self._callers[parts[0][23:], parts[1], parts[2]] = self.session(
                    b"LOG", b"", fields.user, fields.app
                ).caller
        elif line.strip():
            self.reject(number, line)
        else:
            self.result.blank += 1
        return self._second.decode()


_DECODER = msgspec.json.Decoder(_Record)


def _is_text(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def split_lines(blocks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Blocks as lists of lines without their LF or CRLF."""
    return map(lines_of, blocks)


def lines_of(block: bytes) -> list[bytes]:
    """The lines of a block without their LF or CRLF."""
    lines = block.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix(b"\r") for line in lines] if b"\r" in block else lines


def _sniff(head: Head) -> bool:
    """Whether one of the first lines is an object with the keys that no record of a jsonlog lacks."""
    if '"error_severity"' not in head.text:
        return False
    for line in (line for line in head.whole_lines[:20] if line.startswith("{")):
        try:
            if orjson.loads(line).keys() >= _OWN:
                return True
        except ValueError:
            continue
    return False


def _read(_: None, source: Source, result: ParseResult) -> JsonReader:
    reader = JsonReader(result)
    for block in source.blocks():
        reader.feed(block)
        reader.tell(source)
    return reader


JSONLOG = Carrier("jsonlog", _sniff, _read, cut=next_line)
