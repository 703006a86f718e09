"""Errors by SQLSTATE, and the deadlocks among them with the statements that met."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from telemetry.parsers.postgres.bounds import Bounds
from telemetry.parsers.postgres.housekeeping import trouble_of
from telemetry.parsers.postgres.messages import Message, Tally
from telemetry.sql import redact, shape

_KINDS = 1_000
_TABLES = 10
# SQLSTATE by message where log and prefix do not say it; texts of the server's own source.
_STATES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), state)
    for pattern, state in (
        (r"deadlock detected", "40P01"),
        (r"duplicate key value violates unique constraint", "23505"),
        (r".*violates foreign key constraint", "23503"),
        (r".*violates not-null constraint", "23502"),
        (r".*violates check constraint", "23514"),
        (r"could not serialize access", "40001"),
        (r"canceling statement due to lock timeout", "55P03"),
        (r"canceling statement due to conflict with recovery", "40001"),
        (r"terminating connection due to conflict with recovery", "40001"),
        (r"canceling autovacuum task", "57014"),
        (r"canceling statement due to", "57014"),
        (r"could not obtain lock", "55P03"),
        (r"current transaction is aborted", "25P02"),
        (r"terminating connection due to idle-in-transaction timeout", "25P03"),
        (r"terminating connection due to administrator command", "57P01"),
        (r"(?:sorry, too many clients|remaining connection slots|too many connections for)", "53300"),
        (r"out of memory", "53200"),
        (r".*No space left on device", "53100"),
        (r"invalid page in block|page verification failed", "XX001"),
        (r"requested WAL segment \S+ has already been removed", "58P01"),
        (r"connection to client lost", "08006"),
        (r"password authentication failed", "28P01"),
        (r"relation .* does not exist", "42P01"),
        (r"column .* does not exist", "42703"),
        (r"syntax error at", "42601"),
        (r"permission denied|must be (?:superuser|owner) ", "42501"),
        (r"division by zero", "22012"),
        (r"the database system is (?:starting up|shutting down|in recovery)", "57P03"),
        (r"cached plan must not change result type", "0A000"),
        (r"prepared statement .* does not exist", "26000"),
        (r"prepared statement .* already exists", "42P05"),
    )
)
# At the start of a session only; a DDL statement about a role or database has another state.
_FATAL_STATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"role \".*\" does not exist"), "28000"),
    (re.compile(r"database \".*\" does not exist"), "3D000"),
)
# Counters of the server: what a message of severity ERROR, FATAL or PANIC also says.
_COUNTERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("deadlocks", re.compile(r"deadlock detected")),
    (
        "too_many_connections",
        re.compile(r"sorry, too many clients already|remaining connection slots are|too many connections for "),
    ),
    ("timeouts", re.compile(r"canceling statement due to (?:statement|lock) timeout")),
    ("idle_in_transaction_timeouts", re.compile(r"terminating connection due to idle-in-transaction timeout")),
    ("out_of_memory", re.compile(r"out of memory")),
    ("wraparound_warnings", re.compile(r"database is not accepting commands")),
    ("auth_failures", re.compile(r"\w+ authentication failed for user|no pg_hba\.conf entry for")),
)
_POSITION = re.compile(r" at character \d+\Z")  # csvlog and jsonlog keep it in a field of its own
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\b\d+\b")
_PROCESS = re.compile(r"^\s*Process \d+: (.*(?:\n(?!\s*Process \d+).*)*)", re.M)
_RELATION = re.compile(r'relation "([^"]+)"')


@dataclass(slots=True)
class ErrorKind:
    """Errors of one SQLSTATE (or one message where that is unknown); the place is the first of them."""

    message: str
    severity: str
    line: int
    quote: bytes
    count: int = 0
    tables: dict[str, tuple[int, int]] = field(default_factory=dict)  # with the line and the place in its statement

    def touch(self, tables: Mapping[str, tuple[int, int]]) -> None:
        """Remember the tables that were named first."""
        for table, place in tables.items():
            self.tables[table] = min(place, self.tables.get(table, place))
        first = sorted(self.tables.items(), key=lambda item: item[1])
        self.tables = dict(first[:_TABLES])


@dataclass(slots=True)
class Deadlock:
    """Deadlocks over the same tables; the place is the first of them."""

    tables: list[str]
    queries: list[str]
    line: int
    quote: bytes
    count: int = 0


@dataclass(slots=True)
class _Error:
    owner: "Errors"
    subject: str
    message: Message
    deadlock: bool
    details: dict[bytes, str] = field(default_factory=dict)

    def attach(self, label: bytes, text: str) -> None:
        self.details.setdefault(label, text)

    def finish(self) -> None:
        statement, line = self.details.get(b"STATEMENT", ""), self.message.line
        kind = self.owner.kinds[self.subject]
        if statement and (len(kind.tables) < _TABLES or (line, 0) < max(kind.tables.values())):
            kind.touch({table: (line, at) for at, table in enumerate(shape(statement).tables)})
        if self.deadlock:
            self.owner.add_deadlock(self.message, self.details)


@dataclass(slots=True)
class Errors:
    """Everything of severity ERROR, FATAL and PANIC. `refuse` is told of connections without a free slot."""

    tally: Tally
    refuse: Callable[[Message], None]
    bounds: Bounds
    kinds: dict[str, ErrorKind] = field(default_factory=dict)
    deadlocks: dict[str, Deadlock] = field(default_factory=dict)

    def see(self, message: Message) -> _Error | None:
        """Count an error; returns what waits for its details."""
        severity = message.session.severity.decode().lower()
        self.tally.add(severity + "s", message)
        for name, pattern in _COUNTERS:
            if pattern.match(message.text):
                self.tally.add(name, message)
                if name == "too_many_connections":
                    self.refuse(message)
        if name := trouble_of(message.text):
            self.tally.add(name, message)
        if "No space left on device" in message.text:
            self.tally.add("disk_full", message)
        subject = message.state or _state_of(message) or _template(message.text)
        kind = self.kinds.get(subject)
        if kind is None:
            if len(self.kinds) >= _KINDS:
                self.bounds.leave_out("kinds of errors")
                return None
            template = _template(message.text)
            kind = ErrorKind(template, severity.upper(), message.line, message.raw[:1200])
            self.kinds[subject] = kind
        kind.count += 1
        return _Error(self, subject, message, message.text.startswith("deadlock detected"))

    def add_deadlock(self, message: Message, details: dict[bytes, str]) -> None:
        """A deadlock with all its details: the statements in DETAIL say which tables met."""
        queries = [query.strip() for query in _PROCESS.findall(details.get(b"DETAIL", ""))]
        queries = queries or [text for text in (details.get(b"STATEMENT"),) if text]
        tables = {table for query in queries for table in shape(query).tables}
        if not tables:
            tables = set(_RELATION.findall(details.get(b"CONTEXT", ""))) or {"unknown"}
        subject = ", ".join(sorted(tables))
        self._add(subject, Deadlock(sorted(tables), queries, message.line, message.raw[:1200], 1))

    def _add(self, subject: str, more: Deadlock) -> None:
        entry = self.deadlocks.get(subject)
        if entry is None:
            if len(self.deadlocks) >= _KINDS:
                self.bounds.leave_out("kinds of deadlocks")
                return
            self.deadlocks[subject] = more
            return
        if more.line < entry.line:  # its details came later
            entry.queries, entry.line, entry.quote = more.queries, more.line, more.quote
        entry.count += more.count

    def join(self, later: "Errors") -> None:
        """Add the errors of a later part of the log."""
        for subject, kind in later.kinds.items():
            known = self.kinds.get(subject)
            if known is None:
                self.kinds[subject] = kind
            else:
                known.count += kind.count
                known.touch(kind.tables)
        for subject, deadlock in later.deadlocks.items():
            self._add(subject, deadlock)
        if len(self.kinds) > _KINDS:
            self.bounds.leave_out("kinds of errors")


def _state_of(message: Message) -> str:
    known = _FATAL_STATES + _STATES if message.session.severity == b"FATAL" else _STATES
    return next((state for pattern, state in known if pattern.match(message.text)), "")


def _template(text: str) -> str:
    """The message without what differs each time, safe to show."""
    return redact(_QUOTED.sub("?", _POSITION.sub("", text.partition("\n")[0])))[0][:200]
