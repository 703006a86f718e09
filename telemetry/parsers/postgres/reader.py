"""The reading loop: from logical lines to counts, families and events."""

import re
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

from telemetry.evidence import ParseResult
from telemetry.parsers.postgres.clock import Clock, is_moment
from telemetry.parsers.postgres.errors import Errors
from telemetry.parsers.postgres.families import Families
from telemetry.parsers.postgres.housekeeping import TemporaryFiles, Vacuums, see_checkpoint, see_trouble
from telemetry.parsers.postgres.languages import FOREIGN_SEVERITIES, language_of_message
from telemetry.parsers.postgres.lines import FOLD
from telemetry.parsers.postgres.locks import LockWaits
from telemetry.parsers.postgres.messages import TEXT_BYTES, Following, Kind, Message, Session, Tally
from telemetry.parsers.postgres.plans import Plans
from telemetry.parsers.postgres.prefix import DETAILS, Prefix, has_severity
from telemetry.parsers.postgres.quotes import KEPT_BYTES, Quoter
from telemetry.parsers.postgres.sessions import Sessions

_SESSIONS = 20_000
_WAITING = 10_000
_SAMPLES = 3
_CALLERS = 5_000
_PLAN_BYTES = 256 * 1024
_KINDS = {b"LOG": Kind.LOG, b"ERROR": Kind.FAILURE, b"FATAL": Kind.FAILURE, b"PANIC": Kind.FAILURE}
LOG, DETAIL = Kind.LOG, Kind.DETAIL
_TABBED = FOLD + b"\t"
_KINDS |= dict.fromkeys(DETAILS, Kind.DETAIL) | dict.fromkeys(FOREIGN_SEVERITIES, Kind.FOREIGN)
_VERBOSE = re.compile(rb"[0-9A-Z]{5}: ")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class LogReader:
    """Feeds on lists of logical lines. Durations take the short way through `feed`; everything else `_message`."""

    def __init__(self, prefix: Prefix, result: ParseResult, quoter: Quoter, tabs_lost: bool) -> None:
        self.prefix = prefix
        self.quoter = quoter
        self.result = result
        self.tabs_lost = tabs_lost
        self.clock = Clock()
        self.tally = Tally()
        self.families = Families()
        self.locks = LockWaits(self.tally)
        self.sessions = Sessions(self.tally)
        self.errors = Errors(self.tally, self.sessions.refuse)
        self.temporary = TemporaryFiles(self.tally)
        self.vacuums = Vacuums(self.tally)
        self.plans = Plans()
        self.foreign: Counter[str] = Counter()
        self.callers: dict[tuple[str, str], int] = {}
        self.first: tuple[int, bytes] = (0, b"")  # the first record
        self.others = 0  # records that are no duration: the log was not filtered down to statements
        self._sessions: dict[bytes, Session] = {}
        self._waiting: dict[bytes, Following] = {}
        self._second = b""

    def feed(self, lines: list[bytes]) -> None:
        """Read logical lines, in the order of the file."""
        known, waiting, stamp = self._sessions, self._waiting, self.prefix.stamp
        texts, find, touched = self.families.by_text, self.families.find, self.families.touched
        number, step, records, queries, second = self.result.lines, 1, 0, 0, self._second
        for line in lines:
            number += step
            step = 1
            if FOLD in line:
                step += line.count(FOLD)
                if line.count(_TABBED) != step - 1:
                    line = self._unfold(number, line)
            head, _, tail = line.partition(b":  ")
            session = known.get(head[stamp:])
            if session is not None:
                moment = line[:19]
            else:
                opened = self._open(number, line)
                if opened is None:
                    continue
                session, tail, moment = opened
            if moment != second:
                if not is_moment(moment):
                    self._stray(number, line)
                    continue
                self._tick(moment, queries)
                second, queries = moment, 0
            if session.kind is DETAIL:
                if waiting and session.pid in waiting:
                    waiting[session.pid].attach(session.severity, _text(tail))
                continue
            records += 1
            if waiting and session.pid in waiting:
                waiting.pop(session.pid).finish()
            if tail[:10] != b"duration: " or session.kind is not LOG:
                if tail[5:17] != b": duration: " or not _VERBOSE.match(tail):
                    self._message(session, number, line, tail)
                    continue
                tail = tail[7:]
            time, _, phase = tail.partition(b" ms  ")
            if phase[:11] == b"statement: ":
                sql = phase[11:]
            elif phase[:8] == b"execute ":
                sql = phase.partition(b": ")[2]
            else:
                self._phase(session, number, line, time, phase)
                continue
            try:
                us = int(float(time[10:]) * 1000 + 0.5)
            except (ValueError, OverflowError):
                self._message(session, number, line, tail)
                continue
            queries += 1
            family = texts.get(sql) or find(sql)
            if not family.pending:
                touched.append(family)
            family.pending.append(us)
            if us > family.max_us:
                family.max_us, family.line, family.quote = us, number, line[:KEPT_BYTES]
            if session.caller not in family.callers:
                family.call(session.caller)
        self._tick(second, queries)
        self.families.settle(second[:16])
        self.result.lines = number + step - 1
        self.result.records += records

    def finish(self) -> None:
        """The log ended: settle all that still waits for its details."""
        for following in self._waiting.values():
            following.finish()
        self._waiting.clear()
        self.locks.finish()
        self.result.records_lines = self.result.lines - self.result.blank - self.result.rejected

    def _tick(self, moment: bytes, queries: int) -> None:
        """Time goes on to `moment`: settle load by second, and families by minute."""
        self.clock.note(moment, queries, self._second)
        if moment[:16] != self._second[:16]:
            self.families.settle(self._second[:16])
        self._second = moment

    def _unfold(self, number: int, line: bytes) -> bytes:
        """Take the lines that are no continuation out of a record: blank ones, binary ones, other programs' ones."""
        parts = line.split(FOLD)
        if not self.prefix.pattern.match(parts[0]):
            return line  # no record at all: `_open` counts its lines
        kept = [parts[0]]
        for offset, part in enumerate(parts[1:], 1):
            if part.startswith(b"\t") or (self.tabs_lost and _continues(part)):
                kept.append(part)
            elif part.strip():
                self._reject(number + offset, part)
            else:
                self.result.blank += 1
        return FOLD.join(kept)

    def _reject(self, number: int, line: bytes) -> None:
        # Only the samples are shown; a file of nothing but broken lines is not redacted line by line.
        shown = self.result.rejected < _SAMPLES
        self.result.reject(number, self.quoter.place(number, line).quote if shown else "")

    def _open(self, number: int, line: bytes) -> tuple[Session, bytes, bytes] | None:
        """Read a prefix by its pattern: session, message and moment; None for what is no line of this log."""
        found = self.prefix.pattern.match(line)
        if found is None:
            self._stray(number, line)
            return None
        if not self.first[0]:
            self.first = (number, line[:KEPT_BYTES])
        fields = found.groupdict()
        if fields.get("zone"):
            self.clock.zones[fields["zone"]] = None
        session = self._session(fields)
        if self.prefix.stamp and len(self._sessions) < _SESSIONS:
            self._sessions[found[0][self.prefix.stamp : -3]] = session
        moment = fields.get("stamp") or self._epoch(fields.get("epoch")) or self._second
        return session, line[found.end() :], moment

    def _stray(self, number: int, line: bytes) -> None:
        """Lines outside every record."""
        for offset, part in enumerate(line.split(FOLD)):
            if part.strip():
                self._reject(number + offset, part)
            else:
                self.result.blank += 1

    def _epoch(self, epoch: bytes | None) -> bytes:
        if not epoch:
            return b""
        self.clock.zones[b"UTC"] = None
        return datetime.fromtimestamp(float(epoch), UTC).strftime("%Y-%m-%d %H:%M:%S").encode()

    def _session(self, fields: dict[str, bytes]) -> Session:
        user, app = _name(fields.get("user")), _name(fields.get("app"))
        caller = self.callers.setdefault((user, app), len(self.callers)) if len(self.callers) < _CALLERS else 0
        severity = fields["severity"]
        return Session(
            kind=_KINDS.get(severity, Kind.OTHER),
            severity=severity,
            pid=fields.get("pid") or fields.get("session") or b"",
            user=user,
            app=app,
            state=(fields.get("state") or b"").decode(),
            caller=caller,
        )

    def _phase(self, session: Session, number: int, line: bytes, time: bytes, phase: bytes) -> None:
        """A duration that is no query: parse, bind, plan, or a bare time without text."""
        if phase[:5] == b"bind ":
            self.tally.counts["binds"] += 1
        elif phase[:6] == b"parse ":
            self.tally.counts["parses"] += 1
        elif phase[:5] == b"plan:":
            self.tally.counts["plans"] += 1
            message = Message(number, line, session, "", _text(phase, _PLAN_BYTES))
            with suppress(ValueError, OverflowError):
                self.plans.see(int(float(time[10:]) * 1000 + 0.5), message)
        else:
            self.tally.counts["bare_durations"] += 1

    def _message(self, session: Session, number: int, line: bytes, tail: bytes) -> None:
        """Everything that is no duration."""
        state = session.state
        if tail[5:7] == b": " and _VERBOSE.match(tail):
            state, tail = tail[:5].decode(), tail[7:]
        message = Message(number, line, session, state, _text(tail))
        following: Following | None = None
        if session.kind is Kind.FOREIGN:
            self.foreign[FOREIGN_SEVERITIES[session.severity]] += 1
            return
        if session.kind is Kind.FAILURE:
            following = self.errors.see(message)
        elif session.kind is Kind.OTHER:
            see_trouble(self.tally, message)
        elif language := language_of_message(tail):
            self.foreign[language] += 1
            return
        else:
            following = self._log(message, tail)
        self.others += 1
        if following is not None:
            if len(self._waiting) >= _WAITING:
                self._waiting.pop(next(iter(self._waiting))).finish()
            self._waiting[session.pid] = following

    def _log(self, message: Message, tail: bytes) -> Following | None:
        """A message of severity LOG, told apart by its first word."""
        word = tail[:40].partition(b" ")[0]
        if word == b"process":
            return self.locks.see(message)
        if word == b"temporary":
            return self.temporary.see(message)
        if word in (b"checkpoint", b"checkpoints"):
            see_checkpoint(self.tally, message)
        elif word == b"automatic":
            self.vacuums.see(message)
        elif word == b"connection":
            self.sessions.connection(message)
        elif word == b"disconnection:":
            self.sessions.disconnection(message)
        else:
            see_trouble(self.tally, message)
        return None


def _continues(part: bytes) -> bool:
    """Whether a line that lost its TAB may belong to the record before it: text, but no message of its own."""
    return bool(part.strip()) and not _CONTROL.search(part) and not has_severity(part)


def _text(tail: bytes, limit: int = TEXT_BYTES) -> str:
    """A message as people know it: without the server's TABs, cut to a bounded size."""
    text = tail[:limit].replace(_TABBED, b"\n").replace(FOLD, b"\n").replace(b"\0", b" ")
    return text.decode("utf-8", "replace")


def _name(field: bytes | None) -> str:
    """A user or application; "" where the server wrote nothing or `[unknown]`."""
    name = (field or b"").replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return "" if name == "[unknown]" else name
