"""What the records of a log say, whichever carrier brought them: counts, families, events."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, Self

from telemetry.evidence import ParseResult, Place
from telemetry.parsers.postgres.bounds import Bounds
from telemetry.parsers.postgres.clock import Clock
from telemetry.parsers.postgres.errors import Errors
from telemetry.parsers.postgres.families import Families
from telemetry.parsers.postgres.housekeeping import TemporaryFiles, Vacuums, see_checkpoint, see_trouble
from telemetry.parsers.postgres.languages import FOREIGN_SEVERITIES, language_of_message
from telemetry.parsers.postgres.lines import FOLD, TABBED
from telemetry.parsers.postgres.locks import LockWaits
from telemetry.parsers.postgres.messages import TEXT_BYTES, Following, Kind, Message, Session, Tally
from telemetry.parsers.postgres.plans import Plans
from telemetry.parsers.postgres.prefix import DETAILS
from telemetry.parsers.postgres.quotes import KEPT_BYTES, Quoter
from telemetry.parsers.postgres.sessions import Sessions
from telemetry.redaction import redact
from telemetry.source import Source
from telemetry.splitting import Undividable

_WAITING = 10_000
_SESSIONS = 20_000
_SAMPLES = 3
_CALLERS = 5_000
_KINDS = {b"LOG": Kind.LOG, b"ERROR": Kind.FAILURE, b"FATAL": Kind.FAILURE, b"PANIC": Kind.FAILURE}
_KINDS |= dict.fromkeys(DETAILS, Kind.DETAIL) | dict.fromkeys(FOREIGN_SEVERITIES, Kind.FOREIGN)
VERBOSE = re.compile(rb"[0-9A-Z]{5}: ")


class Events:
    """Takes one record after the other. `written_as` names the prefix or carrier for complaints.

    Lines of a record are counted by the carrier: before `finish`, `result` holds `lines`, `blank` and `rejected`.
    """

    has_pid = True
    has_time = True
    dated = True  # its times have a year
    written_as = ""
    joined = False  # from the parts of a log

    def __init__(self, result: ParseResult) -> None:
        self.result = result
        self.bounds = Bounds()
        self.clock = Clock()
        self.tally = Tally()
        self.families = Families(self.bounds)
        self.locks = LockWaits(self.tally, self.bounds)
        self.sessions = Sessions(self.tally, self.bounds)
        self.errors = Errors(self.tally, self.sessions.refuse, self.bounds)
        self.temporary = TemporaryFiles(self.tally, self.bounds)
        self.vacuums = Vacuums(self.tally, self.bounds)
        self.plans = Plans(self.bounds)
        self.foreign: Counter[str] = Counter()
        self.remarks: list[str] = []  # what the carrier has to tell beside its records
        self.callers: dict[tuple[str, str], int] = {}
        self.first: tuple[int, bytes] = (0, b"")  # the first record
        self.hosts: set[str] = set()  # the machines that wrote, where the carrier names them; two are enough to know
        self.others = 0  # records that are no duration: the log was not filtered down to statements
        self._known: dict[tuple[bytes, bytes, bytes, bytes, str], Session] = {}
        self._waiting: dict[bytes, Following] = {}
        self._samples: list[tuple[int, bytes]] = []  # the first lines that were rejected
        self._second = b""
        self._queries = 0

    def tell(self, source: Source) -> None:
        """Tell how far the reading is. A part that will not be joined is not worth reading on."""
        source.records = self.result.records
        if source.is_part and (self.bounds.doubtful or self.families.many):
            raise Undividable("more than can be followed")

    def pause(self) -> None:
        """This part of the log ended; another may go on."""
        self.tick(self._second)
        self.families.settle(self._second[:16])
        self.families.forget()
        self.plans.forget()

    def join(self, later: Self) -> None:
        """Go on with a later part of the log, as if it had been read here. Undividable where that cannot be known."""
        self.joined = True
        self.bounds.join(later.bounds)
        result, more = self.result, later.result
        result.lines = more.lines
        result.records, result.blank = result.records + more.records, result.blank + more.blank
        result.rejected += more.rejected
        self._samples = [*self._samples, *later._samples][:_SAMPLES]
        self.first = self.first if self.first[0] else later.first
        self.others += later.others
        self.hosts |= later.hosts
        self.foreign.update(later.foreign)
        self.clock.join(later.clock)
        self.tally.join(later.tally)
        numbers = [self.callers.setdefault(names, len(self.callers)) for names in later.callers]
        self.families.join(later.families, numbers)
        self.temporary.join(later.temporary)
        self.vacuums.join(later.vacuums)
        self.plans.join(later.plans)
        self.sessions.join(later.sessions)
        self.errors.join(later.errors)
        self._wait_on(later, self.locks.join(later.locks))
        if self.bounds.doubtful or len(self.callers) > _CALLERS:
            raise Undividable("more than can be followed")

    def _wait_on(self, later: Self, same: Mapping[int, Following]) -> None:
        """What waits for details at the end of the later part; `same` are ours for theirs that go on with them."""
        owners: dict[type, Any] = {type(owner): owner for owner in (self.errors, self.temporary, self.locks)}
        for pid, following in later._waiting.items():
            following.owner = owners[type(following.owner)]
            self._waiting[pid] = same.get(id(following), following)

    def finish(self, quoter: Quoter) -> None:
        """The log ended: settle all that still waits for its details."""
        self.tick(self._second)
        self.families.settle(self._second[:16])
        for following in self._waiting.values():
            following.finish()
        self._waiting.clear()
        self.locks.finish()
        self.sessions.finish()
        if self.joined and self.bounds.doubtful:
            raise Undividable("more than can be followed")
        self.result.records_lines = self.result.lines - self.result.blank - self.result.rejected
        ours = [(number, quoter.place(number, line).quote[:200]) for number, line in self._samples]
        known = [(place.line, place.quote) for place in self.result.rejected_samples]
        self.result.rejected_samples = [Place(*sample) for sample in sorted(known + ours)[:_SAMPLES]]

    def record(self, session: Session, number: int, raw: bytes, moment: bytes, message: bytes, state: str = "") -> None:
        """A record whose details may follow: its `message` with line breaks as in the file, `raw` the line `number`
        where it stands."""
        self.settle(session.pid)
        following = self.see(session, number, raw, moment, message, state)
        if following is not None:
            if len(self._waiting) >= _WAITING:
                self.bounds.doubtful = True
                self._waiting.pop(next(iter(self._waiting))).finish()
            self._waiting[session.pid] = following

    def see(
        self, session: Session, number: int, raw: bytes, moment: bytes, message: bytes, state: str = ""
    ) -> Following | None:
        """A record; returns what waits for its details."""
        if not self.first[0]:
            self.first = (number, raw[:KEPT_BYTES])
        if moment != self._second:
            self.tick(moment)
        self.result.records += 1
        if message[5:7] == b": " and VERBOSE.match(message):
            state, message = message[:5].decode(), message[7:]
        if message[:10] != b"duration: " or session.kind is not Kind.LOG:
            return self._message(session, number, raw, message, state)
        time, _, phase = message.partition(b" ms  ")
        sql = statement_of(phase)
        if sql is None:
            self._phase(number, raw, time, phase)
            return None
        try:
            us = microseconds(time[10:])
        except (ValueError, OverflowError):
            return self._message(session, number, raw, message, state)
        self._queries += 1
        self.families.add((sql, us, session.caller, number, raw))
        return None

    def plan(self, number: int, line: bytes, ms: bytes, phase: bytes) -> None:
        """A plan of auto_explain; `phase` begins with "plan:"."""
        self.tally.counts["plans"] += 1
        try:
            us = microseconds(ms)
        except (ValueError, OverflowError):
            return
        self.plans.see(us, number, line, phase[5:])

    def attach(self, pid: bytes, label: bytes, text: bytes) -> None:
        """A detail (DETAIL, STATEMENT, ...) of the last record of a process."""
        if pid in self._waiting:
            self._waiting[pid].attach(label, plain_text(text))

    def settle(self, pid: bytes) -> None:
        """No more details will come for the last record of a process."""
        if self._waiting and pid in self._waiting:
            self._waiting.pop(pid).finish()

    def tick(self, moment: bytes) -> None:
        """Time goes on to `moment`: settle load by second, and families by minute."""
        self.clock.note(moment, self._queries, self._second)
        self._queries = 0
        if moment[:16] != self._second[:16]:
            self.families.settle(self._second[:16])
        self._second = moment

    def session(self, severity: bytes, pid: bytes, user: bytes | None, app: bytes | None, state: str = "") -> Session:
        """What is known of a record's origin; a user or application `[unknown]` is none."""
        key = severity, pid, user or b"", app or b"", state
        session = self._known.get(key)
        if session is None:
            names = _name(user), _name(app)
            caller = self.callers.setdefault(names, len(self.callers)) if len(self.callers) < _CALLERS else 0
            self.bounds.doubtful |= len(self.callers) >= _CALLERS
            session = Session(_KINDS.get(severity, Kind.OTHER), severity, pid, *names, state, caller)
            if len(self._known) < _SESSIONS:
                self._known[key] = session
        return session

    def see_host(self, name: str) -> None:
        """The machine that wrote a record, as its carrier names it."""
        if name and len(self.hosts) < 2:
            self.hosts.add(redact(name[:200])[0][:100])

    def reject(self, number: int, line: bytes) -> None:
        """Count a line that could not be read. Only the samples are shown, so only they are redacted."""
        self.result.rejected += 1
        if len(self._samples) < _SAMPLES:
            self._samples.append((number, line[:KEPT_BYTES]))

    def _phase(self, number: int, line: bytes, time: bytes, phase: bytes) -> None:
        """A duration that is no query: parse, bind, plan, or a bare time without text."""
        if phase[:5] == b"bind ":
            self.tally.counts["binds"] += 1
        elif phase[:6] == b"parse ":
            self.tally.counts["parses"] += 1
        elif phase[:5] == b"plan:":
            self.plan(number, line, time[10:], phase)
        else:
            self.tally.counts["bare_durations"] += 1

    def _message(self, session: Session, number: int, line: bytes, tail: bytes, state: str) -> Following | None:
        """Everything that is no duration; returns what waits for its details."""
        message = Message(number, line, session, state or session.state, plain_text(tail))
        following: Following | None = None
        if session.kind is Kind.FOREIGN:
            self.foreign[FOREIGN_SEVERITIES[session.severity]] += 1
            return None
        if session.kind is Kind.FAILURE:
            following = self.errors.see(message)
        elif session.kind is Kind.OTHER:
            see_trouble(self.tally, message)
        elif see := self._by_word.get(tail[:40].partition(b" ")[0]):
            following = see(message)
        elif language := language_of_message(tail):
            self.foreign[language] += 1
            return None
        else:
            see_trouble(self.tally, message)
        self.others += 1
        return following

    @cached_property
    def _by_word(self) -> dict[bytes, Callable[[Message], Following | None]]:
        """Who sees a message of severity LOG, by its first word."""
        checkpoint = partial(see_checkpoint, self.tally)
        return {
            b"process": self.locks.see,
            b"temporary": self.temporary.see,
            b"automatic": self.vacuums.see,
            b"checkpoint": checkpoint,
            b"checkpoints": checkpoint,
            b"connection": self.sessions.connection,
            b"disconnection:": self.sessions.disconnection,
        }


def microseconds(ms: bytes | str) -> int:
    """A duration as the server writes it, in milliseconds. ValueError and OverflowError for what it never writes."""
    us = int(float(ms) * 1000 + 0.5)
    if us < 0:
        raise ValueError("a negative duration")
    return us


def statement_of(phase: bytes) -> bytes | None:
    """The statement of `statement: ...` and `execute NAME: ...`, None for another phase."""
    if phase[:10] == b"statement:":  # a copy may have lost the blank at the end of the line
        return phase[10:].removeprefix(b" ")
    if phase[:8] != b"execute ":
        return None
    return phase.partition(b": ")[2] or phase.partition(b":" + FOLD)[2]


def plain_text(tail: bytes) -> str:
    """A message as people know it: without the server's TABs, cut to a bounded size."""
    if FOLD in tail:
        tail = tail[: 2 * TEXT_BYTES].replace(TABBED, b"\n").replace(FOLD, b"\n")
    return tail[:TEXT_BYTES].replace(b"\0", b" ").decode("utf-8", "replace")


def _name(field: bytes | None) -> str:
    """A user or application; "" where the server wrote nothing or `[unknown]`."""
    name = (field or b"").replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return "" if name == "[unknown]" else name
