"""Lock waits: `still waiting` and `acquired` of one process are the same wait, and the longer time counts."""

import re
from dataclasses import dataclass, field

from telemetry.parsers.postgres.messages import Message, Tally
from telemetry.sql import fingerprint

LOCK_WAIT = re.compile(
    r"process (?P<pid>\d+) (?P<what>still waiting for|acquired) \w+ on (?P<object>.+?) after (?P<ms>\d+(?:\.\d+)?) ms"
)
_RELATION = re.compile(r'(?:in|of) relation "([^"]+)"')
_NUMBERS = re.compile(r" ?(?:\([\d,]+\)|\[[\d,]+\])")
_OPEN = 10_000
_FAMILIES = 2_000


@dataclass(slots=True)
class LockFamily:
    """Waits of one statement; `ms_max` stands at `line`."""

    text: str
    target: str
    relation: str = ""
    waits: int = 0
    ms_total: float = 0.0
    ms_max: float = -1.0
    line: int = 0
    quote: bytes = b""


@dataclass(slots=True)
class _Wait:
    owner: "LockWaits"
    target: str
    ms: float
    message: Message
    statement: str = ""
    relation: str = ""

    def attach(self, label: bytes, text: str) -> None:
        if label == b"STATEMENT":
            self.statement = self.statement or text
        elif label == b"CONTEXT" and (found := _RELATION.search(text)):
            self.relation = self.relation or found[1]

    def finish(self) -> None:
        """The wait itself ends with `acquired`, with the next wait of the process, or with the log."""


@dataclass(slots=True)
class LockWaits:
    """All waits of a log by the statement that waited."""

    tally: Tally
    families: dict[str, LockFamily] = field(default_factory=dict)
    _open: dict[str, _Wait] = field(default_factory=dict)

    def see(self, message: Message) -> _Wait | None:
        """Count a lock message; returns what waits for its STATEMENT line."""
        found = LOCK_WAIT.match(message.text)
        if found is None:
            return None
        waiting = found["what"].startswith("still")
        self.tally.add("lock_waits" if waiting else "locks_acquired", message)
        ms = float(found["ms"])
        self.tally.peak("lock_wait_max_ms", ms, message)
        wait = self._open.get(found["pid"])
        if wait is not None and wait.target == found["object"] and not waiting:
            wait.ms, wait.message = (ms, message) if ms >= wait.ms else (wait.ms, wait.message)
        else:
            self._close(found["pid"])
            wait = _Wait(self, found["object"], ms, message)
        self._open[found["pid"]] = wait
        if len(self._open) > _OPEN:
            self._close(next(iter(self._open)))
        return wait

    def finish(self) -> None:
        """Settle the waits that are still open."""
        for pid in list(self._open):
            self._close(pid)

    def _close(self, pid: str) -> None:
        wait = self._open.pop(pid, None)
        if wait is None or not wait.statement:
            return  # without its statement a wait counts for the server only
        key = fingerprint(wait.statement)
        if key not in self.families and len(self.families) >= _FAMILIES:
            return
        family = self.families.setdefault(key, LockFamily(wait.statement, _kind_of(wait.target)))
        family.waits += 1
        family.relation = family.relation or wait.relation
        family.ms_total += wait.ms
        if wait.ms > family.ms_max:
            family.ms_max, family.line, family.quote = wait.ms, wait.message.line, wait.message.raw[:1200]


def _kind_of(target: str) -> str:
    """`transaction`, `relation 16400`, `tuple of relation 16400`: what is locked, without what differs each time."""
    if target.startswith(("transaction", "virtual transaction")):
        return "transaction"
    return _NUMBERS.sub("", target).partition(" of database")[0]
