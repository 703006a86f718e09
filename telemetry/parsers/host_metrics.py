"""Processors, memory, disks, networks and containers, as the commands of a machine print them.

sar and sadf, vmstat, iostat, free, df, docker stats, kubectl top; a file may hold several outputs.
"""

import re
from itertools import islice

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.host_containers import CONTAINER_KEYS, Docker, KubectlTop
from telemetry.parsers.host_counts import Hosts
from telemetry.parsers.host_iostat import Iostat
from telemetry.parsers.host_json import read_containers, read_sysstat
from telemetry.parsers.host_sar import SadfLines, Sar
from telemetry.parsers.host_space import Df, Free
from telemetry.parsers.host_text import Command, lines_of, read_text
from telemetry.parsers.host_vmstat import Vmstat
from telemetry.source import Head, Source

HOW = "Send what sar -A, or vmstat -t 5 120, printed during a busy hour."
_SYSSTAT = re.compile(r'\{\s*"sysstat"\s*:\s*\{\s*"hosts"\s*:')
_FIRST_LINES = 6
_NAMES_CHARS = 600  # twice what the longest line of column names takes
_CARRIERS: dict[type[Command], str] = {
    Sar: "sar",
    SadfLines: "sadf-lines",
    Vmstat: "vmstat",
    Iostat: "iostat",
    Docker: "docker-stats",
    KubectlTop: "kubectl-top",
    Free: "free",
    Df: "df",
}


def sniff(head: Head) -> bool:
    """Claim what sysstat or docker write as JSON, and text with a known line of column names among the first six."""
    return _carrier(head) is not None


def _carrier(head: Head) -> str | None:
    text = head.text.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        if _SYSSTAT.match(text):
            return "sysstat-json"
        first = text.partition("\n")[0]
        if not all(key in first for key in CONTAINER_KEYS):
            return None
        first = first.replace(" ", "")
        return "docker-json" if all(f'"{key}":' in first for key in CONTAINER_KEYS) else None
    if text.startswith(("[", "<")):
        return None
    lines = islice((line[:_NAMES_CHARS] for line in lines_of(head.lines[:40]) if line.strip()), _FIRST_LINES)
    hosts = Hosts(ParseResult())
    commands = [(command(hosts), name) for command, name in _CARRIERS.items()]
    return next((name for line in lines for command, name in commands if command.section(line, (1, line))), None)


def parse(source: Source) -> ParseResult:
    """A row a host, disk, interface, file system and container; ParseError when nothing was sampled."""
    result = ParseResult()
    hosts = Hosts(result)
    result.carrier = _carrier(source.head()) or "text"
    if result.carrier == "sysstat-json":
        read_sysstat(source, hosts)
    elif result.carrier == "docker-json":
        read_containers(source, hosts)
    else:
        read_text(source, hosts, list(_CARRIERS))
    hosts.finish()
    if not result.evidence:
        raise ParseError(f"The file holds names of columns, but no sample below them. {HOW}", 1)
    result.notes = list(dict.fromkeys(result.notes))
    result.enables = ["How busy processors, memory and disks are", "Whether a machine is too small or too large"]
    return result


PARSER = Parser(
    id="host-metrics",
    title="Machines and containers (sar, vmstat, iostat, docker stats, kubectl top)",
    how_to_export="sar -A > sar.txt   # the day's own record; or: sadf -j -- -A > sar.json   "
    "# without sysstat, during a busy hour: vmstat -t 5 120 > vmstat.txt; iostat -xt 5 120 > iostat.txt; "
    "docker stats --no-stream > docker.txt; df -P > df.txt; free -h > free.txt; kubectl top pods -A > pods.txt",
    looks_for="the column names that sar, vmstat, iostat, free, df, docker stats or kubectl top print, or JSON that "
    'begins with "sysstat"',
    kinds=("host.cpu", "host.memory", "host.disk", "host.network", "host.filesystem", "container.usage"),
    sniff=sniff,
    parse=parse,
)
