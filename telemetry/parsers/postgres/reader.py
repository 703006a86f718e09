"""The reading loop of plain lines: from logical lines to records."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Self

from telemetry.evidence import ParseResult
from telemetry.parsers.postgres.clock import is_moment
from telemetry.parsers.postgres.events import Events, plain_text
from telemetry.parsers.postgres.lines import FOLD, folded, many_objects
from telemetry.parsers.postgres.messages import Kind, Session
from telemetry.parsers.postgres.micros import Micros
from telemetry.parsers.postgres.prefix import Prefix, has_severity
from telemetry.parsers.postgres.quotes import KEPT_BYTES

_SESSIONS = 20_000
_BEGUN = 200_000
_ORPHANS = 1_000
DETAIL = Kind.DETAIL
_COUNTED = {b"bind ": "binds", b"parse ": "parses"}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class LogReader(Events):
    """Feeds on whole records. Durations and their parameters take the short way through `feed`; the rest `_slow`."""

    def __init__(self, prefix: Prefix, result: ParseResult, tabs_lost: bool) -> None:
        super().__init__(result)
        self.prefix = prefix
        self.has_pid, self.has_time = prefix.has_pid, prefix.has_time
        self.written_as = f"the prefix {prefix.escapes!r}"
        self.tabs_lost = tabs_lost
        self._sessions: dict[bytes, Session] = {}  # by what stands between time stamp and message
        self._logs: dict[bytes, Session] = {}  # those of severity LOG, by what stands in front of that
        self._records = _records(prefix)
        self._micros = Micros()
        self._begun: set[bytes] = set()  # processes that wrote a record in this part of the log
        # Details of processes before their first record: of one that a part of the log before may hold.
        self._orphans: list[tuple[bytes, bytes, str]] = []

    def join(self, later: Self) -> None:
        """Details at the beginning of the later part belong to the last records of this one."""
        for pid, label, text in later._orphans:
            if pid in self._waiting:
                self._waiting[pid].attach(label, text)
            elif pid not in self._begun:
                self._orphans.append((pid, label, text))
        for pid in later._begun & self._waiting.keys():
            self._waiting.pop(pid).finish()
        self._begun |= later._begun
        super().join(later)

    def pause(self) -> None:
        super().pause()
        self._sessions.clear()
        self._logs.clear()
        self._micros.clear()

    @many_objects()
    def feed(self, text: bytes) -> None:
        """Read whole records, in the order of the file."""
        known, logs, waiting, begun = self._sessions, self._logs, self._waiting, self._begun
        counts, ran, micros = self.tally.counts, self.families.waiting.append, self._micros
        number, step, records, queries, second = self.result.lines, 1, 0, 0, self._second
        for line, moment, origin, time, phase, key, tail, more, detail in self._records.findall(text):
            number += step
            step = 1
            session = logs.get(origin) if phase else known.get(key)
            if more:
                step += more.count(b"\n")
                if more.count(b"\n\t") != step - 1:
                    session = None
                tail = tail + more if phase == b"plan:" else (tail + more).replace(b"\n", FOLD)
            if detail:
                step += detail.count(b"\n")
            if session is None or (moment != second and not is_moment(moment)):
                self._queries += queries
                self._slow(number, line)
                if detail:
                    self._slow(number + step - detail.count(b"\n"), detail[:-1])
                second, queries = self._second, 0
                continue
            if moment != second:
                self._queries += queries
                self.tick(moment)
                second, queries = moment, 0
            pid = session.pid
            if not phase:
                if session.kind is not DETAIL:
                    self.record(session, number, folded(line) if more else line, moment, tail)
                elif pid in waiting:
                    waiting[pid].attach(session.severity, plain_text(tail))
                elif pid not in begun:
                    self._orphan(session, tail)
                continue
            if waiting and pid in waiting:
                waiting.pop(pid).finish()
            records += 1
            if phase in _COUNTED:
                counts[_COUNTED[phase]] += 1
            elif phase == b"plan:":
                counts["plans"] += 1
                self.plans.see(micros[time], number, line, tail)
            else:
                queries += 1
                ran((tail, micros[time], session.caller, number, line))
        self._queries += queries
        self.tick(second)
        self.families.settle(second[:16])
        self.result.lines = number + step - 1
        self.result.records += records

    def feed_lines(self, lines: Iterable[bytes]) -> None:
        """Read records one by one."""
        number = self.result.lines + 1
        for line in lines:
            self._slow(number, line)
            number += line.count(b"\n") + 1
        self.tick(self._second)
        self.families.settle(self._second[:16])
        self.result.lines = number - 1

    def _slow(self, number: int, line: bytes) -> None:
        """Any record, and what is none."""
        if b"\n" in line:
            line = folded(line) if line.count(b"\n") == line.count(b"\n\t") else self._unfold(number, line)
        head, _, tail = line.partition(b":  ")
        session, moment = self._sessions.get(head[self.prefix.stamp :]), line[:19]
        if session is None:
            opened = self._open(number, line)
            if opened is None:
                return
            session, tail, moment = opened
        if moment != self._second:
            if not is_moment(moment):
                self._stray(number, line)
                return
            self.tick(moment)
        if session.kind is not DETAIL:
            self.record(session, number, line, moment, tail)
        elif session.pid in self._waiting:
            self._waiting[session.pid].attach(session.severity, plain_text(tail))
        elif session.pid not in self._begun:
            self._orphan(session, tail)

    def _unfold(self, number: int, line: bytes) -> bytes:
        """Take the lines that are no continuation out of a record: blank ones, binary ones, other programs' ones."""
        parts = line.split(b"\n")
        if not self.prefix.pattern.match(parts[0]):
            return folded(line)  # no record at all: `_open` counts its lines
        kept = [parts[0]]
        for offset, part in enumerate(parts[1:], 1):
            if part.startswith(b"\t") or (self.tabs_lost and _continues(part)):
                kept.append(part)
            elif part.strip():
                self.reject(number + offset, part)
            else:
                self.result.blank += 1
        return FOLD.join(kept)

    def _open(self, number: int, line: bytes) -> tuple[Session, bytes, bytes] | None:
        """Read a prefix by its pattern: session, message and moment; None for what is no line of this log."""
        stamp = self.prefix.stamp
        # Milliseconds are not looked at where the session is known, so they are not looked at here.
        found = self.prefix.pattern.match(line[:19] + b".000" + line[23:] if stamp == 23 else line)
        if found is None:
            self._stray(number, line)
            return None
        if not self.first[0]:
            self.first = (number, line[:KEPT_BYTES])
        fields = found.groupdict()
        if fields.get("zone"):
            self.clock.zones[fields["zone"]] = None
        pid, state = fields.get("pid") or fields.get("session") or b"", (fields.get("state") or b"").decode()
        session = self.session(fields["severity"], pid, fields.get("user"), fields.get("app"), state)
        if session.kind is not DETAIL:
            self._begun.add(pid)
            self.bounds.doubtful |= len(self._begun) > _BEGUN
        if stamp and len(self._sessions) < _SESSIONS:
            key = found[0][stamp:-3]
            self._sessions[key] = session
            if session.severity == b"LOG" and key.endswith(b"LOG"):
                self._logs[key[:-3]] = session
        moment = fields.get("stamp") or self._epoch(fields.get("epoch")) or self._second
        return session, line[found.end() :], moment

    def _orphan(self, session: Session, tail: bytes) -> None:
        if len(self._orphans) < _ORPHANS:
            self._orphans.append((session.pid, session.severity, plain_text(tail)))
        else:
            self.bounds.doubtful = True

    def _stray(self, number: int, line: bytes) -> None:
        """Lines outside every record."""
        for offset, part in enumerate(line.split(FOLD)):
            if part.strip():
                self.reject(number + offset, part)
            else:
                self.result.blank += 1

    def _epoch(self, epoch: bytes | None) -> bytes:
        if not epoch:
            return b""
        self.clock.zones[b"UTC"] = None
        return datetime.fromtimestamp(float(epoch), UTC).strftime("%Y-%m-%d %H:%M:%S").encode()


def _records(prefix: Prefix) -> re.Pattern[bytes]:
    """Finds every record behind a leading time stamp: all of it, its second, what the prefix says of its session, time
    and phase where it is a duration, and what the prefix and its severity say where it is none; then its text, its
    continuation lines, and the detail that its session wrote with it. Of what is no record only the text is found."""
    stamp = rb"(20.{17}).{%d}" % max(0, prefix.stamp - 19)
    # Without colons in it the search is faster; a session that has one all the same is not found the short way.
    plain = ":" not in prefix.escapes and not re.search("%[^%mtpuda]", prefix.escapes.replace("%q", ""))
    origin = rb"([^\n:]*)" if plain else rb"([^\n:]*(?::(?!  )[^\n:]*)*)"
    duration = rb"LOG:  duration: (\d{1,12}\.\d{3}) ms  (statement: |execute [^\n:]*+: |bind |parse |plan:)"
    other = rb"([^\n:]*+(?::(?!  )[^\n:]*+)*+):  "
    detail = rb"(?:\2.{%d}\3DETAIL:  .*+(?:\n\t.*+)*+\n(?=20|\Z))?+" % max(0, prefix.stamp - 19)
    return re.compile(
        rb"((?:" + stamp + rb"(?:" + origin + duration + rb"|" + other + rb"))?+(.*+)((?:\n(?!20|\Z).*+)*+))\n"
        rb"(" + detail + rb")"
    )


def _continues(part: bytes) -> bool:
    """Whether a line that lost its TAB may belong to the record before it: text, but no message of its own."""
    return bool(part.strip()) and not _CONTROL.search(part) and not has_severity(part)
