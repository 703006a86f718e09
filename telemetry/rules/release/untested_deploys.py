"""A workflow deploys without a test or a gate before it."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.pipelines import deploys, workflows


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A test in another workflow may be required before a merge: only the repository's settings tell."""
    tested = any(row.metrics.get("tests", 0.0) > 0 for row in workflows(evidence))
    seen: set[str] = set()
    for row in workflows(evidence):
        if not deploys(row) or row.subject in seen:
            continue
        seen.add(row.subject)
        if row.metrics.get("tests", 0.0) > 0 or row.metrics.get("environments", 0.0) > 0:
            continue
        if tested:
            yield CannotTell(
                f"whether the tests of another workflow must pass before {row.subject} (branch protection)"
            )
        else:
            yield _hit(row, threshold.value)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    told.also(row, "deploys", "steps", "environments", "tests")
    return Hit(
        subject=Subject("pipeline", row.subject),
        title="Deployments run without tests or gates",
        said=f"{row.subject} deploys, and neither it nor any other workflow that was sent runs a test or names an "
        "environment that could ask for approval.",
        cites=told.cites,
        limit=limit,
        snippet="jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - "
        "run: npm ci"
        "\n      - run: npm test\n  deploy:\n    needs: test\n    environment: production\n    runs-on: ubuntu-latest\n"
        "    steps:\n      - run: ./deploy.sh",
    )


RULE = Rule(
    id="RL011",
    slug="untested-deploys",
    area="release",
    mechanism="missing-gates",
    title="Deployments run without tests or gates",
    needs=(("repo.workflow", "deploys"), ("repo.workflow", "tests")),
    threshold=Threshold(
        0,
        "1",
        "One path to production without a check is the path a fault takes.",
        "DORA, Continuous delivery: test automation",
    ),
    degradation=0.6,
    why="A mistake of one minute reaches every customer the minute after, and they are who finds it.",
    fix=(
        "Run the tests in a job that the deployment needs.",
        "Name an environment for production, and let it ask for approval or wait for checks.",
        "Require the same checks before a merge.",
        "Call one page and one order after the deployment, and go back when they fail.",
    ),
    first_slice=FirstSlice("Let the deployment need a job that tests", 4),
    effort=Effort(0.5, 1, 3),
    removes=0.6,
    verify="A commit with a failing test does not reach production.",
    rollback="Take the needs line out of the workflow.",
    references=(
        "GitHub, Managing environments for deployment "
        "https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments",
        "DORA, Continuous delivery https://dora.dev/capabilities/continuous-delivery/",
    ),
    check=check,
)
