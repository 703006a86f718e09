"""What a plan is evidence of: the statement with its spills and wrong estimates, and every table that it scans."""

from typing import Any

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.explain_nodes import Node, Plan, Spot, spilled
from telemetry.sql import fingerprint, literal_key, shape_attrs

MAX_SCANS = 50  # of one plan; a partitioned table may have thousands
_TEXT_CHARS = 400


def plan_evidence(plan: Plan, result: ParseResult) -> list[Evidence]:
    """One row for the plan and one for each scan of a table, those that waste or cost most first."""
    subject = fingerprint(plan.query) if plan.query else next(iter(plan.tables), "plan")
    metrics, spots = _plan_metrics(plan)
    rows = [
        Evidence(
            kind="pg.plan",
            subject=subject,
            metrics=metrics,
            place=readers.place(*plan.spot, result),
            places=_places(spots, metrics, plan.spot, result),
            attrs=_plan_attrs(plan),
        )
    ]
    scans = sorted((node for node in plan.nodes if node.is_scan), key=_weight, reverse=True)
    return rows + [_scan(node, subject if plan.query else "", result) for node in scans[:MAX_SCANS]]


def execution_ms(plan: Plan) -> float:
    """How long the statement took; where the plan does not say, what its first node took. 0 without ANALYZE."""
    root = plan.nodes[0]
    return plan.measured.get("execution_ms", (root.ms or 0.0) * (root.loops or 0.0))


def _weight(node: Node) -> tuple[float, float]:
    loops = node.loops or 0.0
    return node.measured.get("removed", 0.0) * loops + (node.rows or 0.0) * loops, node.cost or 0.0


def _plan_metrics(plan: Plan) -> tuple[dict[str, float], dict[str, Spot]]:
    root = plan.nodes[0]
    metrics, spots = {"nodes": float(len(plan.nodes)), **plan.measured}, dict(plan.spots)
    if root.ms is not None and root.loops:
        metrics.setdefault("execution_ms", root.ms * root.loops)
    for metric, value in (("cost", root.cost), ("plan_rows", root.plan_rows)):
        if value is not None:
            metrics[metric] = value
    if root.rows is not None and root.loops is not None:
        metrics["rows"] = root.rows * root.loops
    for metric in ("shared_hit", "shared_read", "temp_written"):  # a node's buffers hold those of the nodes below it
        if metric in root.measured:
            metrics[metric], spots[metric] = root.measured[metric], root.spots[metric]
    _worst(plan, metrics, spots)
    _summed(plan, metrics, spots)
    return metrics, spots


def _worst(plan: Plan, metrics: dict[str, float], spots: dict[str, Spot]) -> None:
    """The node whose estimate is furthest off, and the hash with the most batches."""
    for node in plan.nodes:
        factor = node.estimate_factor
        if factor is not None and factor > metrics.get("estimate_factor", 0.0):
            metrics["estimate_factor"], spots["estimate_factor"] = factor, node.spot
        if node.measured.get("batches", 0.0) > metrics.get("batches", 0.0):
            metrics["batches"], spots["batches"] = node.measured["batches"], node.spots["batches"]


def _summed(plan: Plan, metrics: dict[str, float], spots: dict[str, Spot]) -> None:
    most: dict[str, float] = {}
    for node in plan.nodes:
        for name, metric, factor in (
            ("removed", "rows_removed", node.loops or 0.0),
            ("disk_bytes", "disk_bytes", 1.0),
            ("workers_planned", "workers_planned", 1.0),
            ("workers_launched", "workers_launched", 1.0),
        ):
            if name not in node.measured:
                continue
            value = node.measured[name] * factor
            metrics[metric] = metrics.get(metric, 0.0) + value
            if value > most.get(metric, -1.0):  # the line shown for a sum is that of its largest part
                most[metric], spots[metric] = value, node.spots[name]


def _plan_attrs(plan: Plan) -> dict[str, Any]:
    attrs: dict[str, Any] = shape_attrs(plan.query) if plan.query else {"tables": plan.tables[:MAX_SCANS]}
    attrs["analyzed"] = any(node.loops is not None for node in plan.nodes)
    attrs["spills"] = sorted({node.type for node in spilled(plan.nodes)})
    attrs["seq_scans"] = list(
        dict.fromkeys(node.relation for node in plan.nodes if node.is_scan and node.type == "Seq Scan")
    )[:MAX_SCANS]
    if plan.query_id:
        attrs["query_id"] = plan.query_id
    return attrs


def _scan(node: Node, query: str, result: ParseResult) -> Evidence:
    metrics: dict[str, float] = {}
    for metric, value in (("plan_rows", node.plan_rows), ("cost", node.cost), ("loops", node.loops)):
        if value is not None:
            metrics[metric] = value
    if node.loops and node.rows is not None:
        removed = node.measured.get("removed", 0.0) * node.loops
        metrics["rows"] = node.rows * node.loops
        metrics["rows_removed"] = removed
        metrics["rows_read"] = metrics["rows"] + removed
        if metrics["rows_read"]:
            metrics["removed_share"] = removed / metrics["rows_read"]
    if node.loops and node.ms is not None:
        metrics["total_ms"] = node.ms * node.loops
    if (factor := node.estimate_factor) is not None:
        metrics["estimate_factor"] = factor
    for metric in ("shared_hit", "shared_read", "heap_fetches", "lossy_blocks"):
        if metric in node.measured:
            metrics[metric] = node.measured[metric]
    spots = dict(node.spots)
    if "removed" in spots:
        spots["rows_removed"] = spots["removed_share"] = spots.pop("removed")
    return Evidence(
        kind="pg.plan.node",
        subject=node.relation,
        metrics=metrics,
        place=readers.place(*node.spot, result),
        places=_places(spots, metrics, node.spot, result),
        attrs={
            "node": node.type,
            "index": node.index,
            "filter": _bare(node.filter),
            "condition": _bare(node.condition),
            "query": query,
        },
    )


def _places(spots: dict[str, Spot], metrics: dict[str, float], own: Spot, result: ParseResult) -> dict[str, Place]:
    return {metric: readers.place(*spot, result) for metric, spot in spots.items() if metric in metrics and spot != own}


def _bare(condition: str) -> str:
    """A condition without its literals."""
    return literal_key(condition.encode("utf-8", "replace")).decode("utf-8", "replace")[:_TEXT_CHARS]
