"""The processor is at its limit, and work waits for it."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.managed import KIND, as_service, named, unless_sent
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

ENOUGH_SAMPLES = 30
NEEDS = "at least 30 samples of {name} over a business peak (sar, vmstat 10)"
PERCENT = 85.0
THROTTLED = 0.5  # kubernetes-mixin warns from 25 %, and only for information
ENOUGH_PERIODS = 3_000  # five minutes of running all the time


def _waits(row: Evidence) -> bool:
    """Twice as many tasks as cores: half of them wait at any moment."""
    cores, queue = row.metrics.get("cpus"), row.metrics.get("run_queue_mean")
    return bool(cores and queue and queue > 2 * cores)


RULE = Rule(
    id="PL030",
    slug="busy-processor",
    area="platform",
    mechanism="cpu-saturation",
    title="The processor is at its limit",
    needs=(),
    needs_any=(
        ("host.cpu", "busy_p95"),
        ("host.cpu", "run_queue_mean"),
        ("container.usage", "cpu_share_max"),
        ("container.usage", "throttled_share"),
        (KIND, "mean"),
    ),
    threshold=Threshold(
        0.9,
        "share",
        "Above 90 % each request waits ten times as long for a core as at 10 %; of a managed service a mean of 85 %.",
        "Queueing theory, M/M/1 (1 / (1 - use)); AWS, ElastiCache metrics (EngineCPUUtilization 90 %)",
    ),
    degradation=0.3,
    why="The machine computes all it can at the peak, and what comes on top stands in line. Everything gets slower at "
    "once, and growth has no room.",
    fix=(
        "See what computes: top by process, a profile of the application for a minute at the peak.",
        "Mend the largest part first: a missing index, a route that is not cached, a loop.",
        "Add cores or a second machine when nothing large is left to mend.",
        "Alert at 75 % over five minutes.",
    ),
    first_slice=FirstSlice("Profile the peak and mend the largest part", 6),
    effort=Effort(0.5, 1.5, 4),
    removes=0.7,
    verify="The 95th percentile of the processor is below 70 % over a business peak.",
    rollback="Depends on the mend; a larger machine can be made small again.",
    references=(
        "Brendan Gregg, The USE Method https://www.brendangregg.com/usemethod.html",
        "AWS, ElastiCache metrics "
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html",
    ),
    check=first_of(
        Beyond(
            kind="host.cpu",
            metric="run_queue_mean",
            subject=as_kind("host"),
            wording=Wording(
                title="Work waits for the processor",
                said="{value} tasks run or wait for a core of {name} at any moment (limit {limit}); it has {cpus} "
                "cores.",
                also=("busy_p95", "busy_mean", "load_1m_max"),
            ),
            standing=Standing(shared=True),
            where=_waits,
            doubt=at_least("samples", ENOUGH_SAMPLES, NEEDS),
            limit=lambda row: 2 * row.metrics.get("cpus", float("inf")),
        ),
        Beyond(
            kind="host.cpu",
            metric="busy_p95",
            subject=as_kind("host"),
            wording=Wording(
                title="The processor is at its limit",
                said="The processor of {name} was busy for {value} of the time at the 95th percentile (limit {limit}).",
                also=("busy_mean", "busy_max", "run_queue_max", "window_s"),
            ),
            standing=Standing(breach=False, shared=True),
            doubt=at_least("samples", ENOUGH_SAMPLES, NEEDS),
            near=lambda row: row.metrics["busy_p95"],
        ),
        Beyond(
            kind="container.usage",
            metric="cpu_share_max",
            subject=as_kind("host"),
            wording=Wording(
                title="The node is at its limit",
                said="Node {name} used {value} of its processor (limit {limit}).",
                also=("cpu_cores_max",),
            ),
            standing=Standing(breach=False, shared=True),
            where=lambda row: row.attrs.get("type") == "node",
            doubt=at_least("samples", 2, "kubectl top node {name} a second time at the peak: one moment is no habit"),
            near=lambda row: row.metrics["cpu_share_max"],
        ),
        Beyond(
            kind="container.usage",
            metric="throttled_share",
            subject=as_kind("service"),
            wording=Wording(
                title="{name} is held at its CPU limit",
                said="{name} was stopped by its CPU limit in {value} of the periods in which it ran (limit {limit}).",
                also=("throttled_periods", "periods", "window_s"),
            ),
            standing=Standing(),
            where=lambda row: row.metrics.get("periods", 0.0) >= ENOUGH_PERIODS,
            limit=THROTTLED,
        ),
        Beyond(
            kind=KIND,
            metric="mean",
            subject=as_service,
            wording=Wording(
                title="A service's processor is at its limit",
                said="{name} was at {value} percent in the middle of the window (limit {limit}), at {highest} at most.",
                also=("window_s", "points"),
            ),
            standing=Standing(breach=False, shared=True),
            where=named("CPUUtilization", "EngineCPUUtilization"),
            limit=PERCENT,
            doubt=at_least("points", 6, "half an hour of {name}"),
            near=lambda row: row.metrics["mean"] / 100,
        ),
        unless_sent(
            (
                "CPUUtilization",
                "EngineCPUUtilization",
            ),
            ("host.cpu", "busy_p95"),
            ("host.cpu", "run_queue_mean"),
            ("container.usage", "cpu_share_max"),
            ("container.usage", "throttled_share"),
        ),
    ),
)
