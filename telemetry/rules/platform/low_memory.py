"""A machine has hardly any memory left, or moves it to disk."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.managed import KIND, SERVICE, as_managed, as_service, named, unless_sent
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

MB = 1024 * 1024
# A twentieth of the smallest database of RDS (1 GB): so little is too little for any. Above a twentieth of 64 GB it is
# enough for all but the largest; between them the size decides, which CloudWatch does not tell.
LEAST, ENOUGH = 51.0 * MB, 3_277.0 * MB


def _unknown_size(evidence: EvidenceSet, threshold: Threshold) -> Iterator[CannotTell]:
    for row in evidence.having(SERVICE, "freeable_memory"):
        if LEAST <= row.metrics["freeable_memory"] < ENOUGH:
            yield CannotTell(f"the memory of {row.subject} by its instance class, and its metric SwapUsage")


RULE = Rule(
    id="PL032",
    slug="low-memory",
    area="platform",
    mechanism="memory-saturation",
    title="A machine runs out of memory",
    needs=(),
    needs_any=(
        ("host.memory", "available_share_min"),
        ("host.memory", "swapping_samples"),
        (KIND, "highest"),
        (SERVICE, "freeable_memory"),
    ),
    threshold=Threshold(
        0.05,
        "share",
        "With less than a twentieth available the kernel reclaims at every request and ends a process soon after. "
        "Of a managed service of unknown size 51 MB: a twentieth of the smallest.",
        "awesome-prometheus-alerts, HostOutOfMemory (10 %), half of it; AWS, RDS instance classes (1 GB at least)",
    ),
    degradation=0.6,
    why="The machine's memory is used up. It begins to move memory to disk, which is a thousand times slower, and then "
    "ends the largest process, which is the database or the application.",
    fix=(
        "See who holds it: ps by resident size, and whether it grows from day to day.",
        "Bound what has no bound: worker counts, work_mem, caches, maxmemory.",
        "Move one service to a machine of its own, or add memory.",
        "Alert at 10 % available.",
    ),
    first_slice=FirstSlice("Bound the largest process", 4),
    effort=Effort(0.25, 1, 2),
    removes=0.8,
    verify="More than a tenth is available over a business peak, and nothing is moved to disk.",
    rollback="Set the bounds back; they are settings.",
    references=(
        "Linux, meminfo (MemAvailable) https://docs.kernel.org/filesystems/proc.html#meminfo",
        "awesome-prometheus-alerts, Host and hardware https://samber.github.io/awesome-prometheus-alerts/rules.html",
    ),
    check=first_of(
        Beyond(
            kind="host.memory",
            metric="swapping_samples",
            subject=as_kind("host"),
            wording=Wording(
                title="The machine moves memory to disk",
                said="{name} moved memory to or from disk in {value} of {samples} samples (limit {limit}).",
                also=("swap_used_bytes_max", "available_share_min", "major_faults_per_s_max"),
            ),
            standing=Standing(shared=True),
            limit=lambda row: 0.2 * row.metrics.get("samples", float("inf")),
            doubt=at_least("samples", 30, "at least 30 samples of {name} (vmstat 10)"),
        ),
        Beyond(
            kind="host.memory",
            metric="available_share_min",
            subject=as_kind("host"),
            wording=Wording(
                title="The machine runs out of memory",
                said="{value} of the memory of {name} was available at the lowest (limit {limit}).",
                also=("available_bytes_min", "total_bytes", "swap_used_bytes_max"),
            ),
            standing=Standing(breach=False, shared=True),
            floor=True,
            near=lambda row: 1 - row.metrics["available_share_min"],
        ),
        Beyond(
            kind=KIND,
            metric="highest",
            subject=as_service,
            wording=Wording(
                title="A service moves memory to disk",
                said="{name} reached {value} bytes (limit {limit}): the service moves memory to disk.",
                also=("last",),
            ),
            standing=Standing(breach=False, shared=True),
            where=named("SwapUsage"),
            limit=50.0 * MB,
            near=lambda row: row.metrics["highest"] / (500 * MB),
        ),
        Beyond(
            kind=SERVICE,
            metric="freeable_memory",
            subject=as_managed,
            wording=Wording(
                title="A service runs out of memory",
                said="{name} had {value} of memory to give at the lowest (limit {limit}), too little for any size.",
                also=("points", "window_s"),
            ),
            standing=Standing(breach=False, shared=True),
            limit=LEAST,
            floor=True,
            near=lambda row: 1 - row.metrics["freeable_memory"] / (20 * LEAST),
        ),
        _unknown_size,
        unless_sent(
            ("SwapUsage",),
            ("host.memory", "available_share_min"),
            ("host.memory", "swapping_samples"),
            (SERVICE, "freeable_memory"),
        ),
    ),
)
