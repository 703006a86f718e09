"""Work waits for a disk."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.managed import KIND, as_service, named, unless_sent
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

NEEDS = "at least 30 samples of {name} over a business peak (iostat -x 10, sar -d)"
SLOW_MS = 20.0
WAITING = 0.2
STALL_MS = 100.0


def _stalls_again(row: Evidence) -> bool:
    again = row.metrics.get("last_ms", 0.0) > STALL_MS or row.metrics.get("spikes", 0.0) >= 3
    return row.subject.startswith("aof-") and again


RULE = Rule(
    id="PL034",
    slug="busy-disk",
    area="platform",
    mechanism="disk-saturation",
    title="Work waits for a disk",
    needs=(),
    needs_any=(
        ("host.disk", "busy_p95"),
        ("host.cpu", "iowait_mean"),
        ("redis.latency", "max_ms"),
        (KIND, "lowest"),
    ),
    threshold=Threshold(
        0.9,
        "share",
        "A disk that is busy for 90 % of the time and answers after 20 ms or more has a queue; a fast one that is only "
        "busy has none.",
        "Brendan Gregg, Systems Performance (disk saturation: await, not busy alone)",
    ),
    degradation=0.3,
    why="Everything that reads or writes stands in line for the disk. It shows as a slow database and slow pages, "
    "though processor and memory look idle.",
    fix=(
        "See who reads and writes: pidstat -d, and the statements with the most blocks read.",
        "Mend the cause first: a missing index, sorts on disk, checkpoints that come too often.",
        "Move logs and temporary files to another volume.",
        "Raise the volume's IOPS and throughput, or change a burstable volume for a provisioned one.",
    ),
    first_slice=FirstSlice("Name the process and statement with the most reads", 4),
    effort=Effort(0.25, 1, 3),
    removes=0.7,
    verify="The disk answers within 10 ms at the 95th percentile over a business peak.",
    rollback="A volume's settings can be set back after some hours.",
    references=(
        "Brendan Gregg, The USE Method https://www.brendangregg.com/usemethod.html",
        "AWS, EBS volume types https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html",
    ),
    check=first_of(
        Beyond(
            kind="host.disk",
            metric="busy_p95",
            subject=as_kind("host"),
            wording=Wording(
                title="Disk {name} is at its limit",
                said="Disk {name} was busy for {value} of the time at the 95th percentile (limit {limit}) and took "
                "up to "
                "{await_ms_max} to answer.",
                also=("queue_max", "ops_per_s_max", "busy_mean"),
            ),
            standing=Standing(shared=True),
            where=lambda row: row.metrics.get("await_ms_max", 0.0) > SLOW_MS,
            doubt=at_least("samples", 30, NEEDS),
        ),
        Beyond(
            kind="host.cpu",
            metric="iowait_mean",
            subject=as_kind("host"),
            wording=Wording(
                title="The processor waits for a disk",
                said="The processor of {name} waited for a disk for {value} of the time (limit {limit}).",
                also=("iowait_max", "blocked_max", "busy_mean"),
            ),
            standing=Standing(shared=True),
            limit=WAITING,
            doubt=at_least("samples", 30, NEEDS),
        ),
        Beyond(
            kind="redis.latency",
            metric="max_ms",
            subject=lambda row: Subject("host", "redis"),
            wording=Wording(
                title="Redis waits for its disk",
                said="Redis stood still for {value} (limit {limit}) while it wrote its append-only file ({name} of its "
                "latency monitor).",
                also=("last_ms", "spikes", "avg_ms"),
            ),
            standing=Standing(shared=True),
            where=_stalls_again,
            limit=STALL_MS,
        ),
        Beyond(
            kind=KIND,
            metric="lowest",
            subject=as_service,
            wording=Wording(
                title="A volume's burst balance runs out",
                said="{name} fell to {value} percent (limit {limit}); at none the volume does its base rate only.",
                also=("last", "highest"),
            ),
            standing=Standing(breach=False, shared=True),
            where=named("BurstBalance", "EBSIOBalance%", "EBSByteBalance%"),
            limit=20.0,
            floor=True,
            near=lambda row: 1 - row.metrics["lowest"] / 100,
        ),
        unless_sent(
            (
                "BurstBalance",
                "EBSIOBalance%",
                "EBSByteBalance%",
            ),
            ("host.disk", "busy_p95"),
            ("host.cpu", "iowait_mean"),
            ("redis.latency", "max_ms"),
        ),
    ),
)
