"""Plans in EXPLAIN's JSON form: the array that EXPLAIN prints, the object that auto_explain writes, one or many."""

import json
import re
from collections.abc import Iterator
from typing import Any

from telemetry.evidence import ParseError
from telemetry.parsers.explain_nodes import Node, Plan, Spot, mark_stopped
from telemetry.parsers.explain_text import MAX_NODES
from telemetry.parsers.readers import JsonText

_NEXT = re.compile(r"[\s,]*")
_REMOVED = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")
_NUMBERS = {
    "Hash Batches": "batches",
    "HashAgg Batches": "batches",
    "Lossy Heap Blocks": "lossy_blocks",
    "Heap Fetches": "heap_fetches",
    "Workers Planned": "workers_planned",
    "Workers Launched": "workers_launched",
    "Shared Hit Blocks": "shared_hit",
    "Shared Read Blocks": "shared_read",
    "Temp Written Blocks": "temp_written",
}
_CONDITIONS = ("Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter")


def documents(text: str) -> Iterator[JsonText]:
    """Every JSON document of a text; ParseError where one is broken or cut short."""
    decoder, at = json.JSONDecoder(), 0
    while (start := _skip(text, at)) < len(text):
        before = text.count("\n", 0, start)
        try:
            _, at = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            raise ParseError(f"The JSON is broken or cut short: {error.msg}; export it again.", error.lineno) from error
        except RecursionError as error:
            raise ParseError("The JSON is nested deeper than any plan; export it again.", before + 1) from error
        yield JsonText(text[start:at].encode("utf-8", "replace"), before)


def _skip(text: str, at: int) -> int:
    found = _NEXT.match(text, at)
    return found.end() if found else at


def rows_of_text(document: JsonText) -> list[tuple[int, str, str]]:
    """Lines of a plan in text form that an editor exported as `[{"QUERY PLAN": "Seq Scan ..."}]`; else empty."""
    rows = []
    for entry in document.members(document.start):
        member = document.member(entry.value_at, "QUERY PLAN")
        if member is None or not isinstance(member.value, str):
            return []
        line, shown = document.spot(member.value_at)
        rows += [(line, text, shown) for text in member.value.split("\n")]
    return rows


def plans(document: JsonText) -> Iterator[Plan]:
    """The plans of one document, however it nests them: a list, an object, a row with the column QUERY PLAN."""
    waiting = [document.start]
    while waiting:
        at = waiting.pop(0)
        entries = {entry.key: entry for entry in document.members(at)}
        if "Plan" in entries and isinstance(entries["Plan"].value, dict):
            yield _plan(document, at)
        elif document.text[at] == "[" or "QUERY PLAN" in entries:
            waiting[:0] = [entry.value_at for entry in entries.values() if isinstance(entry.value, dict | list)]


def _plan(document: JsonText, at: int) -> Plan:
    entries = {entry.key: entry for entry in document.members(at)}
    root = entries["Plan"]
    query = entries["Query Text"].value if "Query Text" in entries else ""
    plan = Plan(str(query).strip(), document.spot(root.value_at))
    plan.query_id = str(entries["Query Identifier"].value) if "Query Identifier" in entries else ""
    for key, metric in (("Planning Time", "planning_ms"), ("Execution Time", "execution_ms")):
        if key in entries and (value := _number(entries[key].value)) is not None:
            plan.state(metric, value, document.spot(entries[key].at))
    if "JIT" in entries and isinstance(entries["JIT"].value, dict):
        timing = entries["JIT"].value.get("Timing")
        total = _number(timing.get("Total")) if isinstance(timing, dict) else None
        if total is not None:
            plan.state("jit_ms", total, document.spot(entries["JIT"].at))
    waiting = [(root.value_at, 0)]
    while waiting and len(plan.nodes) < MAX_NODES:
        at, depth = waiting.pop(0)
        node, below = _node(document, at, depth)
        plan.nodes.append(node)
        waiting[:0] = [(child, depth + 1) for child in below]
    mark_stopped(plan.nodes)
    plan.spot = plan.nodes[0].spot
    return plan


def _node(document: JsonText, at: int, depth: int) -> tuple[Node, list[int]]:
    """A node and where its children start."""
    entries = {entry.key: entry for entry in document.members(at)}
    values = {key: entry.value for key, entry in entries.items()}
    schema, relation = str(values.get("Schema", "")), str(values.get("Relation Name", ""))
    first = entries.get("Node Type")
    node = Node(
        type=_type(values),
        relation=f"{schema}.{relation}" if relation and schema not in ("", "public") else relation,
        index=str(values.get("Index Name", "")),
        depth=depth,
        spot=document.spot(first.at if first else at),
        plan_rows=_number(values.get("Plan Rows")),
        cost=_number(values.get("Total Cost")),
        rows=_number(values.get("Actual Rows")),
        loops=_number(values.get("Actual Loops")),
        ms=_number(values.get("Actual Total Time")),
        condition=next((str(values[key]) for key in _CONDITIONS if key in values), ""),
        filter=str(values.get("Filter", "")),
    )
    for key, entry in entries.items():
        if (value := _number(entry.value)) is None:
            continue
        if key in _REMOVED and value:
            node.add("removed", value, document.spot(entry.at))
        elif key in _NUMBERS:
            node.add(_NUMBERS[key], value, document.spot(entry.at))
    _disk(node, values, document.spot(entries["Sort Space Used"].at if "Sort Space Used" in entries else at))
    below = entries.get("Plans")
    return node, [child.value_at for child in document.members(below.value_at)] if below else []


def _type(values: dict[str, Any]) -> str:
    """The node as the text form names it, so that both carriers say the same."""
    kind = str(values.get("Node Type", ""))
    if kind == "Aggregate":
        return {"Hashed": "HashAggregate", "Sorted": "GroupAggregate"}.get(str(values.get("Strategy")), kind)
    if kind == "ModifyTable":
        return str(values.get("Operation", kind))
    return kind


def _disk(node: Node, values: dict[str, Any], spot: Spot) -> None:
    workers = values.get("Workers")
    for part in [values, *(workers if isinstance(workers, list) else [])]:
        if not isinstance(part, dict):
            continue
        if part.get("Sort Space Type") == "Disk" and (used := _number(part.get("Sort Space Used"))):
            node.add("disk_bytes", used * 1024, spot)
        if part.get("Storage") == "Disk" and (used := _number(part.get("Maximum Storage"))):
            node.add("disk_bytes", used * 1024, spot)
        if used := _number(part.get("Disk Usage")):
            node.add("disk_bytes", used * 1024, spot)


def _number(value: object) -> float | None:
    """A number, None for anything else and for one that no float can hold."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e300:
        return None
    return float(value)
