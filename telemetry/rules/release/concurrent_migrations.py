"""Two releases may change the database at once."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.pipelines import WorkflowFault

check = WorkflowFault(
    metric="migrates",
    where=lambda row: row.metrics.get("concurrency", 1.0) == 0 and row.metrics.get("deploys", 0.0) > 0,
    title="Two releases may migrate at once",
    said="{name} changes the database in {value} steps, and nothing makes a second run wait for the first.",
    also=("concurrency", "deploys"),
    snippet="concurrency:\n  group: production\n  cancel-in-progress: false",
)

RULE = Rule(
    id="RL015",
    slug="concurrent-migrations",
    area="release",
    mechanism="unsafe-migration",
    title="Two releases may migrate at once",
    needs=(("repo.workflow", "migrates"), ("repo.workflow", "concurrency")),
    threshold=Threshold(
        0,
        "1",
        "Two merges within some minutes are normal; their migrations then run side by side.",
        "GitHub, Control the concurrency of workflows and jobs",
    ),
    degradation=0.3,
    why="Two releases that alter tables at once can block each other, or leave the older code on the newer schema.",
    fix=(
        "Put the workflow into a concurrency group, without cancelling what runs.",
        "Let the migration take a lock of its own; most tools can.",
        "Set a lock timeout, so that a blocked migration gives up and is tried again.",
    ),
    first_slice=FirstSlice("Put the workflow into a concurrency group", 1),
    effort=Effort(0.125, 0.125, 0.25),
    removes=0.8,
    verify="Two pushes within a minute give two runs, one after the other.",
    rollback="Remove the concurrency group.",
    references=(
        "GitHub, Control concurrency "
        "https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency",
    ),
    check=check,
)
