"""Metrics of CloudWatch that say what a view, INFO or df says, told again in the vocabulary's words.

Names after https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html and
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from telemetry.evidence import Evidence

MB = 1024.0**2
SERVICE = "managed.service"


@dataclass(frozen=True, slots=True)
class View:
    """What a metric is told as: kind, metric, which number of the series, factor, and a name where the label has none.

    A lag or a share is told by its mean: one moment is a backup's. Of a series that does not name its statistic the
    usual point stands in for the mean: half of the points are as high or higher.
    """

    kind: str
    metric: str
    number: str
    factor: float = 1.0
    name: str = "rds"


VIEWS = {
    "DatabaseConnections": View("pg.database", "backends", "highest"),
    "ReplicaLag": View("pg.replica", "replay_lag_s", "mean", 1.0, "replica"),
    "AuroraReplicaLag": View("pg.replica", "replay_lag_s", "mean", 0.001, "replica"),
    "CacheHitRate": View(SERVICE, "hit_share", "mean", 0.01, "cache"),
    "DatabaseMemoryUsagePercentage": View(SERVICE, "memory_share", "last", 0.01, "cache"),
    "Evictions": View(SERVICE, "evicted_keys", "sum", 1.0, "cache"),
    "CurrConnections": View(SERVICE, "clients", "highest", 1.0, "cache"),
    "FreeStorageSpace": View(SERVICE, "free_storage", "last", 1.0, "database"),
    "FreeableMemory": View(SERVICE, "freeable_memory", "lowest", 1.0, "service"),
}
KINDS = tuple(dict.fromkeys(view.kind for view in VIEWS.values()))
_METRIC = re.compile(rf"(?<![A-Za-z])({'|'.join(VIEWS)})(?![A-Za-z])")
_RESOURCE = re.compile(r"(?:DBInstanceIdentifier|DBClusterIdentifier|CacheClusterId|ReplicationGroupId)=([^\s,;]+)")
_COUNTS = ("Sum", "SampleCount")
_BEST = {"highest": "Maximum", "sum": "Sum", "mean": "Average", "lowest": "Minimum", "last": "Average"}


def as_view(row: Evidence, values: Sequence[float]) -> Iterator[Evidence]:
    """The row of a series again, in the words of the view that holds the same; `values` are its points."""
    view, found = _view_of(row)
    statistic = row.attrs.get("statistic")
    if (
        view is None
        or (statistic in _COUNTS and view.number != "sum")
        or statistic == "SampleCount"
        or (statistic == "Minimum" and view.number in ("highest", "mean"))
    ):
        return
    value = row.metrics.get(view.number)
    if value is None and view.number == "mean":
        value = usual(values)
    elif value is None and view.number == "sum":  # of means and maxima the highest alone: at least so many
        value = max(values, default=None) if statistic else sum(values)
    if value is not None:
        yield from _told(row, view, found, value)


def stream_views(rows: Sequence[Evidence]) -> Iterator[Evidence]:
    """Views of a metric stream, which holds every statistic: the one that fits is told."""
    for row in rows:
        view, found = _view_of(row)
        if view and row.attrs.get("statistic") == _BEST[view.number] and view.number in row.metrics:
            yield from _told(row, view, found, row.metrics[view.number])


def usual(values: Sequence[float]) -> float | None:
    """The point in the middle, of two the lower one; None without points. Oracle: 4, 1, 3, 2 give 2."""
    return sorted(values)[(len(values) - 1) // 2] if values else None


def _view_of(row: Evidence) -> tuple[View | None, str]:
    found = _METRIC.search(str(row.attrs.get("label") or row.subject))
    return (VIEWS[found[1]], found[1]) if found else (None, "")


def _told(row: Evidence, view: View, found: str, value: float) -> Iterator[Evidence]:
    factor = view.factor
    if view.metric in ("free_storage", "freeable_memory"):
        unit = str(row.attrs.get("unit") or "")
        if not unit and 0 < value < MB:
            return  # OpenSearch tells this in megabytes, under the same name
        factor = MB if unit == "Megabytes" else factor
    metrics = {view.metric: value * factor}
    if view.kind == SERVICE:
        metrics |= {name: row.metrics[name] for name in ("points", "window_s") if name in row.metrics}
    yield Evidence(view.kind, _name(row, view), metrics, row.place_of(view.number), attrs={"from": found})


def _name(row: Evidence, view: View) -> str:
    label = str(row.attrs.get("label") or row.subject)
    named = _RESOURCE.search(label)
    return named[1] if named else _METRIC.sub("", label).strip(" -:/") or view.name
