"""`free` and `df`: one moment of memory and of file systems.

Plain numbers of free may be in any unit (-b, -k, -m, -g look alike), so of those only shares are told, and of -h only
sizes. df names its unit in the line of column names (https://man7.org/linux/man-pages/man1/free.1.html,
https://www.gnu.org/software/coreutils/manual/html_node/df-invocation.html).
"""

import re
from dataclasses import dataclass

from telemetry.parsers.host_containers import size
from telemetry.parsers.host_counts import Hosts, Spot
from telemetry.parsers.host_text import Command, Section, number

_BLOCKS = re.compile(r"(\d+)([KMGT]?)(?:i?B)?-blocks")
_FACTOR = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_NOT_KEPT = {"tmpfs", "devtmpfs", "udev", "none", "efivarfs", "cgroup", "proc", "sysfs", "squashfs", "shm"}
_SUFFIX = re.compile(r"[\d.,]+[BKMGTPE]i?B?\Z")


class Free(Command):
    """Two or three lines: names, Mem:, Swap:."""

    def section(self, line: str, spot: Spot) -> Section | None:
        names = line.split()
        return _FreeRows(self.hosts, names) if names[:3] == ["total", "used", "free"] else None

    def finish(self) -> None:
        if "host.memory" in self.hosts.kinds and not self.hosts.result.notes:
            self.hosts.result.notes.append("free shows one moment, without a time.")


@dataclass
class _FreeRows(Section):
    hosts: Hosts
    names: list[str]

    def row(self, line: str, spot: Spot) -> bool | None:
        label, *fields = line.split()
        if label in ("-/+", "Total:"):
            return None
        if label not in ("Mem:", "Swap:") or len(fields) > len(self.names) or len(fields) < 3:
            return False
        try:
            facts = dict(zip(self.names, map(_amount, fields), strict=False))
        except ValueError:
            return False
        sized = all(_SUFFIX.match(field) for field in fields)
        values = _memory(facts, sized) if label == "Mem:" else _swap(facts, sized)
        if values:
            self.hosts.sample("host.memory", self.hosts.host, values, spot)
        return True


def _memory(facts: dict[str, float], sized: bool) -> dict[str, float]:
    """Before procps 3.3.10 there was no column "available", so nothing is told about what is left."""
    total, available = facts["total"], facts.get("available")
    if sized:  # rounded to a few digits: too coarse for a share
        return {"total_bytes": total} | ({"available_bytes": available} if available is not None else {})
    return {"available_share": available / total} if available is not None and total > 0 else {}


def _swap(facts: dict[str, float], sized: bool) -> dict[str, float]:
    if sized:
        return {"swap_used_bytes": facts["used"]}
    return {"swap_used_share": facts["used"] / facts["total"]} if facts["total"] > 0 else {}


def _amount(text: str) -> float:
    """A plain number, or a size with a binary suffix ("1.5Gi"; older versions wrote "1.5G" for the same)."""
    if not _SUFFIX.match(text):
        return number(text)
    bare = text.replace(",", ".").rstrip("B").rstrip("i")
    return size(f"{bare}i" if bare[-1].isalpha() else bare)


class Df(Command):
    """One line a file system; a long device name may stand on a line of its own."""

    def section(self, line: str, spot: Spot) -> Section | None:
        names = line.split()
        if names[:1] != ["Filesystem"] or names[-2:] != ["Mounted", "on"]:
            return None
        return _DfRows(self.hosts, names[1:-1])


@dataclass
class _DfRows(Section):
    hosts: Hosts
    names: list[str]  # up to Mounted
    device: str = ""

    def row(self, line: str, spot: Spot) -> bool | None:
        fields = line.split(None, len(self.names))
        if len(fields) == 1 and not self.device:
            self.device = fields[0]
            return None
        if self.device and len(fields) == len(self.names):
            fields = [self.device, *fields]
        elif self.device:
            fields = [self.device, *line.split(None, len(self.names) - 1)]
        self.device = ""
        if len(fields) != len(self.names) + 1 or not fields[-1].startswith("/"):
            return False
        facts = dict(zip(self.names, fields[1:], strict=True))
        if {facts.get("Type"), fields[0]} & _NOT_KEPT:
            return True
        try:
            values = _inodes(facts) if "Inodes" in facts else self._space(facts)
        except (ValueError, KeyError):
            return False
        if values:
            self.hosts.sample("host.filesystem", fields[-1], values, spot)
        return True

    def _space(self, facts: dict[str, str]) -> dict[str, float]:
        blocks = next((found for name in facts if (found := _BLOCKS.fullmatch(name))), None)
        unit = float(int(blocks[1]) * _FACTOR[blocks[2]]) if blocks else 1.0
        whole = facts[blocks[0]] if blocks else facts["Size"]
        free = facts.get("Available") or facts["Avail"]
        total, used, left = (_amount(text) * unit for text in (whole, facts["Used"], free))
        values = {"size_bytes": total, "used_bytes": used, "available_bytes": left}
        return values | ({"used_share": used / (used + left)} if used + left > 0 else {})


def _inodes(facts: dict[str, str]) -> dict[str, float]:
    total, used = _amount(facts["Inodes"]), _amount(facts["IUsed"])
    return {"inodes_used_share": used / total} if total > 0 else {}
