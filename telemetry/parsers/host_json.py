"""`sadf -j` and `iostat -o JSON`: samples of a machine as one JSON document; `docker stats --format json` by line.

sadf marks a moment that is UTC with "utc": 1; any other is a clock without a zone
(https://man7.org/linux/man-pages/man1/sadf.1.html).
"""

from datetime import UTC, datetime
from typing import Any

import orjson

from telemetry.evidence import ParseError
from telemetry.parsers import readers
from telemetry.parsers.host_containers import add_container
from telemetry.parsers.host_counts import Hosts, Spot
from telemetry.parsers.host_iostat import Reports, cpu_values, device_values
from telemetry.parsers.ops_values import blank_lines, is_amount, widen
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Source, is_overlong

_KB = 1024.0
_CPU = {"user": "user", "usr": "user", "system": "system", "sys": "system", "iowait": "iowait", "steal": "steal"}
_MEMORY = {
    "avail": ("available_bytes", _KB),
    "swpused": ("swap_used_bytes", _KB),
    "swpused-percent": ("swap_used_share", 0.01),
}
_DISK = {
    "tps": ("ops_per_s", 1.0),
    "rkB": ("read_bytes_per_s", _KB),
    "wkB": ("write_bytes_per_s", _KB),
    "rd_sec": ("read_bytes_per_s", 512.0),
    "wr_sec": ("write_bytes_per_s", 512.0),
    "await": ("await_ms", 1.0),
    "aqu-sz": ("queue", 1.0),
    "avgqu-sz": ("queue", 1.0),
    "util-percent": ("busy", 0.01),
    "util": ("busy", 0.01),
}
_NETWORK = {"rxkB": ("received_bytes_per_s", _KB), "txkB": ("sent_bytes_per_s", _KB), "ifutil-percent": ("busy", 0.01)}
_QUEUE = {"runq-sz": ("run_queue", 1.0), "ldavg-1": ("load_1m", 1.0), "blocked": ("blocked", 1.0)}


def read_containers(source: Source, hosts: Hosts) -> None:
    """Every line of docker stats --format json."""
    result = hosts.result
    for result.lines, raw in source.lines():
        line = raw.decode("utf-8", "replace")
        if not line.strip():
            result.blank += 1
            continue
        try:
            facts = None if is_overlong(raw) else orjson.loads(raw)
        except orjson.JSONDecodeError:
            facts = None
        if isinstance(facts, dict) and add_container(hosts, facts, (result.lines, line[:600])):
            result.records += 1
            result.records_lines += 1
        else:
            readers.reject_line(result.lines, line, result)
    result.notes.append("docker stats prints no time: when this was, and how long, is unknown.")


def read_sysstat(source: Source, hosts: Hosts) -> None:
    """The document of sadf or iostat; ParseError when it holds no sample."""
    document = JsonText(source.read())
    result = hosts.result
    result.lines, result.blank = document.lines, blank_lines(document)
    result.records_lines = result.lines - result.blank
    reports = Reports(hosts)
    for machine in _inside(document, document.start, "sysstat", "hosts"):
        facts = machine.value if isinstance(machine.value, dict) else {}
        hosts.host = str(facts.get("nodename") or "host")[:120]
        hosts.cpus = int(facts["number-of-cpus"]) if is_amount(facts.get("number-of-cpus")) else 0
        hosts.restarts += len(facts["restarts"]) if isinstance(facts.get("restarts"), list) else 0
        clock = _Clock()
        for statistic in _inside(document, machine.value_at, "statistics"):
            if not isinstance(statistic.value, dict) or not statistic.value:
                continue  # sadf closes a period that was cut short with an empty object
            result.records += 1
            if "timestamp" in statistic.value:
                _sadf(document, statistic, hosts, clock)
            else:
                reports.begin("report")
                _iostat(document, statistic, reports)
        clock.report(hosts)
    reports.finish()
    if not result.records:
        raise ParseError("This document of sysstat holds no sample. Send: sadf -j -- -A", 1)


def _inside(document: JsonText, at: int, *keys: str) -> list[Member]:
    """The elements of the list below these keys."""
    for key in keys:
        found = document.member(at, key)
        if found is None:
            return []
        at = found.value_at
    return document.members(at)


class _Clock:
    """The first and last moment of a host, and its interval."""

    def __init__(self) -> None:
        self.moments: list[datetime] = []
        self.utc = True
        self.seconds = 0.0
        self.count = 0

    def see(self, stamp: dict[str, Any]) -> str:
        """A sample's moment; the answer is its clock as text."""
        text = f"{stamp.get('date')} {stamp.get('time')}"
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return text[:40]
        self.utc = self.utc and stamp.get("utc") == 1
        self.moments = [*self.moments[:1], moment]
        if is_amount(stamp.get("interval")):
            self.seconds += float(stamp["interval"])
        self.count += 1
        return text

    def report(self, hosts: Hosts) -> None:
        """Put the window; its place in time only when the moments are UTC's."""
        if not self.count:
            return
        for kind in hosts.kinds:
            hosts.state(kind, {"window_s": self.seconds, "interval_s": self.seconds / self.count})
        if self.utc:
            widen(hosts.result, *(moment.replace(tzinfo=UTC) for moment in self.moments))
        else:
            hosts.result.notes.append(f"{hosts.host}: a clock without a zone, when this was is unknown.")


def _sadf(document: JsonText, statistic: Member, hosts: Hosts, clock: _Clock) -> None:
    parts = {part.key: part for part in document.members(statistic.value_at)}
    stamp = parts["timestamp"].value
    when = clock.see(stamp) if isinstance(stamp, dict) else ""
    for name in ("cpu-load", "cpu-load-all"):
        for one in document.members(parts[name].value_at) if name in parts else []:
            if str(_facts(one).get("cpu")) == "all":
                hosts.sample("host.cpu", hosts.host, _cpu(_facts(one)), _spot(document, one), when)
    if "queue" in parts:
        hosts.sample("host.cpu", hosts.host, _values(_facts(parts["queue"]), _QUEUE), _spot(document, parts["queue"]))
    if "memory" in parts and (values := _values(_facts(parts["memory"]), _MEMORY)):
        hosts.sample("host.memory", hosts.host, values, _spot(document, parts["memory"]))
    for one in document.members(parts["disk"].value_at) if "disk" in parts else []:
        name = str(_facts(one).get("disk-device") or "disk")
        hosts.sample("host.disk", name, _values(_facts(one), _DISK), _spot(document, one))
    for one in _inside(document, parts["network"].value_at, "net-dev") if "network" in parts else []:
        if (name := str(_facts(one).get("iface") or "network")) != "lo":
            hosts.sample("host.network", name, _values(_facts(one), _NETWORK), _spot(document, one))


def _iostat(document: JsonText, statistic: Member, reports: Reports) -> None:
    parts = {part.key: part for part in document.members(statistic.value_at)}
    if "avg-cpu" in parts:
        shares = {f"%{name}": float(value) for name, value in _facts(parts["avg-cpu"]).items() if is_amount(value)}
        reports.add("host.cpu", reports.hosts.host, cpu_values(shares), _spot(document, parts["avg-cpu"]))
    for one in document.members(parts["disk"].value_at) if "disk" in parts else []:
        facts = {name.lower(): float(value) for name, value in _facts(one).items() if is_amount(value)}
        facts |= {"%util": facts["util"]} if "util" in facts else {}
        reports.add(
            "host.disk", str(_facts(one).get("disk_device") or "disk"), device_values(facts), _spot(document, one)
        )


def _facts(member: Member) -> dict[str, Any]:
    return member.value if isinstance(member.value, dict) else {}


def _spot(document: JsonText, member: Member) -> Spot:
    return document.spot(member.at)


def _values(facts: dict[str, Any], names: dict[str, tuple[str, float]]) -> dict[str, float]:
    return {
        measure: float(facts[name]) * factor for name, (measure, factor) in names.items() if is_amount(facts.get(name))
    }


def _cpu(facts: dict[str, Any]) -> dict[str, float]:
    values = {measure: facts[name] / 100 for name, measure in _CPU.items() if is_amount(facts.get(name))}
    if is_amount(facts.get("idle")):
        values["busy"] = max(0.0, 1.0 - facts["idle"] / 100 - values.get("iowait", 0.0))
    return values
