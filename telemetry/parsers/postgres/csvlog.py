"""log_destination = csvlog: 23, 24 or 26 columns without a header, and what stands behind a damaged record.

Columns: https://www.postgresql.org/docs/current/runtime-config-logging.html#RUNTIME-CONFIG-LOGGING-CSVLOG
"""

import re
from typing import Self

from telemetry.evidence import ParseResult
from telemetry.parsers.postgres.carrier import Carrier
from telemetry.parsers.postgres.clock import is_moment
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.fields import SEVERITIES, Fields, see_fields
from telemetry.parsers.postgres.lines import FOLD, beginning, folded, many_objects, whole_records
from telemetry.parsers.postgres.micros import Micros
from telemetry.parsers.postgres.prefix import STAMP, ZONE
from telemetry.parsers.postgres.quotes import KEPT_BYTES, Quoter
from telemetry.source import Head, Source

_NAME = rb'(?:"(?:[^"]|""){0,130}"|[^",\n]{0,63})'
# How a record begins: time, user, database, process. No text inside a field looks so, for its quotes are doubled.
_START = re.compile(
    rb'"?(?P<moment>' + STAMP + rb")(?:[.,]\d{1,6})?" + ZONE + rb'"?,' + _NAME + rb"," + _NAME + rb',"?\d*"?,'
)
_CELL = rb'(?:"[^"]*(?:""[^"]*)*"|[^",\x01]*)'
_KEPT = rb"(" + _CELL + rb")"
# 22 columns until 8.4, 23 with the application, 24 with the backend's type (13), 26 with leader and query (14).
_RECORD = re.compile(
    rb'"?(' + STAMP + rb")(?:[.,]\d{1,6})?" + ZONE + rb'"?,' + _KEPT + rb"," + _CELL + rb',"?(\d*)"?,'
    + (_CELL + rb",") * 7
    + (_KEPT + rb",") * 4  # severity, state, message, detail
    + (_CELL + rb",") * 3
    + (_KEPT + rb",") * 2  # context, statement
    + _CELL + rb"," + _CELL + rb"(?:," + _KEPT + rb"(?:," + _CELL + rb"(?:," + _CELL + rb"," + _CELL + rb")?)?)?"
)  # fmt: skip
# A record as far as its severity and SQLSTATE. A statistics view with the time of its export begins like one.
_KNOWN = re.compile(
    _START.pattern + (_CELL + rb",") * 7 + rb'"?[A-Z\x80-\xff][A-Z0-9\x80-\xff ]{2,40}"?,"?[0-9A-Z]{5}"?,'
)
_WORD = rb'("[^",\n]*+"|[^",\n]*+)'  # a cell without quotes, commas and lines in it
_ANY = _WORD.replace(b"(", b"(?:")
_TEXT = rb'[^"]*+(?:""[^"]*+)*+'
_TEXTS = rb'(?:"(' + _TEXT + rb')")?,'
# A record as most are written: it has a message, and may have a detail, a context and a statement.
_SIMPLE = re.compile(
    rb"(" + STAMP + rb")\.\d{3}" + ZONE + rb"," + _WORD + rb"," + _ANY + rb",(\d*+)," + (_ANY + rb",") * 7
    + rb'([A-Z]+),([0-9A-Z]{5}),"(' + _TEXT + rb')",' + _TEXTS + rb'(?:"' + _TEXT + rb'")?,,,' + _TEXTS * 2
    + rb"\d*+,," + _WORD + rb"(?:," + _ANY + rb"(?:,\d*+,-?\d*+)?)?"
)  # fmt: skip
_PLAIN_TIME = re.compile(rb"[^,]{19}[.,]\d{3} [^,]+")
_PENDING_BYTES = 256 * 1024
_SESSIONS = 20_000
_COUNTED = {b"bind ": "binds", b"parse ": "parses"}
_DAMAGED = "{} records of the csvlog are damaged, cut in the middle; reading went on at the next whole record."
_HEADER = b"log_time,user_name,database_name,"
_Origin = tuple[bytes, bytes]  # zone and user, and all behind the detail


class CsvReader(Events):
    """Feeds on whole records. Durations take the short way through `feed`, the rest a CSV reader."""

    written_as = "csvlog"

    def __init__(self, result: ParseResult, start: bytes = b"20") -> None:
        super().__init__(result)
        self.damaged = 0
        self._records, self._begin, self._next = _records(start), beginning(start), b"\n" + start
        self._micros = Micros()
        self._callers: dict[_Origin, int] = {}
        self._pending: tuple[int, bytes] | None = None  # a record whose last field is still open

    @many_objects()
    def feed(self, text: bytes) -> None:
        """Read whole records, in the order of the file."""
        callers, counts, ran, micros = self._callers, self.tally.counts, self.families.waiting.append, self._micros
        number, step, records, queries, second = self.result.lines, 1, 0, 0, self._second
        for line, moment, head, origin, time, phase, tail, end in self._records.findall(text):
            number += step
            more = line.count(b"\n")
            step = 1 + more
            caller = None
            whole = time and not self._pending and not (more and (b"\n" in head or self._next in line))
            if whole and (moment == second or is_moment(moment)):
                caller = callers.get((origin, end))
                if caller is None:
                    caller = self._learn((origin, end), number, line)
            if caller is None:
                self._queries += queries
                simple = None if time or self._pending or self._next in line else _simple_fields(line)
                if simple:
                    see_fields(self, number, line, simple)
                else:
                    self._careful(number, line)
                second, queries = self._second, 0
                continue
            if moment != second:
                self._queries += queries
                second, queries = moment, 0
                self.tick(second)
            records += 1
            if phase in _COUNTED:
                counts[_COUNTED[phase]] += 1
                continue
            if b'"' in tail:
                tail = tail.replace(b'""', b'"')
            if phase == b"plan:":
                counts["plans"] += 1
                self.plans.see(micros[time], number, line, tail)
            else:
                queries += 1
                ran((tail, micros[time], caller, number, line))
        self._queries += queries
        self.families.catch_up()
        self.result.lines = number + step - 1
        self.result.records += records

    def _careful(self, number: int, text: bytes) -> None:
        """Read what begins like a record, one after the other."""
        if b"\n" not in text:
            self._slow(number, text)
            return
        for line in self._begin.split(text):
            self._slow(number, folded(line))
            number += line.count(b"\n") + 1

    def pause(self) -> None:
        """A record that is still open is damaged: parts begin with a whole one."""
        self._drop_pending()
        self._callers.clear()
        self._micros.clear()
        super().pause()

    def join(self, later: Self) -> None:
        self.damaged += later.damaged
        super().join(later)

    def finish(self, quoter: Quoter) -> None:
        if self.damaged:
            self.remarks.append(_DAMAGED.format(self.damaged))
        super().finish(quoter)

    def _slow(self, number: int, line: bytes) -> None:
        """Any record, and what is none."""
        if self._pending:
            if _START.match(line):
                self._drop_pending()
            else:
                number, line = self._pending[0], self._pending[1] + FOLD + line
                self._pending = None
        found = _RECORD.match(line)
        fields = _fields(found) if found and line[found.end() : found.end() + 1] in (b"", FOLD) else None
        if found and fields:
            see_fields(self, number, line.partition(FOLD)[0], fields)
            end = found.end() + 1
            if line[end - 1 : end]:
                self._stray(number + line.count(FOLD, 0, end), line[end:])
        elif not line.strip(FOLD + b" \t"):
            self._stray(number, line)
        elif not line.startswith(_HEADER):
            self._mend(number, line)

    def _stray(self, number: int, text: bytes) -> None:
        """Lines outside every record."""
        for offset, part in enumerate(text.split(FOLD)):
            if part.strip():
                self.reject(number + offset, part)
            else:
                self.result.blank += 1

    def _mend(self, number: int, line: bytes) -> None:
        """A record that is not whole: one may begin inside it, or it goes on in the next line."""
        again = next(_START.finditer(line, 1), None)
        if again is not None:
            lost, rest = line[: again.start()], line[again.start() :]
            self._lose(number, lost, shared=not lost.endswith(FOLD))
            self._slow(number + lost.count(FOLD), rest)
        elif _START.match(line) and line.count(b'"') % 2 and len(line) < _PENDING_BYTES:
            self._pending = (number, line)
        else:
            self._lose(number, line, shared=False)

    def _drop_pending(self) -> None:
        if self._pending:
            number, line = self._pending
            self._pending = None
            self._lose(number, line, shared=False)

    def _lose(self, number: int, text: bytes, shared: bool) -> None:
        """Reject the lines of a damaged record, but not one that it shares with a whole record behind it."""
        self.damaged += 1
        parts = text.removesuffix(FOLD).split(FOLD)
        if shared:
            parts.pop()
        for offset, part in enumerate(parts):
            self.reject(number + offset, part)

    def _learn(self, key: _Origin, number: int, line: bytes) -> int | None:
        """The caller of a record under what the short way looks at: zone, user and the end of the line.

        None where these could mean two things, or the record is damaged.
        """
        found = _RECORD.fullmatch(folded(line))
        fields = _fields(found) if found else None
        if fields is None or len(self._callers) >= _SESSIONS:
            return None
        time, given = line.split(b",", 2)[:2]
        user = b'"' + fields.user.replace(b'"', b'""') + b'"' if fields.user else b""
        if given != user or not _PLAIN_TIME.fullmatch(time):
            return None
        self.clock.zones[fields.zone] = None
        if not self.first[0]:
            self.first = (number, line[:KEPT_BYTES])
        caller = self._callers[key] = self.session(b"LOG", b"", fields.user, fields.app).caller
        return caller


def _records(start: bytes) -> re.Pattern[bytes]:
    """Finds every record: all of it, and where it is a duration its second, the cells in front of its severity, the
    zone and user among them, time and phase, its text, and what follows its detail.

    The cells are found by their commas alone, so they may hold the end of a line: then it is no record. The text goes
    on to its closing quote, which is three times as fast as to look at each line: then it may hold several records."""
    text = rb'[^"]*+(?:""[^"]*+)*+'
    cells = rb",".join([rb"[^,]*+"] * 9)
    head = rb"(20.{17}).{4}(([^,]*+,[^,]*+)," + cells + rb"),LOG,00000,"
    duration = rb'"duration: (\d{1,12}\.\d{3}) ms  (statement: |execute [^\n":]*+: |bind |parse |plan:)'
    rest = rb"(" + text + rb')",(?:"' + text + rb'")?,,,,,,,,'
    end = rb"(.*[^0-9\n])[0-9]*+(?=\n(?:" + start + rb"|\Z))"
    return re.compile(rb"((?:" + head + duration + rest + end + rb")|.*+(?:\n(?!" + start + rb"|\Z).*+)*+)\n")


def _simple_fields(line: bytes) -> Fields | None:
    """The fields of a record as most are written, without folding and reading every cell; None for any other."""
    found = _SIMPLE.fullmatch(line)
    if found is None:
        return None
    moment, zone, user, pid, severity, state, *texts, app = found.groups(b"")
    message, detail, context, statement = [text.replace(b'""', b'"') if b'"' in text else text for text in texts]
    if severity not in SEVERITIES:
        return None
    user, app = user.strip(b'"'), app.strip(b'"')
    return Fields(moment, zone, severity, message, pid, user, app, state.decode(), detail, context, statement)


def _fields(found: re.Match[bytes]) -> Fields | None:
    """A record's fields, None when they are none of a server's."""
    moment, zone, user, pid, *cells = found.groups(b"")
    severity, state, message, detail, context, statement, app = [cell and _text_of(cell) for cell in cells]
    if severity not in SEVERITIES:
        return None  # the pattern knows a moment
    return Fields(
        moment=moment,
        zone=zone,
        severity=severity,
        message=message,
        pid=pid,
        user=_text_of(user),
        app=app,
        state=state.decode("utf-8", "replace"),
        detail=detail,
        context=context,
        statement=statement,
    )


def _text_of(cell: bytes) -> bytes:
    if FOLD in cell:
        cell = cell.replace(FOLD, b"\n")
    return cell[1:-1].replace(b'""', b'"') if cell[:1] == b'"' else cell


def _sniff(head: Head) -> bool:
    """Whether a record of a csvlog begins in one of the first lines."""
    lines = (line for line in head.lines[:50] if line.lstrip('"')[:1].isdigit())
    return any(_KNOWN.match(line.encode("utf-8", "replace")) for line in lines)


def _start(source: Source) -> bytes:
    """How a line begins that begins a record."""
    lines = source.peek().split(b"\n")
    first = next((line for line in lines if line[:3] == b'"20' or line[:2] == b"20"), b"20")
    return b'"20' if first[:1] == b'"' else b"20"


def _cut(start: bytes, window: bytes) -> int:
    """No text in a field looks like the beginning of a record, see `_START`."""
    at = window.find(b"\n" + start)
    while at >= 0 and not _START.match(window, at + 1):
        at = window.find(b"\n" + start, at + 1)
    return at + 1 or -1


def _read(start: bytes, source: Source, result: ParseResult) -> CsvReader:
    reader = CsvReader(result, start)
    for records in whole_records(source.blocks(), start):
        reader.feed(records)
        reader.tell(source)
    return reader


CSVLOG = Carrier("csvlog", _sniff, _read, _start, _cut)
