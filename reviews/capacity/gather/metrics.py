"""CloudWatch's metrics of a managed database: recognised by a count of connections in the same file."""

from collections.abc import Iterator

from reviews.capacity.gather.base import measured, most
from reviews.capacity.inputs import Input
from telemetry.evidence import Evidence, EvidenceSet

CONNECTIONS = "DatabaseConnections"
# What stands in the label or id of a metric, the value taken, the key, and the change of unit.
TAKEN = (
    ("CPUUtilization", "highest", "postgres.cpu_busy_max", 0.01),
    ("CPUUtilization", "mean", "postgres.cpu_busy_mean", 0.01),
    (CONNECTIONS, "highest", "postgres.connections_peak", 1.0),
    (CONNECTIONS, "mean", "postgres.connections", 1.0),
    ("FreeStorageSpace", "lowest", "postgres.disk_free_bytes", 1.0),
)


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Processor, connections and free disk of the database."""
    rows = evidence.of("cloudwatch.metric")
    files = {row.file for row in rows if CONNECTIONS in _label(row)}
    for name, metric, key, scale in TAKEN:
        row = most((row for row in rows if row.file in files and name in _label(row)), metric)
        if row is not None:
            yield from measured(key, row, metric, scale)


def _label(row: Evidence) -> str:
    return f"{row.attrs.get('label', '')} {row.subject}"
