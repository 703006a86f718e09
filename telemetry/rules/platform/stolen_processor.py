"""The host takes the processor away from the machine."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.managed import KIND, as_service, named, unless_sent
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

CREDITS = 5.0


def _runs_out(row: Evidence) -> bool:
    """A new machine begins without credits and earns them: lowest at the start, more at the end."""
    numbers = row.metrics
    filling = numbers.get("first") == numbers["lowest"] and numbers.get("last", 0.0) >= CREDITS
    return named("CPUCreditBalance")(row) and not filling


RULE = Rule(
    id="PL031",
    slug="stolen-processor",
    area="platform",
    mechanism="cpu-saturation",
    title="The host takes processor time away",
    needs=(),
    needs_any=(("host.cpu", "steal_mean"), (KIND, "lowest")),
    threshold=Threshold(
        0.1,
        "share",
        "A tenth of the time taken by neighbours or by a used-up credit is a tenth of what is paid for.",
        "House limit; AWS, Burstable instances (CPU credits)",
    ),
    degradation=0.3,
    why="You pay for a processor that others use, or your small machine has used up its allowance. It gets slow at the "
    "peak for no reason that the application could show.",
    fix=(
        "See whether the machine is of a burstable kind, and whether its credits are used up.",
        "Change to a kind with processors of its own, or turn on unlimited credits and watch the bill.",
        "On a machine of one's own, move neighbours away.",
    ),
    first_slice=FirstSlice("Change the kind of machine outside the peak", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.9,
    verify="Stolen time stays below one of a hundred over a business peak.",
    rollback="Change the kind of machine back.",
    references=(
        "AWS, Burstable performance instances "
        "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html",
    ),
    check=first_of(
        Beyond(
            kind="host.cpu",
            metric="steal_mean",
            subject=as_kind("host"),
            wording=Wording(
                title="The host takes processor time away",
                said="{value} of the processor time of {name} was taken by its host (limit {limit}).",
                also=("steal_max", "busy_p95", "samples"),
            ),
            standing=Standing(shared=True),
            doubt=at_least("samples", 30, "at least 30 samples of {name} (sar, vmstat 10)"),
        ),
        Beyond(
            kind=KIND,
            metric="lowest",
            subject=as_service,
            wording=Wording(
                title="The processor's credits run out",
                said="{name} fell to {value} (limit {limit}); without credits the machine runs at a part of its speed.",
                also=("highest", "last"),
            ),
            standing=Standing(shared=True),
            where=_runs_out,
            limit=CREDITS,
            floor=True,
            doubt=at_least("points", 6, "half an hour of {name}"),
        ),
        unless_sent(
            ("CPUCreditBalance",),
            ("host.cpu", "steal_mean"),
        ),
    ),
)
