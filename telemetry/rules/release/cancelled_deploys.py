"""A deployment is stopped halfway by the next one."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.pipelines import WorkflowFault, deploys

check = WorkflowFault(
    metric="cancels_running",
    where=lambda row: deploys(row) or row.metrics.get("migrates", 0.0) > 0,
    title="Deployments are stopped halfway",
    said="{name} brings changes to production and is cancelled as soon as the next run starts, wherever it stands.",
    also=("deploys", "migrates", "concurrency"),
    snippet="concurrency:\n  group: production\n  cancel-in-progress: false",
)

RULE = Rule(
    id="RL014",
    slug="cancelled-deploys",
    area="release",
    mechanism="missing-gates",
    title="Deployments are stopped halfway",
    needs=(("repo.workflow", "cancels_running"),),
    threshold=Threshold(
        0,
        "1",
        "Cancelling saves time where runs only check; a deployment or migration that stops halfway leaves a mixture.",
        "GitHub, Control the concurrency of workflows and jobs",
    ),
    degradation=0.3,
    why="Two changes in short order leave production half on the old and half on the new version, or a migration "
    "begun and not finished.",
    fix=(
        "Set cancel-in-progress to false for the group that deploys; runs then wait for each other.",
        "Keep it for workflows that only check.",
        "Make each step safe to run again.",
    ),
    first_slice=FirstSlice("Let deployments wait instead of cancelling", 1),
    effort=Effort(0.125, 0.125, 0.25),
    removes=0.9,
    verify="Two pushes within a minute give two deployments, one after the other.",
    rollback="Set it to true again.",
    references=(
        "GitHub, Control concurrency "
        "https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency",
    ),
    check=check,
)
