"""A machine has hardly any memory left, or moves it to disk."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.managed import KIND, as_service, named
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

MB = 1024 * 1024

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
    ),
    threshold=Threshold(
        0.05,
        "share",
        "With less than a twentieth available the kernel reclaims at every request and ends a process soon after.",
        "awesome-prometheus-alerts, HostOutOfMemory (10 %), half of it",
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
    ),
)
