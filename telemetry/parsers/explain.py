"""Query plans: EXPLAIN and auto_explain in text and JSON, one or many in a file, in the frame of whatever printed them.

The forms: https://www.postgresql.org/docs/current/sql-explain.html and auto-explain.html. A document of at most 64 MB.
"""

import heapq
import re
from collections.abc import Iterator
from itertools import islice

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.explain_evidence import execution_ms, plan_evidence
from telemetry.parsers.explain_frames import document, rejoined, unframed
from telemetry.parsers.explain_json import documents, plans, rows_of_text
from telemetry.parsers.explain_nodes import Node, Plan
from telemetry.parsers.explain_text import TextPlans
from telemetry.parsers.readers import reject_line
from telemetry.source import Head, Source

MAX_PLANS = 500  # with evidence; the slowest are kept
HOW = (
    "Run EXPLAIN (ANALYZE, BUFFERS) on a read-only statement and save what psql prints: "
    'psql -X -c "EXPLAIN (ANALYZE, BUFFERS) SELECT ..." > plan.txt'
)
_NODE = re.compile(
    r"^[ \t|\u2502\"]*(?:->\s+)?[A-Z][^\n]{3,300}?"
    r"\((?:cost=[\d.]+\.\.[\d.]+ rows=\d+ width=\d+|actual [^()\n]*rows=[\d.]+ loops=)",
    re.M,
)
_TRIED = 300
_FIGURES = re.compile(r"\((?:cost=|actual )")
_MYSQL = re.compile(r"-> [A-Z][^\n]*\(cost=[\d.e+]+ rows=[\d.e+]+\)")  # one cost, where PostgreSQL has two
_BARE = re.compile(r"^[ \t|\u2502\"]*(?:->\s+)?(?:Parallel )?[A-Z]\w+(?: \w+)* Scan (?:on|using) ", re.M)
_JSON = re.compile(r'"Node Type""?\s*:\s*"')
_JSON_ROWS = re.compile(r'\A\s*\[\s*\{\s*"QUERY PLAN"\s*:')
_OTHER_FORM = re.compile(r"\A\W*(?:QUERY PLAN\W+)?(?:Plan:[\s+]+Node Type: |explain xmlns=)")
# Plans inside a server's log are read with the log.
_LOG = (",LOG,", ",ERROR,", ",FATAL,", '"error_severity"', '"textPayload"')
# As a word of its own; an expression that begins with its text is searched for ten times as fast.
_LOG_WORDS = [
    (f"{word}:  ", re.compile(rf"{word}:  (?<!\w{word}:  )"))
    for word in ("LOG", "ERROR", "FATAL", "DETAIL", "STATEMENT")
]


def sniff(head: Head) -> bool:
    """Claim text with a node's cost or actual figures, or JSON with "Node Type", but no log that holds plans."""
    text = head.text
    if "Node" not in text and "(cost=" not in text and "loops=" not in text and "QUERY PLAN" not in text:
        return False
    if any(mark in text for mark in _LOG) or any(mark in text and word.search(text) for mark, word in _LOG_WORDS):
        return False
    if _OTHER_FORM.match(text):
        return True
    if _JSON_ROWS.match(text.removeprefix("\ufeff")):
        return True
    if _MYSQL.search(text):
        return False
    if _JSON.search(text) and re.search(r'"Plan""?\s*:\s*\{', text):
        return True
    title = text.find("QUERY PLAN")  # without costs only the title says that lines are nodes
    return _has_node(text) or (title >= 0 and bool(_BARE.search(text[title : title + 4_000])))


def _has_node(text: str) -> bool:
    """Whether one of the lines with figures is a node; to try all others takes a hundred times as long."""
    starts = {text.rfind("\n", 0, found.start()) + 1 for found in islice(_FIGURES.finditer(text), _TRIED)}
    return any(_NODE.match(text, start) is not None for start in starts)


def parse(source: Source) -> ParseResult:
    """A row for each plan and each scan in it; ParseError when no plan can be read."""
    lines = source.read().decode("utf-8", "replace").split("\n")
    if not lines[-1]:
        lines.pop()
    result = ParseResult(lines=len(lines), blank=sum(not line.strip() for line in lines))
    kept = _Kept()
    if _OTHER_FORM.match("\n".join(lines[:20])):
        raise ParseError(f"This plan is in YAML or XML; text and JSON are read. {HOW}", 1)
    if _is_json(lines):
        _read_json(lines, result, kept)
    else:
        _read_text(lines, result, kept)
    if not kept.plans:
        raise ParseError(f"No query plan can be read here. {HOW}", 1)
    _finish(result, kept)
    return result


class _Kept:
    """The slowest plans so far, in the order of the file, and what there was of all."""

    def __init__(self) -> None:
        self.plans = self.nodes = 0
        self._slowest: list[tuple[float, int, Plan]] = []

    def add(self, found: Plan) -> None:
        if not found.nodes:
            return
        self.plans += 1
        self.nodes += len(found.nodes)
        keep = heapq.heappush if len(self._slowest) < MAX_PLANS else heapq.heappushpop
        keep(self._slowest, (execution_ms(found), -self.plans, found))

    def in_order(self) -> Iterator[Plan]:
        return (found for _, _, found in sorted(self._slowest, key=lambda entry: -entry[1]))


def _is_json(lines: list[str]) -> bool:
    first = next((text for text in document(lines[:40])[0].split("\n") if text.strip()), "")
    return first.lstrip().startswith(("[", "{"))


def _read_json(lines: list[str], result: ParseResult, kept: _Kept) -> None:
    text, doubled = document(lines)
    result.carrier = "json"
    for found in documents(text):
        rows = rows_of_text(found)
        if rows:
            result.carrier = "json rows"
            _read_lines(TextPlans(iter(rows)), result, kept)
        for plan in () if rows else plans(found):
            _show_file(plan, lines, doubled)
            kept.add(plan)


def _show_file(plan: Plan, lines: list[str], doubled: bool) -> None:
    """Quote the file's own lines, where a spreadsheet doubled the quotes of the document."""
    if not doubled:
        return
    parts: list[Plan | Node] = [plan, *plan.nodes]
    for part in parts:
        part.spot = (part.spot[0], lines[part.spot[0] - 1])
        part.spots = {metric: (line, lines[line - 1]) for metric, (line, _) in part.spots.items()}


def _read_text(lines: list[str], result: ParseResult, kept: _Kept) -> None:
    result.carrier = "text"
    inner = unframed(lines)
    _read_lines(TextPlans((at, text, lines[at - 1].rstrip("\r")) for at, text, _ in rejoined(inner)), result, kept)


def _read_lines(reader: TextPlans, result: ParseResult, kept: _Kept) -> None:
    for plan in reader:
        kept.add(plan)
    for line, text in reader.unread:
        reject_line(line, text, result)


def _finish(result: ParseResult, kept: _Kept) -> None:
    found = list(kept.in_order())
    for plan in found:
        result.evidence += plan_evidence(plan, result)
    result.records = kept.plans
    result.records_lines = result.lines - result.blank - result.rejected
    result.totals = {"plans": kept.plans, "nodes": kept.nodes}
    result.enables = ["Why a statement is slow: scans, wrong estimates, spills to disk"]
    if not all(any(node.loops is not None for node in plan.nodes) for plan in found):
        result.notes.append("Plans without ANALYZE hold the planner's guesses only: no times, no actual rows.")
    if any("workers_launched" in node.measured for plan in found for node in plan.nodes):
        result.notes.append("Times of nodes below a Gather add up over parallel workers; they exceed the time waited.")
    result.notes.append("A plan shows one run with one set of values; other values may take another plan.")
    if kept.plans > len(found):
        result.notes.append(f"{kept.plans - len(found):,} faster plans count in the totals only.")


PARSER = Parser(
    id="explain",
    title="PostgreSQL query plans (EXPLAIN)",
    how_to_export=HOW,
    looks_for='EXPLAIN text with "(cost=... rows=... width=...)" or JSON with "Plan" and "Node Type"',
    kinds=("pg.plan", "pg.plan.node"),
    sniff=sniff,
    parse=parse,
)
