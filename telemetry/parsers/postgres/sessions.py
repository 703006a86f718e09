"""Connections: who comes, how often, and how long they stay."""

import re
from collections import Counter
from dataclasses import dataclass, field

from telemetry.parsers.postgres.families import bin_of, percentile
from telemetry.parsers.postgres.messages import Message, Tally

# The blank before database= is missing in Azure's logs.
_AUTHORIZED = re.compile(
    r"connection authorized: user=(?P<user>\S*?) ?(?:database=(?P<database>\S*))?(?: application_name=(?P<app>.*?))?"
    r"(?: SSL enabled.*| GSS.*)?\Z"
)
_SESSION = re.compile(r"disconnection: session time: (\d+):(\d\d):(\d\d\.\d+) user=(\S*)")
_APPLICATIONS = 1_000
_OPEN = 50_000


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
class Sessions:
    """Connections received, authorized and closed. Session times are kept as counts in a histogram."""

    tally: Tally
    applications: dict[str, Application] = field(default_factory=dict)
    stays: Counter[int] = field(default_factory=Counter)
    longest: int = 0
    _open: dict[bytes, str] = field(default_factory=dict)

    def connection(self, message: Message) -> None:
        """`connection received` or `connection authorized`."""
        if message.text.startswith("connection received"):
            self.tally.add("connections_received", message)
        elif message.text.startswith("connection authorized"):
            self.tally.add("connections_authorized", message)
            found = _AUTHORIZED.match(message.text)
            name = (found["app"] or found["user"]) if found else message.session.app or message.session.user
            self._application(name or "unknown", message).connections += 1
            if len(self._open) < _OPEN:
                self._open[message.session.pid] = name

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
        name = self._open.pop(message.session.pid, "") or message.session.app or found[4]
        application = self._application(name or "unknown", message)
        application.stays[step] += 1
        application.longest = max(application.longest, stay)

    def refuse(self, message: Message) -> None:
        """A connection that found no free slot."""
        name = message.session.app or message.session.user
        if name:
            self._application(name, message).refused += 1

    def _application(self, name: str, message: Message) -> Application:
        found = self.applications.get(name)
        if found is None:
            if len(self.applications) >= _APPLICATIONS:
                name = "others"
            found = self.applications.setdefault(name, Application(message.line, message.raw[:1200]))
        return found


def median_s(stays: Counter[int], longest: int) -> float:
    """Median session in seconds, within one percent."""
    return percentile(stays, 0.5, longest) / 1e6


def per_minute(connections: int, window_s: float) -> float:
    """Connections per minute; a log of less than a minute is not extrapolated to one."""
    return connections / max(window_s / 60, 1.0)
