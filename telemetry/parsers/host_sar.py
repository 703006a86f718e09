"""`sar`, and the lines of `sadf -d`: sections by activity, a column of the clock in front.

The clock has 12 or 24 hours and never a zone; a day that ends inside the file shows only in a clock that goes back.
Lines `Average:` sum up what stands above them and are not counted again. Columns after
https://man7.org/linux/man-pages/man1/sar.1.html. Memory used is not read: its meaning changed between versions.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from telemetry.parsers.host_counts import Hosts, Spot
from telemetry.parsers.host_text import Command, Section, number
from telemetry.parsers.ops_values import widen

_CLOCK = re.compile(r"(\d{1,2}):(\d\d):(\d\d)(?: ([AP])\.?M\.?)?\s+(?=\S)")
_COLUMN = re.compile(r"%?[a-z][\w%/.-]{0,30}")
_MEASURED = re.compile(r"^%|^kb|/s\Z|-sz\Z")  # two of these make the first section; later ones may have others
_SUM = re.compile(r"[^\W\d][\w.]{2,20}\s?:\s")  # Average: in the language of the machine
_RESTART = re.compile(r"\bLINUX RESTART\b")
_UTC = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC\Z")
_KB = 1024.0
_DAY_S = 86_400
_LOOPBACK = "lo"

# Column -> (measure, factor); shares and rates of the tool become ours.
_CPU = {
    "%user": ("user", 0.01),
    "%usr": ("user", 0.01),
    "%system": ("system", 0.01),
    "%sys": ("system", 0.01),
    "%iowait": ("iowait", 0.01),
    "%steal": ("steal", 0.01),
    "%idle": ("idle", 0.01),
}
_QUEUE = {"runq-sz": ("run_queue", 1.0), "ldavg-1": ("load_1m", 1.0), "blocked": ("blocked", 1.0)}
_SWITCHES = {"cswch/s": ("context_switches_per_s", 1.0)}
_MEMORY = {
    "kbavail": ("available_bytes", _KB),
    "kbswpused": ("swap_used_bytes", _KB),
    "%swpused": ("swap_used_share", 0.01),
    "majflt/s": ("major_faults_per_s", 1.0),
    "pswpin/s": ("swapping", 1.0),
    "pswpout/s": ("swapping", 1.0),
}
_DISK = {
    "tps": ("ops_per_s", 1.0),
    "rkb/s": ("read_bytes_per_s", _KB),
    "wkb/s": ("write_bytes_per_s", _KB),
    "rd_sec/s": ("read_bytes_per_s", 512.0),
    "wr_sec/s": ("write_bytes_per_s", 512.0),
    "await": ("await_ms", 1.0),
    "aqu-sz": ("queue", 1.0),
    "avgqu-sz": ("queue", 1.0),
    "%util": ("busy", 0.01),
}
_NETWORK = {
    "rxkb/s": ("received_bytes_per_s", _KB),
    "txkb/s": ("sent_bytes_per_s", _KB),
    "%ifutil": ("busy", 0.01),
    "rxdrop/s": ("drops_per_s", 1.0),
    "txdrop/s": ("drops_per_s", 1.0),
}
# (column that only this activity has, kind, column of the subject, measures); the first that fits.
_ACTIVITIES = (
    ("%idle", "host.cpu", "cpu", _CPU),
    ("runq-sz", "host.cpu", "", _QUEUE),
    ("cswch/s", "host.cpu", "", _SWITCHES),
    ("kbavail", "host.memory", "", _MEMORY),
    ("kbswpused", "host.memory", "", _MEMORY),
    ("majflt/s", "host.memory", "", _MEMORY),
    ("pswpin/s", "host.memory", "", _MEMORY),
    ("%util", "host.disk", "dev", _DISK),
    ("rxkb/s", "host.network", "iface", _NETWORK),
    ("rxdrop/s", "host.network", "iface", _NETWORK),
)
_ALL_CPUS = ("all", "-1")


@dataclass(slots=True)
class _Window:
    """How long an activity was watched, interval by interval."""

    seconds: float = 0.0
    intervals: int = 0
    before: int | None = None

    def see(self, second: int) -> None:
        """A moment of the clock; one that goes back means the next day."""
        if self.before is not None and second != self.before:
            self.seconds += (second - self.before) % _DAY_S
            self.intervals += 1
        self.before = second


@dataclass
class _Activity(Section):
    """One activity: its columns, what they measure, and the interval."""

    hosts: Hosts
    columns: list[str]
    window: _Window
    kind: str = ""
    subject: str = ""
    measures: dict[str, tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for mark, kind, subject, measures in _ACTIVITIES:
            if mark in self.columns:
                self.kind, self.subject, self.measures = kind, subject, measures
                return

    def row(self, line: str, spot: Spot) -> bool | None:
        if _RESTART.search(line) or _SUM.match(line):
            return None
        clock = _CLOCK.match(line)
        fields = line[clock.end() :].split() if clock else []
        if clock is None or len(fields) != len(self.columns):
            return False
        self.window.see(_second(clock))
        return self.count(dict(zip(self.columns, fields, strict=True)), spot, clock[0].strip())

    def count(self, row: dict[str, str], spot: Spot, clock: str) -> bool:
        """Count the values of a row; False when one is no number."""
        name = row.get(self.subject, "") if self.subject else ""
        if not self.kind or name == _LOOPBACK or (self.subject == "cpu" and name not in _ALL_CPUS):
            return True
        values: dict[str, float] = {}
        try:
            for column, (measure, factor) in self.measures.items():
                if column in row:
                    values[measure] = values.get(measure, 0.0) + number(row[column]) * factor
        except ValueError:
            return False
        if "idle" in values:
            values["busy"] = max(0.0, 1.0 - values.pop("idle") - values.get("iowait", 0.0))
        on_host = self.kind in ("host.cpu", "host.memory")
        self.hosts.sample(self.kind, self.hosts.host if on_host else name, values, spot, clock)
        return True


class Sar(Command):
    """Text of sar: a line of names begins with the clock, like the rows below it."""

    def __init__(self, hosts: Hosts) -> None:
        super().__init__(hosts)
        self._windows: dict[tuple[str, ...], tuple[_Window, _Activity]] = {}
        self._restarts: set[str] = set()

    def section(self, line: str, spot: Spot) -> Section | None:
        clock = _CLOCK.match(line)
        if clock is None:
            return None
        if _RESTART.search(line):
            self._restarts.add(clock[0])
            return _Activity(self.hosts, [], _Window())
        columns = [name.lower() for name in line[clock.end() :].split()]
        named = all(map(_COLUMN.fullmatch, columns))
        if not named or not (self._windows or sum(map(bool, map(_MEASURED.search, columns))) >= 2):
            return None
        window = self._windows[tuple(columns)][0] if tuple(columns) in self._windows else _Window()
        window.before = _second(clock)
        activity = _Activity(self.hosts, columns, window)
        self._windows[tuple(columns)] = window, activity
        return activity

    def finish(self) -> None:
        self.hosts.restarts += len(self._restarts)
        longest: dict[str, _Window] = {}
        for window, activity in self._windows.values():
            known = longest.get(activity.kind)
            if activity.kind and window.intervals and (known is None or window.seconds > known.seconds):
                longest[activity.kind] = window
        for kind, window in longest.items():
            self.hosts.state(kind, {"window_s": window.seconds, "interval_s": window.seconds / window.intervals})
        if longest:
            self.hosts.result.notes.append(
                "sar prints the clock of the machine without its zone: when this was is unknown."
            )


class SadfLines(Command):
    """`sadf -d`: rows separated by semicolons, host, interval and moment in front."""

    def __init__(self, hosts: Hosts) -> None:
        super().__init__(hosts)
        self._rows: dict[str, _SadfRows] = {}

    def section(self, line: str, spot: Spot) -> Section | None:
        names = line.lower().removeprefix("# ").split(";")
        if names[:3] != ["hostname", "interval", "timestamp"] or len(names) < 4:
            return None
        return self._rows.setdefault(line, _SadfRows(_Activity(self.hosts, names[3:], _Window()), self.hosts))

    def finish(self) -> None:
        for rows in self._rows.values():
            rows.report()
        if self._rows:
            self.hosts.restarts += max(rows.restarts for rows in self._rows.values())


@dataclass
class _SadfRows(Section):
    activity: _Activity
    hosts: Hosts
    moments: list[datetime] = field(default_factory=list)
    seconds: float = 0.0
    intervals: int = 0
    restarts: int = 0
    before: str = ""
    local: bool = False

    def row(self, line: str, spot: Spot) -> bool | None:
        fields = line.split(";")
        if len(fields) == 4 and fields[3].startswith("LINUX-RESTART"):
            self.restarts += 1
            return None
        if len(fields) != len(self.activity.columns) + 3:
            return False
        try:
            interval = number(fields[1])
        except ValueError:
            return False
        self._see(fields[2], interval)
        self.hosts.host = fields[0][:120] or self.hosts.host
        return self.activity.count(dict(zip(self.activity.columns, fields[3:], strict=True)), spot, fields[2])

    def _see(self, text: str, interval: float) -> None:
        """Rows of one moment (a row a disk) share their interval."""
        if text == self.before:
            return
        self.before = text
        self.seconds += interval
        self.intervals += 1
        found = _UTC.match(text)
        try:
            moment = datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None
        except ValueError:
            moment = None
        self.local = self.local or moment is None
        if moment:
            self.moments = [*self.moments[:1], moment]  # the first and the last

    def report(self) -> None:
        """Put the window, and its place in time where that is told."""
        if self.intervals:
            facts = {"window_s": self.seconds, "interval_s": self.seconds / self.intervals}
            self.hosts.state(self.activity.kind, facts)
        widen(self.hosts.result, *self.moments)
        if self.local:
            self.hosts.result.notes.append("sadf printed a clock without its zone: when this was is unknown.")


def _second(clock: re.Match[str]) -> int:
    """Seconds since midnight; 12 AM is the first hour of a day, 12 PM its thirteenth."""
    hour = int(clock[1])
    if clock[4]:
        hour = hour % 12 + (12 if clock[4] == "P" else 0)
    return (hour * 3600 + int(clock[2]) * 60 + int(clock[3])) % _DAY_S
