"""`docker stats` as a table or as JSON, and `kubectl top` of pods, containers and nodes.

Docker counts a core as 100 %, memory in binary units, and shows the host's memory where a container has no limit
(https://docs.docker.com/reference/cli/docker/container/stats/). Kubernetes counts thousandths of a core
(https://kubernetes.io/docs/reference/kubectl/generated/kubectl_top/).
"""

import re
from dataclasses import dataclass
from typing import Any

from telemetry.parsers.host_counts import Hosts, Spot
from telemetry.parsers.host_text import Command, Section, number

_GAP = re.compile(r"\s{2,}")
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?) ?([kKMGTPE]?i?)B?")
_POWER = {letter: power for power, letter in enumerate(("", "K", "M", "G", "T", "P", "E"))}
_CORES = re.compile(r"(\d{1,9})(m?)")
_NAMES = {"cpu(%)": "cpu%", "memory(%)": "memory%"}
CONTAINER_KEYS = {"CPUPerc", "MemUsage", "Name"}
ABSENT = "--"


def size(text: str) -> float:
    """Bytes of "1.5MiB" (binary) or "3.2kB" (decimal); ValueError for anything else."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text[:40]} is no size")
    base = 1024 if found[2].endswith("i") else 1000
    return float(found[1]) * float(base ** _POWER[found[2].rstrip("i").upper()])


def percent(text: str) -> float:
    """A share of "12.5%"."""
    return number(text.strip().removesuffix("%")) / 100


def docker_values(cpu: str, memory: str, processes: str) -> dict[str, float]:
    """Measures of one line; empty for a container that has stopped. ValueError when a field cannot be read."""
    if cpu.startswith(ABSENT):
        return {}
    used, _, limit = memory.partition("/")
    values = {"cpu_cores": percent(cpu), "memory_bytes": size(used)}
    if limit and (most := size(limit)):
        values |= {"memory_limit_bytes": most, "memory_share": values["memory_bytes"] / most}
    if processes.isdigit():
        values["processes"] = float(processes)
    return values


def add_container(hosts: Hosts, facts: dict[str, Any], spot: Spot) -> bool:
    """Count one JSON line of docker stats; False when it is none."""
    if not set(facts) >= CONTAINER_KEYS:
        return False
    try:
        values = docker_values(str(facts["CPUPerc"]), str(facts["MemUsage"]), str(facts.get("PIDs", "")))
    except ValueError:
        return False
    _sample(hosts, str(facts["Name"]), values, spot, "container")
    return True


def _sample(hosts: Hosts, name: str, values: dict[str, float], spot: Spot, kind: str) -> None:
    subject = hosts.sample("container.usage", name, values, spot) if values else None
    if subject:
        subject.attrs["type"] = kind


class Docker(Command):
    """The table of docker stats, which is printed anew each second while it runs."""

    def section(self, line: str, spot: Spot) -> Section | None:
        names = _GAP.split(line.strip().replace("USAGE/LIMIT", "USAGE / LIMIT"))  # as it was before Docker 1.9
        fits = names[0] in ("CONTAINER ID", "CONTAINER") and "CPU %" in names and "MEM USAGE / LIMIT" in names
        return _DockerRows(self.hosts, names) if fits else None


@dataclass
class _DockerRows(Section):
    hosts: Hosts
    names: list[str]

    def row(self, line: str, spot: Spot) -> bool | None:
        fields = _GAP.split(line.strip())
        if len(fields) != len(self.names):
            return False
        facts = dict(zip(self.names, fields, strict=True))
        try:
            values = docker_values(facts["CPU %"], facts["MEM USAGE / LIMIT"], facts.get("PIDS", ""))
        except ValueError:
            return False
        _sample(self.hosts, facts.get("NAME") or fields[0], values, spot, "container")
        return True


class KubectlTop(Command):
    """The table of kubectl top; with -A the namespace stands first, with --containers the pod before its container."""

    def section(self, line: str, spot: Spot) -> Section | None:
        names = [_NAMES.get(name.lower(), name.lower()) for name in line.split()]
        known = {"cpu(cores)", "memory(bytes)"} <= set(names) and "name" in names
        return _TopRows(self.hosts, names) if known else None


@dataclass
class _TopRows(Section):
    hosts: Hosts
    names: list[str]

    def row(self, line: str, spot: Spot) -> bool | None:
        fields = line.split()
        if len(fields) != len(self.names):
            return False
        facts = dict(zip(self.names, fields, strict=True))
        cores = _CORES.fullmatch(facts["cpu(cores)"])
        if cores is None:
            return facts["cpu(cores)"] == "<unknown>"
        values = {"cpu_cores": int(cores[1]) / (1000 if cores[2] else 1)}
        try:
            values["memory_bytes"] = size(facts["memory(bytes)"])
            if "memory%" in facts:
                values |= {"cpu_share": percent(facts["cpu%"]), "memory_share": percent(facts["memory%"])}
        except (ValueError, KeyError):
            return False
        name = "/".join(facts[part] for part in ("namespace", "pod", "name") if part in facts)
        _sample(self.hosts, name, values, spot, "node" if "memory%" in facts else "pod")
        return True
