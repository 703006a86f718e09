"""A machine computes hardly anything, for days."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.managed import KIND, named, unless_sent
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

DAY_S = 86_400
DAYS = 3
PERCENT = 10.0


def _several_cores(row: Evidence) -> bool:
    return row.metrics.get("cpus", 0.0) >= 2


RULE = Rule(
    id="CO004",
    slug="idle-machine",
    area="cost",
    mechanism="over-provisioned",
    title="A machine is far too large",
    needs=(),
    needs_any=(("host.cpu", "busy_p95"), (KIND, "highest")),
    threshold=Threshold(
        0.1,
        "share",
        "Busy for less than a tenth even at the peak, over three days or more (a week is better); the smallest "
        "machines "
        "are left out.",
        "AWS Compute Optimizer (over-provisioned below 40 % at the peak), a quarter of it",
    ),
    degradation=0.1,
    why="You pay for a machine of which nine tenths stand still even at the busiest hour. Half of it would do, with "
    "room "
    "to grow.",
    fix=(
        "Look at memory, disk and network, too: the largest need decides.",
        "Take the next smaller machine on a quiet day, and watch a peak.",
        "Put two services of this kind on one machine.",
    ),
    first_slice=FirstSlice("Halve the machine on a quiet day", 3),
    effort=Effort(0.1, 0.5, 1),
    removes=0.8,
    verify="The 95th percentile of the smaller machine is between 20 % and 60 % over a week.",
    rollback="Take the larger machine again; it takes minutes.",
    references=(
        "AWS, Compute Optimizer https://docs.aws.amazon.com/compute-optimizer/latest/ug/view-ec2-recommendations.html",
    ),
    check=first_of(
        Beyond(
            kind="host.cpu",
            metric="busy_p95",
            subject=as_kind("component"),
            wording=Wording(
                title="{name} is far too large",
                said="The {cpus} cores of {name} were busy for {value} of the time at the 95th percentile (limit "
                "{limit}), "
                "over {window_s}.",
                also=("busy_mean", "busy_max", "samples"),
            ),
            standing=Standing(breach=False),
            where=_several_cores,
            floor=True,
            doubt=at_least("window_s", DAYS * DAY_S, "three days of samples of {name} with a business peak (sar)"),
        ),
        Beyond(
            kind=KIND,
            metric="highest",
            subject=as_kind("component"),
            wording=Wording(
                title="A service is far too large",
                said="{name} never exceeded {value} percent (limit {limit}) in {window_s}.",
                also=("mean", "points"),
            ),
            standing=Standing(breach=False),
            where=named("CPUUtilization", "EngineCPUUtilization", statistics=("Maximum",)),
            limit=PERCENT,
            floor=True,
            doubt=at_least("window_s", DAYS * DAY_S, "three days of {name}, a business peak among them"),
        ),
        unless_sent(
            (
                "CPUUtilization",
                "EngineCPUUtilization",
            ),
            ("host.cpu", "busy_p95"),
        ),
    ),
)
