"""How long one waits for a slot, today and at the peak, where arrivals and hold times are known (Erlang C)."""

from typing import Any

from reviews.capacity.formulas.erlang import Waits, waits
from reviews.capacity.inputs import Figure, worst
from reviews.capacity.resource import Resource

Machine = dict[str, Any]
COUNTED = ("pool", "workers", "concurrency")
# Among so many servers hardly anybody waits below the limit, and the recursion takes a step for each.
MOST = 2000


def wait_of(part: Resource) -> Machine | None:
    """{"mean": .., "peak": ..} with the share that waits, mean and p95 wait in seconds; None where it does not apply.

    At and above the capacity there is no wait time: the backlog grows by so many a second.
    """
    servers = int(part.capacity.value)
    if part.kind not in COUNTED or part.hold is None or part.hold.value <= 0 or not 1 <= servers <= MOST:
        return None
    rows = {name: _at(part, load, servers) for name, load in (("mean", part.mean), ("peak", part.peak))}
    return rows if any(rows.values()) else None


def _at(part: Resource, load: Figure | None, servers: int) -> Machine | None:
    if load is None or part.hold is None:
        return None
    hold = part.hold.value
    answer = waits((part.fixed + load.value) / hold, hold, servers)
    row: Machine = {
        "grade": worst((load.grade, part.hold.grade, part.capacity.grade)).word,
        "formula": "Erlang C: C S ÷ (c − a)",
        "uses": list(dict.fromkeys((*part.capacity.uses, *load.uses, *part.hold.uses))),
    }
    if isinstance(answer, Waits):
        return row | {"waits_share": answer.probability, "mean_s": answer.mean, "p95_s": answer.percentile(0.95)}
    return row | {"backlog_per_s": answer.per_s}
