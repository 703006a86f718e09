"""What a deployment runs can be changed by others."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.pipelines import WorkflowFault, deploys

check = WorkflowFault(
    metric="unpinned_actions",
    where=deploys,
    title="A deployment runs code others can change",
    said="{name} deploys and uses {value} actions by a tag, which their owners, or who takes over their account, can "
    "point at other code.",
    also=("actions", "deploys"),
    snippet="- uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2",
)

RULE = Rule(
    id="RL013",
    slug="unpinned-actions",
    area="release",
    mechanism="missing-gates",
    title="A deployment runs code others can change",
    needs=(("repo.workflow", "unpinned_actions"), ("repo.workflow", "deploys")),
    threshold=Threshold(
        0,
        "1",
        "A full commit hash is the only way to use an action that cannot change.",
        "GitHub, Security hardening for GitHub Actions",
    ),
    degradation=0.1,
    why="A workflow that deploys holds the keys of production; an action that is taken over reads them.",
    fix=(
        "Write the full commit hash of each action, with its version as a comment.",
        "Let a bot propose new hashes, so that they are looked at.",
        "Give the workflow's token no more rights than it needs.",
    ),
    first_slice=FirstSlice("Pin the actions of the workflow that deploys", 2),
    effort=Effort(0.125, 0.25, 0.5),
    removes=0.7,
    verify="Every uses line of the workflow names a commit of forty digits.",
    rollback="Write the tags again.",
    references=("GitHub, Secure use reference https://docs.github.com/en/actions/reference/security/secure-use",),
    check=check,
)
