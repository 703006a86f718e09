"""Connections: who comes, how often, and how long they stay."""

import re
from collections import Counter
from dataclasses import dataclass, field

from telemetry.parsers.postgres.bounds import Bounds
from telemetry.parsers.postgres.families import bin_of, percentile
from telemetry.parsers.postgres.messages import Message, Tally

# The blank before database= is missing in Azure's logs.
_AUTHORIZED = re.compile(
    r"connection authorized: user=(?P<user>\S*?) ?(?:database=(?P<database>\S*))?(?: application_name=(?P<app>.*?))?"
    r"(?: SSL enabled.*| GSS.*)?\Z"
)
_SESSION = re.compile(r"disconnection: session time: (\d{1,9}):(\d\d):(\d\d\.\d+) user=(\S*)")
_APPLICATIONS = 1_000
BEYOND = ""  # stands for the applications beyond that
_OPEN = 50_000
_ENTERED = 200_000


@dataclass(slots=True)
class Application:
    """One application (or user); the place is its first connection or refusal."""

    line: int
    quote: bytes
    connections: int = 0
    refused: int = 0
    stays: Counter[int] = field(default_factory=Counter)
    longest: int = 0


@dataclass(slots=True)
class _Stray:
    """The end of a session of `stay` microseconds; `otherwise` is whose it is when its beginning is not known."""

    otherwise: str
    stay: int
    step: int
    line: int
    quote: bytes


@dataclass(slots=True)
class Sessions:
    """Connections received, authorized and closed. Session times are kept as counts in a histogram."""

    tally: Tally
    bounds: Bounds
    applications: dict[str, Application] = field(default_factory=dict)
    stays: Counter[int] = field(default_factory=Counter)
    longest: int = 0
    _open: dict[bytes, str] = field(default_factory=dict)
    _entered: set[bytes] = field(default_factory=set)  # processes that connected in this part of the log
    # The end of the first session of each process that did not begin in this part of the log.
    _strays: dict[bytes, "_Stray"] = field(default_factory=dict)

    def connection(self, message: Message) -> None:
        """`connection received` or `connection authorized`."""
        if message.text.startswith("connection received"):
            self.tally.add("connections_received", message)
        elif message.text.startswith("connection authorized"):
            self.tally.add("connections_authorized", message)
            found = _AUTHORIZED.match(message.text)
            name = (found["app"] or found["user"]) if found else message.session.app or message.session.user
            self._application(name or "unknown", message.line, message.raw).connections += 1
            self._enter(message.session.pid, name)

    def disconnection(self, message: Message) -> None:
        """`disconnection: session time: H:MM:SS.mmm user=...`."""
        self.tally.add("disconnections", message)
        found = _SESSION.match(message.text)
        if found is None:
            return
        stay = int((int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])) * 1e6)
        step = bin_of(stay)
        self.stays[step] += 1
        self.longest = max(self.longest, stay)
        pid = message.session.pid
        known, otherwise = self._open.pop(pid, ""), message.session.app or found[4]
        stray = _Stray(otherwise, stay, step, message.line, message.raw[:1200])
        if known or pid in self._entered or pid in self._strays:
            self._leave(known or otherwise, stray)
        elif len(self._strays) < _OPEN:
            self._strays[pid] = stray
        else:
            self.bounds.doubtful = True
            self._leave(otherwise, stray)

    def refuse(self, message: Message) -> None:
        """A connection that found no free slot."""
        name = message.session.app or message.session.user
        if name:
            self._application(name, message.line, message.raw).refused += 1

    def finish(self) -> None:
        """The log ended: sessions that began before it are their user's."""
        for stray in self._strays.values():
            self._leave(stray.otherwise, stray)
        self._strays.clear()

    def join(self, later: "Sessions") -> None:
        """Go on with a later part of the log."""
        for pid, stray in later._strays.items():
            if pid in self._entered or pid in self._strays:
                self._leave(self._open.pop(pid, "") or stray.otherwise, stray)
            else:
                self._strays[pid] = stray
        for pid in later._entered:
            self._open.pop(pid, None)
        self._open |= later._open
        self._entered |= later._entered
        for name, theirs in later.applications.items():
            ours = self._application(name, theirs.line, theirs.quote)
            ours.connections += theirs.connections
            ours.refused += theirs.refused
            ours.stays.update(theirs.stays)
            ours.longest = max(ours.longest, theirs.longest)
        self.stays.update(later.stays)
        self.longest = max(self.longest, later.longest)
        if len(self._entered) > _ENTERED or max(len(self._open), len(self._strays)) > _OPEN:
            self.bounds.doubtful = True

    def _enter(self, pid: bytes, name: str) -> None:
        if len(self._open) < _OPEN:
            self._open[pid] = name
        if len(self._entered) < _ENTERED:
            self._entered.add(pid)
        if len(self._open) >= _OPEN or len(self._entered) >= _ENTERED:
            self.bounds.doubtful = True

    def _leave(self, name: str, stray: "_Stray") -> None:
        application = self._application(name or "unknown", stray.line, stray.quote)
        application.stays[stray.step] += 1
        application.longest = max(application.longest, stray.stay)

    def _application(self, name: str, line: int, quote: bytes) -> Application:
        found = self.applications.get(name)
        if found is None:
            if len(self.applications) >= _APPLICATIONS:
                self.bounds.leave_out("applications")
                name = BEYOND
            found = self.applications.setdefault(name, Application(line, quote[:1200]))
        if line < found.line:
            found.line, found.quote = line, quote[:1200]
        return found


def median_s(stays: Counter[int], longest: int) -> float:
    """Median session in seconds, within one percent."""
    return percentile(stays, 0.5, longest) / 1e6


def per_minute(connections: int, window_s: float) -> float:
    """Connections per minute; a log of less than a minute is not extrapolated to one."""
    return connections / max(window_s / 60, 1.0)
