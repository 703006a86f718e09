"""auto_explain: what a plan says about its statement. Its duration is the statement's own and is never added up."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from telemetry.parsers.postgres.bounds import Bounds
from telemetry.parsers.postgres.lines import FOLD
from telemetry.sql import fingerprint

_FAMILIES = 2_000
_TEXTS = 1_000
_PLAN_BYTES = 256 * 1024
_QUERY = b"Query Text: "
_COST = b"(cost="
_AFTER_QUERY = (b"\nQuery Parameters:", b"\n\tQuery Parameters:", b"\nQuery Identifier:", b"\n\tQuery Identifier:")
_SCAN = re.compile(rb"Seq Scan on (\S+)")
# A node's rows and loops, and what its filter removed; both are per loop.
# It begins with what both have in common: such a search is ten times as fast.
_NODE = re.compile(
    rb"ows(?:(?<=rows)=(\d+) width=\d+\) \(actual (?:time=[\d.]+ )?rows=(\d+(?:\.\d+)?) loops=(\d+)\)"
    rb"|(?<=Rows) Removed by (?:Join )?Filter: (\d+))"
)
_XML_QUERY = re.compile(rb"<Query-Text>(.*?)</Query-Text>|^\s*Query Text: \"(.*?)\"$", re.S | re.M)


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
    query: bytes = b""
    removed: int = -1
    misestimate: float | None = None
    spill: bool = False
    scans: list[bytes] = field(default_factory=list)

    def guess(self, rows: float, actual: float) -> None:
        """Rows that were expected and those that came; less than one counts as one."""
        if rows < 1.0:
            rows = 1.0
        if actual < 1.0:
            actual = 1.0
        factor = actual / rows if actual > rows else rows / actual
        if self.misestimate is None or factor > self.misestimate:
            self.misestimate = factor


@dataclass(slots=True)
class Plans:
    """All plans of a log by statement."""

    bounds: Bounds
    families: dict[str, PlanFamily] = field(default_factory=dict)
    _by_query: dict[bytes, PlanFamily] = field(default_factory=dict)

    def see(self, us: int, number: int, raw: bytes, phase: bytes) -> None:
        """What follows `duration: N ms  ` from `plan:` on; `us` is that duration in microseconds."""
        plan = _read(phase[5:_PLAN_BYTES].replace(FOLD, b"\n"))
        if not plan.query:
            return
        family = self._by_query.get(plan.query) or self._learn(plan.query)
        if family is None:
            return
        family.plans += 1
        if plan.removed > family.removed:
            family.removed = plan.removed
        if plan.misestimate is not None and plan.misestimate > family.misestimate:
            family.misestimate = plan.misestimate
        family.spill |= plan.spill
        for scan in plan.scans:
            family.scans[_text(scan)] = None
        if us > family.us_max:
            family.us_max, family.line, family.quote = us, number, raw[:1200]

    def _learn(self, query: bytes) -> PlanFamily | None:
        text = _text(query.replace(b"\n\t", b"\n"))
        key = fingerprint(text)
        family = self.families.get(key)
        if family is None:
            if len(self.families) >= _FAMILIES:
                self.bounds.leave_out("statements with plans")
                return None
            family = self.families[key] = PlanFamily(text)
        if len(self._by_query) >= _TEXTS:
            self._by_query.clear()
        self._by_query[query] = family
        return family

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
        self._by_query.clear()


def _text(part: bytes) -> str:
    return part.replace(b"\0", b" ").decode("utf-8", "replace")


def _read(text: bytes) -> _Plan:
    if text.lstrip().startswith(b"{"):
        try:
            return _read_json(json.loads(_text(text), strict=False))
        except (ValueError, TypeError, AttributeError, RecursionError):
            return _Plan()  # cut by a collector: its duration counts, its tree is lost
    if (b"<Query-Text>" in text or b'Query Text: "' in text) and (found := _XML_QUERY.search(text)):
        return _Plan(query=found[1] or found[2])
    return _read_text(text)


def _read_text(text: bytes) -> _Plan:
    start = text.find(_QUERY)
    end = _end_of_query(text, start) if start >= 0 else 0
    plan = _Plan(text[start + len(_QUERY) : end].strip() if start >= 0 else b"")
    if b"Seq Scan on " in text:
        plan.scans = _SCAN.findall(text, end)
    if b"external " in text:
        plan.spill = text.find(b"external merge", end) >= 0 or text.find(b"external sort", end) >= 0
    loops = 1.0
    for rows, actual, times, removed in _NODE.findall(text, end):
        if removed:
            plan.removed = max(plan.removed, 0) + int(float(removed) * loops)
        else:
            loops = float(times)
            if loops:
                plan.guess(float(rows), float(actual))
    return plan


def _end_of_query(text: bytes, start: int) -> int:
    """Where the tree begins: a line that starts with a capital letter and holds costs, or what stands before it."""
    end, at = len(text), text.find(_COST, start)
    while at >= 0:
        line = text.rfind(b"\n", start, at)
        if line >= 0 and text[line + 1 : line + 3].lstrip(b"\t")[:1].isupper():
            end = line
            break
        at = text.find(_COST, at + 1)
    for mark in _AFTER_QUERY:
        if (other := text.find(mark, start, end)) >= 0:
            end = other
    return end


def _read_json(tree: Any) -> _Plan:
    plan = _Plan(str(tree.get("Query Text", "")).encode("utf-8", "replace"))
    waiting = [tree.get("Plan")]
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, dict):
            continue
        waiting += node.get("Plans") or []
        if node.get("Node Type") == "Seq Scan":
            plan.scans.append(str(node.get("Relation Name", "")).encode("utf-8", "replace"))
        plan.spill |= str(node.get("Sort Method", "")).startswith("external")
        if "Rows Removed by Filter" in node:
            lost = float(node["Rows Removed by Filter"]) * float(node.get("Actual Loops", 1))
            plan.removed = max(plan.removed, 0) + int(lost)
        if "Actual Rows" in node and float(node.get("Actual Loops", 0)):
            plan.guess(float(node.get("Plan Rows", 0)), float(node["Actual Rows"]))
    return plan
