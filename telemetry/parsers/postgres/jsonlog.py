"""log_destination = jsonlog (PostgreSQL 15 and later): one object a line, keys in any order, absent when null.

Keys: https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-JSONLOG
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from telemetry.evidence import ParseResult
from telemetry.parsers.postgres.carrier import Carrier
from telemetry.parsers.postgres.clock import is_moment
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.fields import see_fields
from telemetry.parsers.postgres.named import named_fields
from telemetry.source import Head, Source
from telemetry.splitting import next_line

_ORIGINS = 20_000
_OWN = frozenset(("timestamp", "error_severity", "message", "pid"))
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, OverflowError)


class JsonReader(Events):
    """Feeds on lines. Statements take the short way through `feed`; everything else `_see`."""

    written_as = "jsonlog"

    def __init__(self, result: ParseResult) -> None:
        super().__init__(result)
        self._callers: dict[tuple[str, str, str], int] = {}

    def feed(self, lines: list[bytes]) -> None:
        """Read lines, in the order of the file."""
        loads, callers, counts, ran = orjson.loads, self._callers, self.tally.counts, self.families.waiting.append
        number, records, queries, second = self.result.lines, 0, 0, self._second.decode()
        for line in lines:
            number += 1
            record, caller, us = None, None, 0
            try:
                record = loads(line)
                time, _, phase = record["message"].partition(" ms  ")
                stamp = record["timestamp"]
                if time[:10] == "duration: " and record["error_severity"] == "LOG":
                    caller = callers.get((stamp[23:], record.get("user", ""), record.get("application_name", "")))
                    us = int(float(time[10:]) * 1000 + 0.5)
            except _BROKEN:
                caller = None
            if caller is None:
                self._queries += queries
                queries, second = 0, self._see(number, line, record)
                continue
            if stamp[:19] != second:
                self._queries += queries
                queries, second = 0, stamp[:19]
                if stamp[10:11] != " " or not is_moment(second.encode("utf-8", "replace")):
                    second = self._see(number, line, record)
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
                self.plan(number, line, time[10:].encode(), phase.encode("utf-8", "replace"))
                records += 1
                continue
            else:
                self._queries += queries
                queries, second = 0, self._see(number, line, record)
                continue
            records += 1
            queries += 1
            ran((sql, us, caller, number, line))
        self._queries += queries
        self.families.catch_up()
        self.result.lines = number
        self.result.records += records

    def _see(self, number: int, line: bytes, record: Any) -> str:
        """Any line; returns the second that the log has come to."""
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


def split_lines(blocks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Blocks as lists of lines without their LF or CRLF."""
    for block in blocks:
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        yield [line.removesuffix(b"\r") for line in lines] if b"\r" in block else lines


def _sniff(head: Head) -> bool:
    """Whether one of the first lines is an object with the keys that no record of a jsonlog lacks."""
    for line in head.whole_lines[:20]:
        if line.startswith("{"):
            try:
                if orjson.loads(line).keys() >= _OWN:
                    return True
            except ValueError:
                continue
    return False


def _read(_: None, source: Source, result: ParseResult) -> JsonReader:
    reader = JsonReader(result)
    for lines in split_lines(source.blocks()):
        reader.feed(lines)
        reader.tell(source)
    return reader


JSONLOG = Carrier("jsonlog", _sniff, _read, cut=next_line)
