"""What two scrapes of one process may be compared by: what counts up, and when the process started.

`process_start_time_seconds` is a gauge that every client library of Prometheus serves
(https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics); it is new at every start.
"""

from collections.abc import Iterable, Mapping

from telemetry.evidence import Evidence
from telemetry.parsers.metrics_families import counts_up

Key = tuple[str, str]  # kind and subject

_START = "process_start_time_seconds"
_FAMILY = "metric.family"


def counting(rows: Mapping[Key, Evidence]) -> dict[Key, Evidence]:
    """Families that count up, and their series."""
    counted = {row.subject for row in rows.values() if row.kind == _FAMILY and _counts(row)}
    return {key: row for key, row in rows.items() if (row.attrs.get("family") or row.subject) in counted}


def _counts(row: Evidence) -> bool:
    """A counter; a histogram or summary, whose count and sum only grow."""
    return "count" in row.metrics or counts_up(row.subject, str(row.attrs.get("type", "")))


def started(rows: Iterable[Evidence]) -> dict[tuple[str, str, str], str]:
    """When the process started, of several their sum; empty where the scrape does not tell."""
    return {
        (row.kind, row.subject, "sum"): str(row.metrics["sum"])
        for row in rows
        if row.kind == _FAMILY and row.subject == _START and "sum" in row.metrics
    }
