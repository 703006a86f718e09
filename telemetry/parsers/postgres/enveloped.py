"""Lines of the server inside something else: an event of CloudWatch, a row of Datadog, a message of syslog."""

import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.postgres.clock import is_moment
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.fields import Fields, see_fields
from telemetry.parsers.postgres.messages import Kind
from telemetry.parsers.postgres.prefix import Prefix, compile_prefix, find_prefix
from telemetry.parsers.postgres.quotes import KEPT_BYTES, Quoter

_SAMPLE = 400
_TEXT_BYTES = 1024 * 1024
# Azure's single servers put a number here that the server itself does not write.
_NUMBERED = re.compile(rb"\Acheckpoint complete \(\d+\):")
# What a background process writes where the prefix is that of a session only.
_BARE = compile_prefix("").pattern


class Entry:
    """A text that one envelope holds, and where: `raw` is the line `number` of the file. `stamp` is its own time."""

    __slots__ = ("detail", "number", "pid", "raw", "stamp", "text")

    def __init__(
        self,
        number: int,
        raw: bytes,
        text: bytes,
        stamp: tuple[bytes, bytes] | None = None,
        pid: bytes = b"",
        detail: bytes = b"",
    ) -> None:
        self.number, self.raw, self.text = number, raw[:KEPT_BYTES], text
        self.stamp, self.pid, self.detail = stamp, pid, detail


class EnvelopeReader(Events):
    """Takes entries in the order of the file; the prefix of their lines is learned from the first of them."""

    def __init__(self, result: ParseResult, carrier: str) -> None:
        super().__init__(result)
        self.written_as = f"the lines of a server log in {carrier}"
        self.yearless = False  # the envelope's times have no year
        self.skipped = 0  # records of other programs in the same file
        self._prefix: Prefix | None = None
        self._sample: list[Entry] = []
        self._refused = 0  # the last line that was rejected: one line may hold several entries
        self._open: Entry | None = None  # a record that may go on in the next entry

    def take(self, entry: Entry) -> None:
        """One text of the server: a record, a part of one, or several."""
        if self._prefix is None:
            self._sample.append(entry)
            if len(self._sample) >= _SAMPLE:
                self._learn()
            return
        lines = entry.text.split(b"\n")
        for index, line in enumerate(lines):
            if self._prefix.pattern.match(line) or _BARE.match(line):
                self._flush()
                self._open = Entry(entry.number, entry.raw, line, entry.stamp, entry.pid)
            elif self._open is not None and len(self._open.text) < _TEXT_BYTES:
                self._open.text += b"\n" + line.removeprefix(b"\t")
            elif self._open is None and index == 0:
                self._refuse(entry)
                return
        if self._open is not None:
            self._open.detail = entry.detail

    def take_fields(self, number: int, raw: bytes, fields: Fields) -> None:
        """A record whose parts are named."""
        see_fields(self, number, raw[:KEPT_BYTES], fields)

    def finish(self, quoter: Quoter) -> None:
        """The file ended."""
        if self._prefix is None and self._sample:
            self._learn()
        self._flush()
        self.dated = not self.yearless or (self._prefix is not None and self._prefix.has_time)
        if not self.dated:
            self.remarks.append("The lines carry no year: how long the log runs is known, but not its dates.")
        if self.skipped:
            self.remarks.append(f"{self.skipped} records are of other programs than the server and were left out.")
        super().finish(quoter)

    def _refuse(self, entry: Entry) -> None:
        if entry.number > self._refused:
            self._refused = entry.number
            self.reject(entry.number, entry.raw)

    def _learn(self) -> None:
        lines = [line for entry in self._sample for line in entry.text.split(b"\n")]
        self._prefix = find_prefix(lines)
        if self._prefix is None:
            raise ParseError("No text in this file holds a severity such as LOG or ERROR; export the server's log.", 1)
        self.has_pid = self._prefix.has_pid or any(entry.pid for entry in self._sample)
        self.has_time = self._prefix.has_time or any(entry.stamp for entry in self._sample)
        sample, self._sample = self._sample, []
        for entry in sample:
            self.take(entry)

    def _flush(self) -> None:
        """Read the record that is open: no more of it will come."""
        entry, self._open = self._open, None
        if entry is None or self._prefix is None:
            return
        found = self._prefix.pattern.match(entry.text) or _BARE.match(entry.text)
        if found is None:
            return
        fields = found.groupdict()
        moment, zone = fields.get("stamp") or b"", fields.get("zone") or b""
        if not moment:
            moment, zone = entry.stamp or (self._second, b"")
        if not is_moment(moment):
            self._refuse(entry)
            return
        if zone:
            self.clock.zones[zone] = None
        pid = fields.get("pid") or fields.get("session") or entry.pid
        state = (fields.get("state") or b"").decode()
        session = self.session(fields["severity"], pid, fields.get("user"), fields.get("app"), state)
        tail = _NUMBERED.sub(b"checkpoint complete:", entry.text[found.end() :])
        if session.kind is Kind.DETAIL:
            self.attach(pid, session.severity, tail)
            return
        self.record(session, entry.number, entry.raw, moment, tail)
        if entry.detail:
            self.attach(pid, b"DETAIL", entry.detail)
