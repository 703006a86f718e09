"""auto_explain: what a plan says about its statement. Its duration is the statement's own and is never added up."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
    scans: dict[bytes, None] = field(default_factory=dict)
    line: int = 0
    quote: bytes = b""


class _Found(NamedTuple):
    """What a tree says; -1 where it does not."""

    removed: int = -1
    misestimate: float = -1.0
    spill: bool = False
    scans: Sequence[bytes] = ()


@dataclass(slots=True)
class Plans:
    """All plans of a log by statement."""

    bounds: Bounds
    families: dict[str, PlanFamily] = field(default_factory=dict)
    # The family of a plan, and where its tree begins, by the text in front of its first cost.
    _by_head: dict[bytes, tuple[PlanFamily, int]] = field(default_factory=dict)
    _by_query: dict[bytes, PlanFamily] = field(default_factory=dict)

    def see(self, us: int, number: int, raw: bytes, text: bytes) -> None:
        """`text` is what follows `duration: N ms  plan:`; `us` is that duration in microseconds."""
        if FOLD in text or len(text) > _PLAN_BYTES:
            text = text[:_PLAN_BYTES].replace(FOLD, b"\n")
        cost = text.find(_COST)
        known = self._by_head.get(text[:cost]) if cost > 0 else None
        if known is not None:
            family, end = known
            plan = _read_tree(text, end)
        else:
            query, end, plan = _read(text)
            met = (self._by_query.get(query) or self._learn(query)) if query else None
            if met is None:
                return
            family = met
            if 0 < end < cost:
                self._by_head[text[:cost]] = family, end
        family.plans += 1
        if plan.removed > family.removed:
            family.removed = plan.removed
        if plan.misestimate > family.misestimate:
            family.misestimate = plan.misestimate
        if plan.spill:
            family.spill = True
        for scan in plan.scans:
            family.scans[scan] = None
        if us > family.us_max:
            family.us_max, family.line, family.quote = us, number, raw[:1200]

    def _learn(self, query: bytes) -> PlanFamily | None:
        text = text_of(query.replace(b"\n\t", b"\n"))
        key = fingerprint(text)
        family = self.families.get(key)
        if family is None:
            if len(self.families) >= _FAMILIES:
                self.bounds.leave_out("statements with plans")
                return None
            family = self.families[key] = PlanFamily(text)
        if len(self._by_query) >= _TEXTS:
            self.forget()
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
        self._by_head.clear()


def text_of(part: bytes) -> str:
    """A part of a plan as people read it."""
    return part.replace(b"\0", b" ").decode("utf-8", "replace")


def _read(text: bytes) -> tuple[bytes, int, _Found]:
    """The query of a plan, b"" where none is found, where its tree begins in a plan as text, and what that says."""
    if text.lstrip().startswith(b"{"):
        try:
            return _read_json(json.loads(text_of(text), strict=False))
        except (ValueError, TypeError, AttributeError, RecursionError):
            return b"", 0, _Found()  # cut by a collector: its duration counts, its tree is lost
    if (b"<Query-Text>" in text or b'Query Text: "' in text) and (found := _XML_QUERY.search(text)):
        return found[1] or found[2], 0, _Found()
    start = text.find(_QUERY)
    end = _end_of_query(text, start) if start >= 0 else 0
    return text[start + len(_QUERY) : end].strip() if start >= 0 else b"", end, _read_tree(text, end)


def _read_tree(text: bytes, start: int) -> _Found:
    """A tree as text. Of rows that were guessed and rows that came, less than one counts as one."""
    scans = _SCAN.findall(text, start) if b"Seq Scan on " in text else ()
    spill = b"external " in text and (
        text.find(b"external merge", start) >= 0 or text.find(b"external sort", start) >= 0
    )
    removed, worst, loops = -1, -1.0, 1.0
    for rows, actual, times, lost in _NODE.findall(text, start):
        if lost:
            removed = (removed if removed > 0 else 0) + int(float(lost) * loops)
            continue
        loops = float(times)
        if loops:
            factor = 1.0 if rows == actual else _factor(float(rows), float(actual))
            if factor > worst:
                worst = factor
    return _Found(removed, worst, spill, scans)


def _factor(guessed: float, came: float) -> float:
    """How far a guess is off; less than one row counts as one."""
    if guessed < 1.0:
        guessed = 1.0
    if came < 1.0:
        came = 1.0
    return came / guessed if came > guessed else guessed / came


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


def _read_json(tree: Any) -> tuple[bytes, int, _Found]:
    query = str(tree.get("Query Text", "")).encode("utf-8", "replace")
    removed, worst, spill, scans = -1, -1.0, False, []
    waiting = [tree.get("Plan")]
    while waiting:
        node = waiting.pop(0)
        if not isinstance(node, dict):
            continue
        waiting += node.get("Plans") or []
        if node.get("Node Type") == "Seq Scan":
            scans.append(str(node.get("Relation Name", "")).encode("utf-8", "replace"))
        spill |= str(node.get("Sort Method", "")).startswith("external")
        if "Rows Removed by Filter" in node:
            lost = float(node["Rows Removed by Filter"]) * float(node.get("Actual Loops", 1))
            removed = max(removed, 0) + int(lost)
        if "Actual Rows" in node and float(node.get("Actual Loops", 0)):
            worst = max(worst, _factor(float(node.get("Plan Rows", 0)), float(node["Actual Rows"])))
    return query, 0, _Found(removed, worst, spill, scans)
