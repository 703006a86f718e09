"""Machines and containers: processor, memory, disks."""

from collections.abc import Iterator

from reviews.capacity.gather.base import by_subject, derived, measured, most
from reviews.capacity.inputs import Input
from telemetry.evidence import EvidenceSet

# Bookkeeping of the kernel and of container runtimes, full by design.
NO_DISK = ("/snap", "/boot", "/run", "/dev", "/sys", "/proc")


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """By host, container and mount point."""
    for row in by_subject(evidence, "host.cpu", "busy_max"):
        for key, metric in (("cpu_busy_mean", "busy_mean"), ("cpu_busy_max", "busy_max"), ("cores", "cpus")):
            yield from measured(f"host.{row.subject}.{key}", row, metric)
    for row in by_subject(evidence, "host.memory", "total_bytes"):
        yield from measured(f"host.{row.subject}.memory_bytes", row, "total_bytes")
        if "available_bytes_min" in row.metrics:
            used = row.metrics["total_bytes"] - row.metrics["available_bytes_min"]
            words = "all − the least that was available"
            yield from derived(f"host.{row.subject}.memory_used_max", used, words, row, "available_bytes_min")
    for row in by_subject(evidence, "container.usage", "memory_bytes_max"):
        yield from measured(f"container.{row.subject}.memory_max", row, "memory_bytes_max")
        yield from measured(f"container.{row.subject}.memory_limit", row, "memory_limit_bytes")
    for row in by_subject(evidence, "host.filesystem", "used_bytes"):
        if not row.subject.startswith(NO_DISK) and "available_bytes" in row.metrics:
            size = row.metrics["used_bytes"] + row.metrics["available_bytes"]
            words = "used + available to users, as df counts it"
            yield from derived(f"disk.{row.subject}.bytes", size, words, row, "available_bytes")
            yield from measured(f"disk.{row.subject}.used_bytes", row, "used_bytes")
    busiest = most(evidence.of("host.disk"), "busy_max")
    if busiest is not None:
        yield from measured(f"disk.{busiest.subject}.busy_max", busiest, "busy_max")
