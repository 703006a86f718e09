"""`vmstat`: a line of samples an interval; the first one is the mean since the machine started and is not counted.

Memory is printed in kilobytes unless -S said otherwise, and the output does not tell: of memory only whether pages
moved to or from swap is read (https://man7.org/linux/man-pages/man8/vmstat.8.html).
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from telemetry.evidence import ParseError
from telemetry.parsers.host_counts import Hosts, Spot
from telemetry.parsers.host_text import Command, Section, number
from telemetry.parsers.ops_values import widen

_GROUPS = re.compile(r"-{0,3}procs-* -+memory-+")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*\Z")
_SHARES = {"us": "user", "sy": "system", "wa": "iowait", "st": "steal", "id": "idle"}
_NAMES = {"r": "run_queue", "b": "blocked", "cs": "context_switches_per_s"}
_UTC = ("UTC", "GMT")


class Vmstat(Command):
    """The two lines of names; they are repeated every screen."""

    def __init__(self, hosts: Hosts) -> None:
        super().__init__(hosts)
        self.rows: _Rows | None = None

    def section(self, line: str, spot: Spot) -> Section | None:
        names = line.split()
        if _GROUPS.match(line):
            return self.rows or _Rows(self.hosts, [])
        if names[:2] != ["r", "b"] or not {"us", "sy", "id"} <= set(names):
            return None
        zone = names.pop() if names[-1].isupper() else ""
        if self.rows is None:
            self.rows = _Rows(self.hosts, names, zone)
        else:
            self.rows.again(names)
        return self.rows

    def finish(self) -> None:
        rows = self.rows
        if rows is None:
            return
        if rows.count == rows.runs:
            raise ParseError(
                "vmstat printed one line, the mean since the machine started. Send: vmstat -t 5 120", rows.skipped
            )
        rows.report()


@dataclass
class _Rows(Section):
    hosts: Hosts
    columns: list[str]
    zone: str = ""
    count: int = 0
    skipped: int = 1
    runs: int = 1
    fresh: int = 0  # lines since the names were printed
    moments: list[datetime] = field(default_factory=list)
    stamped: int = 0

    def again(self, columns: list[str]) -> None:
        """The names came again: after one line only it was run anew, else a screen was full."""
        self.columns = columns
        if self.fresh == 1:
            self.runs += 1
            self.fresh = 0

    def row(self, line: str, spot: Spot) -> bool | None:
        stamp = _STAMP.search(line)
        fields = (line[: stamp.start()] if stamp else line).split()
        if len(fields) != len(self.columns):
            return False
        try:
            values = dict(zip(self.columns, map(number, fields), strict=True))
        except ValueError:
            return False
        self.count, self.fresh = self.count + 1, self.fresh + 1
        if self.fresh == 1:
            self.skipped = spot[0]
            return None
        if stamp:
            self._see(stamp[1])
        self._sample(values, spot, stamp[1] if stamp else "")
        return True

    def _see(self, text: str) -> None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return
        self.stamped += 1
        self.moments = [*self.moments[:1], moment]

    def _sample(self, values: dict[str, float], spot: Spot, clock: str) -> None:
        shares = {measure: values[name] / 100 for name, measure in _SHARES.items() if name in values}
        busy = max(0.0, 1.0 - shares.pop("idle") - shares.get("iowait", 0.0))
        counts = {measure: values[name] for name, measure in _NAMES.items() if name in values}
        self.hosts.sample("host.cpu", self.hosts.host, shares | {"busy": busy} | counts, spot, clock)
        if {"si", "so"} <= set(values):
            self.hosts.sample("host.memory", self.hosts.host, {"swapping": values["si"] + values["so"]}, spot)

    def report(self) -> None:
        """The window, and what is not known about it."""
        notes = self.hosts.result.notes
        notes.append("The first line of vmstat is a mean since the machine started and is left out.")
        if self.stamped < 2:
            notes.append("vmstat ran without -t: when this was, and how long, is unknown.")
            return
        interval = (self.moments[-1] - self.moments[0]).total_seconds() / (self.stamped - 1)
        for kind in ("host.cpu", "host.memory"):
            self.hosts.state(kind, {"window_s": interval * self.stamped, "interval_s": interval})
        if self.zone in _UTC:
            widen(self.hosts.result, *(moment.replace(tzinfo=UTC) for moment in self.moments))
        else:
            notes.append(f"vmstat names its zone {self.zone or '(none)'}, which may be several: when is unknown.")
