"""Plans in EXPLAIN's text form: one line a node, its facts on the lines below it."""

import re
from collections.abc import Iterable, Iterator

from telemetry.parsers.explain_nodes import Node, Plan, Spot, mark_stopped, named

MAX_NODES = 5_000  # of one plan; what follows is counted only

_COST = r"\(cost=\d+(?:\.\d+)?\.\.(?P<cost>\d+(?:\.\d+)?) rows=(?P<plan>\d+) width=\d+\)"
_ACTUAL = (
    r"\((?:actual (?:time=\d+(?:\.\d+)?\.\.(?P<ms>\d+(?:\.\d+)?) )?"
    r"rows=(?P<rows>\d+(?:\.\d+)?) loops=(?P<loops>\d+(?:\.\d+)?)"
    r"|(?P<never>never executed))\)"
)
_FIGURES = re.compile(rf"(?:{_COST}\s*)?(?:{_ACTUAL})?\s*\Z")
_START = re.compile(r"\(cost=|\(actual |\(never executed")
_ARROW = re.compile(r"\s*->\s+")
_FACT = re.compile(r"\s*(?:(?:Sub|Init)Plan \d|CTE [^:]+\Z|Trigger |Worker \d+:|[A-Z][\w /().-]{0,60}:|[A-Z]\w+ \w+:)")
_BARE = re.compile(
    r"\s*(?:->\s+)?(?:Parallel )?(?:Seq|Index|Index Only|Bitmap Heap|Bitmap Index|CTE|Function) Scan (?:on|using) \S"
)
_REMOVED = re.compile(r"\s*Rows Removed by (?:Filter|Index Recheck|Join Filter): (\d+(?:\.\d+)?)")
_DISK = re.compile(r"Disk: (\d+)kB|Disk Usage: (\d+)kB|Storage: Disk  Maximum Storage: (\d+)kB")
_NUMBERS = (
    (re.compile(r"\bBatches: (\d+)"), "batches"),
    (re.compile(r"Heap Blocks:.*?\blossy=(\d+)"), "lossy_blocks"),
    (re.compile(r"Heap Fetches: (\d+)"), "heap_fetches"),
    (re.compile(r"Workers Planned: (\d+)"), "workers_planned"),
    (re.compile(r"Workers Launched: (\d+)"), "workers_launched"),
    (re.compile(r"Buffers:.*?\bshared[^,]*? hit=(\d+)"), "shared_hit"),
    (re.compile(r"Buffers:.*?\bshared[^,]*? read=(\d+)"), "shared_read"),
    (re.compile(r"Buffers:.*?\btemp[^,]*? written=(\d+)"), "temp_written"),
)
_FOOTER = (
    (re.compile(r"Planning [Tt]ime: (\d+(?:\.\d+)?) ms"), "planning_ms"),
    (re.compile(r"(?:Execution [Tt]ime|Total runtime): (\d+(?:\.\d+)?) ms"), "execution_ms"),
    (re.compile(r"Timing:.*\bTotal (\d+(?:\.\d+)?) ms"), "jit_ms"),
)
_DURATION = re.compile(r"duration: (\d+(?:\.\d+)?) ms\s+plan:\s*\Z")
_PARAMETERS = re.compile(r"\s*Query (?:Parameters|Identifier): ")
_QUERY_ID = re.compile(r"\s*Query Identifier: (-?\d+)")
_TEXT = re.compile(r"\s*Query Text:\s?(.*)", re.S)
_TYPED = re.compile(r"(?:\S*[=\-*(']#\s*)?(?:--\s*)?explain\b\s*(?:\([^)]*\)|analyze\b|verbose\b|\s)*(.*)", re.I | re.S)


class TextPlans:
    """Plans from unframed lines (number, text, text to quote). `unread` collects lines that are part of no plan."""

    def __init__(self, lines: Iterable[tuple[int, str, str]]) -> None:
        self._lines = lines
        self.unread: list[Spot] = []
        self.nodes = 0
        self._plan: Plan | None = None
        self._planning = False  # below "Planning:" stand the planner's buffers, not a node's
        self._query: list[str] | None = None  # the statement that is being given, until its plan starts
        self._duration: tuple[float, Spot] | None = None

    def __iter__(self) -> Iterator[Plan]:
        for number, text, raw in self._lines:
            if text.strip() and (finished := self._read(text, (number, raw))) is not None:
                yield finished
        if (last := self._finish()) is not None:
            yield last

    def _read(self, text: str, spot: Spot) -> Plan | None:
        """Take one line; a plan is returned when this line ends it."""
        node = _node(text, spot)
        if node is not None:
            return self._take(node, bool(_ARROW.match(text)))
        duration, opened = _DURATION.search(text), _TEXT.match(text) or _TYPED.match(text.lstrip())
        if duration or opened:
            finished = self._finish()
            if duration:
                self._duration = (float(duration[1]), spot)
            self._query = [opened[1]] if opened else None
            return finished
        if self._query is not None:
            if not _PARAMETERS.match(text):
                self._query.append(text)
        elif self._plan is None or not self._fact(self._plan, text, spot):
            self.unread.append(spot)
        return None

    def _take(self, node: Node, below: bool) -> Plan | None:
        finished = None
        starts = not below and (self._query is not None or (self._plan and node.depth <= self._plan.nodes[0].depth))
        if self._plan is None or starts:
            finished = self._finish()
            query = "\n".join(self._query or []).strip().removesuffix(";").strip()
            self._plan, self._query, self._planning = Plan(query, node.spot), None, False
            if self._duration is not None:
                self._plan.state("execution_ms", *self._duration)
                self._duration = None
        self.nodes += 1
        if len(self._plan.nodes) < MAX_NODES:
            self._plan.nodes.append(node)
        return finished

    def _finish(self) -> Plan | None:
        plan, self._plan = self._plan, None
        if plan is not None:
            mark_stopped(plan.nodes)
        return plan

    def _fact(self, plan: Plan, text: str, spot: Spot) -> bool:
        """Read a line below a node; whether it is one that EXPLAIN writes."""
        for pattern, metric in _FOOTER:
            if found := pattern.match(text.strip()):
                plan.state(metric, float(found[1]), spot)
                return True
        if not _FACT.match(text):
            return False
        self._planning = self._planning or text.strip() == "Planning:"
        if found := _QUERY_ID.match(text):
            plan.query_id = found[1]
        elif not self._planning:
            _node_fact(plan.nodes[-1], text, spot)
        return True


def _node(text: str, spot: Spot) -> Node | None:
    start = _START.search(text)
    if start is None:
        return named(*_labelled(text), spot) if _BARE.match(text) else None
    figures = _FIGURES.match(text, start.start())
    label, depth = _labelled(text[: start.start()])
    if figures is None or not label or label.startswith("Worker "):
        return None
    node = named(label, depth, spot)
    if figures["plan"]:
        node.plan_rows, node.cost = float(figures["plan"]), float(figures["cost"])
    if figures["never"]:
        node.loops = 0.0
    elif figures["rows"]:
        node.rows, node.loops = float(figures["rows"]), float(figures["loops"])
        node.ms = float(figures["ms"]) if figures["ms"] else None
    return node


def _labelled(text: str) -> tuple[str, int]:
    """The label of a node and its depth: the column where it starts."""
    arrow = _ARROW.match(text)
    label = text[arrow.end() :] if arrow else text.lstrip()
    return label.strip(), len(text) - len(label)


def _node_fact(node: Node, text: str, spot: Spot) -> None:
    if found := _REMOVED.match(text):
        node.add("removed", float(found[1]), spot)
        return
    name, _, value = text.strip().partition(": ")
    if name == "Filter":
        node.filter = value
    elif name in ("Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter"):
        node.condition = value
    if found := _DISK.search(text):
        node.add("disk_bytes", float(found[1] or found[2] or found[3]) * 1024, spot)
    if name.startswith("Worker "):
        return  # a worker's buffers are part of the node's
    for pattern, metric in _NUMBERS:
        if metric not in node.measured and (number := pattern.search(text)):
            node.add(metric, float(number[1]), spot)
