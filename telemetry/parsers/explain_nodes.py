"""A query plan as both of its carriers give it: nodes in the order they are printed, each with what was measured.

Times and rows of a node are means of one loop, as EXPLAIN prints them; buffers, heap blocks and heap fetches are
totals over all loops. See https://www.postgresql.org/docs/current/using-explain.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Spot = tuple[int, str]  # a line of the file and its text

SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Scan", "Tid Range Scan", "Sample Scan")
# Nodes above which their input is stopped before it is read to its end, and nodes that read their input to the end.
_STOPPING = frozenset({"Limit", "Merge Join"})
_READING_ON = frozenset(
    {"Sort", "Hash", "Aggregate", "HashAggregate", "GroupAggregate", "Materialize", "Bitmap Heap Scan"}
)
# Bitmaps are combined without counting rows: their actual rows are always 0.
_UNCOUNTED = frozenset({"BitmapAnd", "BitmapOr"})
_NAME = r'(?:"(?:[^"]|"")+"|[^\s."]+)'
_LABEL = re.compile(
    rf"(?:Parallel |Async )*(?P<type>\S.*?)(?: Backward)?(?: using (?P<index>{_NAME}))?"
    rf"(?: on (?P<relation>{_NAME}(?:\.{_NAME})?)(?: {_NAME})?)?\Z"
)


@dataclass(slots=True)
class Node:
    """One step. `measured` holds what the node states, by metric; `spots` the line of each that has its own."""

    type: str
    relation: str
    index: str
    depth: int
    spot: Spot
    plan_rows: float | None = None
    cost: float | None = None
    rows: float | None = None
    loops: float | None = None
    ms: float | None = None
    measured: dict[str, float] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)
    condition: str = ""
    filter: str = ""
    stopped: bool = False

    def add(self, metric: str, value: float, spot: Spot) -> None:
        """Add to what the node states of a metric."""
        self.measured[metric] = self.measured.get(metric, 0.0) + value
        self.spots.setdefault(metric, spot)

    @property
    def is_scan(self) -> bool:
        """Whether rows of a table are read here."""
        return bool(self.relation) and self.type in SCANS

    @property
    def estimate_factor(self) -> float | None:
        """How far the planner's rows are from the actual ones, 1 or more; None where the comparison says nothing."""
        if not self.loops or self.rows is None or self.plan_rows is None or self.type in _UNCOUNTED:
            return None
        if self.stopped and self.rows < self.plan_rows:
            return None  # a node above had enough
        low, high = sorted((max(self.plan_rows, 1.0), max(self.rows, 1.0)))
        return high / low


@dataclass(slots=True)
class Plan:
    """One statement's plan; `query` is empty where the file does not give it."""

    query: str
    spot: Spot
    nodes: list[Node] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)
    query_id: str = ""

    def state(self, metric: str, value: float, spot: Spot) -> None:
        """What the plan states about itself."""
        self.measured[metric], self.spots[metric] = value, spot

    @property
    def tables(self) -> list[str]:
        """Tables in the order they are printed."""
        return list(dict.fromkeys(node.relation for node in self.nodes if node.relation))


def named(label: str, depth: int, spot: Spot) -> Node:
    """A node from its label: `Index Scan using orders_pkey on public.orders o`."""
    found = _LABEL.match(label[:1000])
    if found is None:
        return Node(label[:200], "", "", depth, spot)
    relation, index = found["relation"] or "", found["index"] or ""
    kind = found["type"].removesuffix(" Backward")
    if kind in ("Bitmap Index Scan",):
        relation, index = "", relation
    return Node(kind, table_of(relation), unquoted(index), depth, spot)


def table_of(name: str) -> str:
    """A printed relation as a subject: unquoted, without the schema public."""
    parts = [unquoted(part) for part in re.findall(_NAME, name)]
    return ".".join(parts[1:] if len(parts) > 1 and parts[0] == "public" else parts)


def unquoted(name: str) -> str:
    """An identifier without its double quotes."""
    return name[1:-1].replace('""', '"') if name.startswith('"') and name.endswith('"') and len(name) > 1 else name


def mark_stopped(nodes: Iterable[Node]) -> None:
    """Mark nodes whose input may have been left early, by a LIMIT or a merge, with nothing between that reads on."""
    above: list[tuple[int, bool]] = []
    for node in nodes:
        while above and above[-1][0] >= node.depth:
            above.pop()
        node.stopped = bool(above) and above[-1][1]
        stops = node.type in _STOPPING or node.type.startswith("Merge") or node.stopped
        above.append((node.depth, stops and node.type not in _READING_ON))


def spilled(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes that wrote to disk."""
    return (node for node in nodes if "disk_bytes" in node.measured or node.measured.get("batches", 1.0) > 1)
