"""auto_explain: what a plan says about its statement. Its duration is the statement's own and is never added up."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from telemetry.parsers.postgres.bounds import Bounds
from telemetry.parsers.postgres.messages import Message
from telemetry.sql import fingerprint

_FAMILIES = 2_000
_TEXTS = 1_000
_PLAN_CHARS = 256 * 1024
_QUERY = re.compile(
    r"Query Text: (.*?)(?=\n\t?[A-Z][A-Za-z -]+[^\n]*\(cost=|\n\t?Query (?:Parameters|Identifier):|\Z)", re.S
)
_SCAN = re.compile(r"Seq Scan on (\S+)")
# A node's rows and loops, and what its filter removed; both are per loop.
_NODE = re.compile(
    r"rows=(?P<rows>\d+) width=\d+\) \(actual (?:time=[\d.]+ )?rows=(?P<actual>\d+(?:\.\d+)?) loops=(?P<loops>\d+)\)"
    r"|Rows Removed by (?:Join )?Filter: (?P<removed>\d+)"
)
_XML_QUERY = re.compile(r"<Query-Text>(.*?)</Query-Text>|^\s*Query Text: \"(.*?)\"$", re.S | re.M)


@dataclass(slots=True)
class PlanFamily:
    """Plans of one statement; the slowest stands at `line`. `misestimate` is the worst factor of rows to guess."""

    text: str
    plans: int = 0
    us_max: int = -1
    removed: int = -1
    misestimate: float = -1.0
    spill: bool = False
    scans: dict[str, None] = field(default_factory=dict)
    line: int = 0
    quote: bytes = b""


@dataclass(slots=True)
class _Plan:
    query: str = ""
    removed: int | None = None
    misestimate: float | None = None
    spill: bool = False
    scans: list[str] = field(default_factory=list)

    def guess(self, rows: float, actual: float, loops: float) -> None:
        if loops:
            low, high = sorted((max(rows, 1.0), max(actual, 1.0)))
            self.misestimate = max(self.misestimate or 1.0, high / low)

    def remove(self, rows: float) -> None:
        self.removed = (self.removed or 0) + int(rows)


@dataclass(slots=True)
class Plans:
    """All plans of a log by statement."""

    bounds: Bounds
    families: dict[str, PlanFamily] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    def see(self, us: int, message: Message) -> None:
        """A `duration: N ms  plan:` record; `us` is that duration in microseconds."""
        plan = _read(message.text.partition("plan:")[2][:_PLAN_CHARS])
        if not plan.query:
            return
        key = self._keys.get(plan.query)
        if key is None:
            if len(self._keys) >= _TEXTS:
                self._keys.clear()
            key = self._keys[plan.query] = fingerprint(plan.query)
        if key not in self.families and len(self.families) >= _FAMILIES:
            self.bounds.leave_out("statements with plans")
            return
        family = self.families.setdefault(key, PlanFamily(plan.query))
        family.plans += 1
        family.removed = max(family.removed, -1 if plan.removed is None else plan.removed)
        family.misestimate = max(family.misestimate, -1.0 if plan.misestimate is None else plan.misestimate)
        family.spill |= plan.spill
        family.scans |= dict.fromkeys(plan.scans)
        if us > family.us_max:
            family.us_max, family.line, family.quote = us, message.line, message.raw[:1200]

    def join(self, later: "Plans") -> None:
        """Add the plans of a later part of the log."""
        for key, theirs in later.families.items():
            ours = self.families.setdefault(key, theirs)
            if ours is theirs:
                continue
            ours.plans += theirs.plans
            ours.removed = max(ours.removed, theirs.removed)
            ours.misestimate = max(ours.misestimate, theirs.misestimate)
            ours.spill |= theirs.spill
            ours.scans |= theirs.scans
            if theirs.us_max > ours.us_max:
                ours.us_max, ours.line, ours.quote = theirs.us_max, theirs.line, theirs.quote
        if len(self.families) > _FAMILIES:
            self.bounds.leave_out("statements with plans")

    def forget(self) -> None:
        """Let go of what only helps to find families."""
        self._keys.clear()


def _read(text: str) -> _Plan:
    if text.lstrip().startswith("{"):
        try:
            return _read_json(json.loads(text, strict=False))
        except (ValueError, TypeError, AttributeError, RecursionError):
            return _Plan()  # cut by a collector: its duration counts, its tree is lost
    if found := _XML_QUERY.search(text):
        return _Plan(query=found[1] or found[2])
    return _read_text(text)


def _read_text(text: str) -> _Plan:
    found = _QUERY.search(text)
    plan = _Plan(found[1].strip() if found else "")
    tree = text[found.end() :] if found else text
    plan.scans = _SCAN.findall(tree)
    plan.spill = "external merge" in tree or "external sort" in tree
    loops = 1.0
    for node in _NODE.finditer(tree):
        if node["removed"]:
            plan.remove(float(node["removed"]) * loops)
        else:
            loops = float(node["loops"])
            plan.guess(float(node["rows"]), float(node["actual"]), loops)
    return plan


def _read_json(tree: Any) -> _Plan:
    plan = _Plan(str(tree.get("Query Text", "")))
    waiting = [tree.get("Plan")]
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, dict):
            continue
        waiting += node.get("Plans") or []
        if node.get("Node Type") == "Seq Scan":
            plan.scans.append(str(node.get("Relation Name", "")))
        plan.spill |= str(node.get("Sort Method", "")).startswith("external")
        if "Rows Removed by Filter" in node:
            plan.remove(float(node["Rows Removed by Filter"]) * float(node.get("Actual Loops", 1)))
        if "Actual Rows" in node:
            plan.guess(float(node.get("Plan Rows", 0)), float(node["Actual Rows"]), float(node.get("Actual Loops", 0)))
    return plan
