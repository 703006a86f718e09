"""`iostat`, with or without -x and -t: reports of processors and devices, one an interval.

The first report is the mean since the machine started; it is left out when others follow
(https://man7.org/linux/man-pages/man1/iostat.1.html).
"""

import re
from dataclasses import dataclass, field

from telemetry.parsers.host_counts import Hosts, Spot
from telemetry.parsers.host_text import Command, Section, number

_KB = 1024.0
_SHARES = {"%user": "user", "%system": "system", "%iowait": "iowait", "%steal": "steal", "%idle": "idle"}
_DEVICE = {
    "tps": ("ops_per_s", 1.0),
    "r/s": ("ops_per_s", 1.0),
    "w/s": ("ops_per_s", 1.0),
    "d/s": ("ops_per_s", 1.0),
    "f/s": ("ops_per_s", 1.0),
    "rkb/s": ("read_bytes_per_s", _KB),
    "wkb/s": ("write_bytes_per_s", _KB),
    "rmb/s": ("read_bytes_per_s", _KB**2),
    "wmb/s": ("write_bytes_per_s", _KB**2),
    "kb_read/s": ("read_bytes_per_s", _KB),
    "kb_wrtn/s": ("write_bytes_per_s", _KB),
    "aqu-sz": ("queue", 1.0),
    "avgqu-sz": ("queue", 1.0),
    "%util": ("busy", 0.01),
}
_WAITS = ("await", "r_await", "w_await")
_STAMP = re.compile(r"(\d{1,4}[-/.]\d\d[-/.]\d{2,4}[ T]\d\d?:\d\d:\d\d(?: [AP]M|[+-]\d{4})?)")

Sample = tuple[str, str, dict[str, float], Spot, str]  # kind, subject, values, spot, clock


@dataclass
class Reports:
    """Reports of one file, the first held back until it is known whether another follows."""

    hosts: Hosts
    count: int = 0
    held: list[Sample] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def begin(self, what: str) -> None:
        """A block of this sort begins; the same sort twice means a new report."""
        if what in self.seen or not self.count:
            self.count += 1
            self.seen = set()
        self.seen.add(what)

    def add(self, kind: str, subject: str, values: dict[str, float], spot: Spot, clock: str = "") -> None:
        """Count a sample, or hold it while it may be of the first report only."""
        if self.count == 1:
            self.held.append((kind, subject, values, spot, clock))
        else:
            self.hosts.sample(kind, subject, values, spot, clock)

    def finish(self) -> None:
        """Use the first report only if it is the only one."""
        if self.count == 1:
            for sample in self.held:
                self.hosts.sample(*sample)
            self.hosts.result.notes.append(
                "One report: means since the machine started, which hide every peak. Send: iostat -xt 5 120"
            )
        elif self.count:
            self.hosts.result.notes.append(
                "The first report of iostat is a mean since the machine started and is left out."
            )


def cpu_values(shares: dict[str, float]) -> dict[str, float]:
    """Measures of the columns of avg-cpu, whose shares are in percent."""
    values = {measure: shares[name] / 100 for name, measure in _SHARES.items() if name in shares}
    if "idle" in values:
        values["busy"] = max(0.0, 1.0 - values.pop("idle") - values.get("iowait", 0.0))
    return values


def device_values(columns: dict[str, float]) -> dict[str, float]:
    """Measures of a device's columns (lower case); operations are the sum of reads, writes, discards and flushes."""
    values: dict[str, float] = {}
    for name, (measure, factor) in _DEVICE.items():
        if name in columns:
            values[measure] = values.get(measure, 0.0) + columns[name] * factor
    waits = [columns[name] for name in _WAITS if name in columns]
    return values | ({"await_ms": max(waits)} if waits else {})


class Iostat(Command):
    """avg-cpu, then devices, again and again."""

    def __init__(self, hosts: Hosts) -> None:
        super().__init__(hosts)
        self.reports = Reports(hosts)
        self._clock = ""

    def section(self, line: str, spot: Spot) -> Section | None:
        if (self.reports.count or self.hosts.cpus) and (stamp := _STAMP.fullmatch(line.strip())):
            self._clock = stamp[1]
            return _Nothing()
        names = [name.lower().rstrip(":") for name in line.split()]
        if names[:2] == ["avg-cpu", "%user"]:
            self.reports.begin("cpu")
            return _Cpu(self.reports, names[1:], self._clock)
        if names[:1] == ["device"] and ("tps" in names or "%util" in names):
            self.reports.begin("device")
            return _Devices(self.reports, names[1:])
        return None

    def finish(self) -> None:
        self.reports.finish()
        if self.reports.count:
            self.hosts.result.notes.append("iostat prints no zone: when this was is unknown.")


class _Nothing(Section):
    def row(self, line: str, spot: Spot) -> bool | None:
        return False


@dataclass
class _Cpu(Section):
    reports: Reports
    columns: list[str]
    clock: str

    def row(self, line: str, spot: Spot) -> bool | None:
        found = _numbers(line.split(), self.columns)
        if found is None:
            return False
        self.reports.add("host.cpu", self.reports.hosts.host, cpu_values(found), spot, self.clock)
        return True


@dataclass
class _Devices(Section):
    reports: Reports
    columns: list[str]

    def row(self, line: str, spot: Spot) -> bool | None:
        name, *fields = line.split()
        found = _numbers(fields, self.columns)
        if found is None:
            return False
        self.reports.add("host.disk", name, device_values(found), spot)
        return True


def _numbers(fields: list[str], columns: list[str]) -> dict[str, float] | None:
    if len(fields) != len(columns):
        return None
    try:
        return dict(zip(columns, map(number, fields), strict=True))
    except ValueError:
        return None
