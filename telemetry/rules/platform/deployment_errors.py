"""One deployment fails far more often than the others."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, wilson_lower, worst_each

ENOUGH_REQUESTS = 200
TIMES_THE_OTHERS = 5


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Against all other deployments of the log: an outage that meets all of them is no fault of one release."""
    rows = worst_each(evidence.having("function.deployment", "status_5xx"), "requests")
    for row in rows:
        others = [one for one in rows if one.subject != row.subject]
        requests = sum(one.metrics["requests"] for one in others)
        share = sum(one.metrics["status_5xx"] for one in others) / requests if requests else 0.0
        lower = wilson_lower(row.metrics["status_5xx"], row.metrics["requests"])
        compared = requests >= ENOUGH_REQUESTS and row.metrics["requests"] >= ENOUGH_REQUESTS
        if compared and lower > threshold.value and lower > TIMES_THE_OTHERS * share:
            yield _hit(row, others[0], threshold.value * row.metrics["requests"])


def _hit(row: Evidence, other: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"Deployment {row.subject} failed {told(row, 'status_5xx')} of {told(row, 'requests')} requests (limit "
        f"{shown(limit, '1')}); the deployment beside it failed {told(other, 'status_5xx')} of "
        f"{told(other, 'requests')}."
    )
    told.also(row, "error_share")
    return Hit(
        subject=Subject("deployment", row.subject),
        title="One deployment fails far more often",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
    )


RULE = Rule(
    id="PL011",
    slug="deployment-errors",
    area="platform",
    mechanism="error-burst",
    title="One deployment fails far more often",
    needs=(("function.deployment", "status_5xx"), ("function.deployment", "requests")),
    threshold=Threshold(
        0.01,
        "share",
        "One request of a hundred, by the lower end of the 95 % interval, and five times the other deployments.",
        "Google SRE Workbook, canarying releases",
    ),
    degradation=0.6,
    why="A release brought errors that the one before did not have. Every minute it stays up, visitors meet them.",
    fix=(
        "Roll back to the deployment that did not fail, and look after that.",
        "Compare the two: code, environment variables, migrations.",
        "Send the next release to a tenth of the visitors first, and stop it by its share of errors.",
    ),
    first_slice=FirstSlice("Roll back and name the change that failed", 3),
    effort=Effort(0.25, 1, 2),
    removes=0.8,
    verify="The next deployment's share of errors does not exceed that of the one before.",
    rollback="Promote the failing deployment again.",
    references=(
        "Vercel, Instant Rollback https://vercel.com/docs/instant-rollback",
        "Google SRE, Canarying Releases https://sre.google/workbook/canarying-releases/",
    ),
    check=check,
)
