"""Lock waits: `still waiting` and `acquired` of one process are the same wait, and the longer time counts."""

import re
from dataclasses import dataclass, field

from telemetry.parsers.postgres.bounds import Bounds
from telemetry.parsers.postgres.messages import Message, Tally
from telemetry.sql import fingerprint

LOCK_WAIT = re.compile(r"process (\d+) (still waiting for|acquired) \w+ on (.+?) after (\d+(?:\.\d+)?) ms")
_RELATION = re.compile(r'(?:in|of) relation "([^"]+)"')
_NUMBERS = re.compile(r" ?(?:\([\d,]+\)|\[[\d,]+\])")
_OPEN = 10_000
_FAMILIES = 2_000


@dataclass(slots=True)
class LockFamily:
    """Waits of one statement in microseconds; the longest stands at `line`, `text` at the line `since`."""

    text: str
    since: int
    target: str
    relation: str
    related: int  # the line of the wait that named the relation
    waits: int
    us_total: int
    us_max: int
    line: int
    quote: bytes


@dataclass(slots=True)
class _Wait:
    owner: "LockWaits"
    target: str
    us: int
    message: Message  # of the longer time
    since: int
    statement: str = ""
    relation: str = ""

    def attach(self, label: bytes, text: str) -> None:
        if label == b"STATEMENT":
            self.statement = self.statement or text
        elif label == b"CONTEXT" and (found := _RELATION.search(text)):
            self.relation = self.relation or found[1]

    def finish(self) -> None:
        """The wait itself ends with `acquired`, with the next wait of the process, or with the log."""

    def go_on(self, us: int, message: Message) -> None:
        """The same wait, later."""
        if us >= self.us:
            self.us, self.message = us, message


@dataclass(slots=True)
class LockWaits:
    """All waits of a log by the statement that waited."""

    tally: Tally
    bounds: Bounds
    families: dict[str, LockFamily] = field(default_factory=dict)
    waits: int = 0  # all of them, those without a statement too
    us_total: int = 0
    _open: dict[str, _Wait] = field(default_factory=dict)
    # The first wait of each process, if it began with `acquired`: a part of the log before may hold its beginning.
    _first: dict[str, _Wait | None] = field(default_factory=dict)

    def see(self, message: Message) -> _Wait | None:
        """Count a lock message; returns what waits for its STATEMENT line."""
        found = LOCK_WAIT.match(message.text)
        if found is None:
            return None
        pid, what, target, ms = found.groups()
        waiting = what != "acquired"
        self.tally.add("lock_waits" if waiting else "locks_acquired", message)
        us = int(float(ms) * 1000 + 0.5)
        self.tally.peak("lock_wait_max_ms", us / 1000, message)
        wait = self._open.get(pid)
        if wait is not None and wait.target == target and not waiting:
            wait.go_on(us, message)
            return wait
        self._close(pid)
        wait = self._open[pid] = _Wait(self, target, us, message, message.line)
        if len(self._first) < _OPEN:
            self._first.setdefault(pid, None if waiting else wait)
        else:
            self.bounds.doubtful = True
        if len(self._open) > _OPEN:
            self._close(next(iter(self._open)))
        return wait

    def finish(self) -> None:
        """Settle the waits that are still open."""
        for pid in list(self._open):
            self._close(pid)
        for wait in filter(None, self._first.values()):
            self._settle(wait)
        self._first.clear()

    def join(self, later: "LockWaits") -> dict[int, _Wait]:
        """Go on with a later part of the log; gives our wait by the id of each of theirs that goes on with it."""
        same: dict[int, _Wait] = {}
        for pid, first in later._first.items():
            ours = self._open.get(pid)
            if first is not None and ours is not None and ours.target == first.target:
                ours.go_on(first.us, first.message)
                ours.statement = ours.statement or first.statement
                ours.relation = ours.relation or first.relation
                same[id(first)] = ours
                if later._open.get(pid) is first:
                    later._open[pid] = ours
                    continue
            self._close(pid)
            if pid not in self._first:
                self._first[pid] = first
            elif first is not None and id(first) not in same and later._open.get(pid) is not first:
                self._settle(first)
        self._open |= later._open
        self.waits += later.waits
        self.us_total += later.us_total
        for key, family in later.families.items():
            self._add(key, family)
        if max(len(self._open), len(self._first)) > _OPEN:
            self.bounds.doubtful = True
        return same

    def _close(self, pid: str) -> None:
        wait = self._open.pop(pid, None)
        if wait is not None and self._first.get(pid) is not wait:
            self._settle(wait)

    def _settle(self, wait: _Wait) -> None:
        self.waits += 1
        self.us_total += wait.us
        if not wait.statement:
            return  # without its statement a wait is of no family
        line, quote = wait.message.line, wait.message.raw[:1200]
        kind, related = _kind_of(wait.target), wait.since if wait.relation else 0
        one = LockFamily(wait.statement, wait.since, kind, wait.relation, related, 1, wait.us, wait.us, line, quote)
        self._add(fingerprint(wait.statement), one)

    def _add(self, key: str, more: LockFamily) -> None:
        family = self.families.get(key)
        if family is None:
            if len(self.families) >= _FAMILIES:
                self.bounds.leave_out("statements that wait for locks")
                return
            self.families[key] = more
            return
        family.waits += more.waits
        family.us_total += more.us_total
        if more.since < family.since:
            family.text, family.since, family.target = more.text, more.since, more.target
        if more.relation and (not family.relation or more.related < family.related):
            family.relation, family.related = more.relation, more.related
        if (more.us_max, -more.line) > (family.us_max, -family.line):
            family.us_max, family.line, family.quote = more.us_max, more.line, more.quote


def _kind_of(target: str) -> str:
    """`transaction`, `relation 16400`, `tuple of relation 16400`: what is locked, without what differs each time."""
    if target.startswith(("transaction", "virtual transaction")):
        return "transaction"
    return _NUMBERS.sub("", target).partition(" of database")[0]
