"""Failed jobs are tried again at once."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.places import NEEDS_CODE, Places


def _lacks_only_backoff(row: Evidence) -> bool:
    return list(row.attrs.get("missing") or ()) == ["backoff"]


check = Places(
    "job_without_retry",
    "queue",
    "{name} retries without a pause",
    "Jobs of {name} that fail are tried again at once, without a pause: all attempts are used up while the other "
    "system "
    "is still down.",
    where=_lacks_only_backoff,
    touches="queues",
    snippet='await queue.add(name, data, { attempts: 5, backoff: { type: "exponential", delay: 2000, jitter: 0.5 } })',
)

RULE = Rule(
    id="QU054",
    slug="retries-without-pause",
    area="queues",
    mechanism="retry-storm",
    title="Failed jobs are retried without a pause",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "Attempts without a pause are one attempt that costs several times as much.",
        "BullMQ, Retrying failing jobs; Google SRE, Addressing Cascading Failures",
    ),
    degradation=0.3,
    why="When a partner is down, every job hits it again at once. The load grows just when it should fall, and the "
    "jobs "
    "are lost all the same.",
    fix=(
        "Let the pause between attempts double, from two seconds on.",
        "Spread it at random, so that jobs that failed together do not return together.",
        "Stop calling for a minute when most calls fail.",
    ),
    first_slice=FirstSlice("Set an exponential pause with jitter", 1),
    effort=Effort(0.125, 0.25, 0.5),
    removes=0.8,
    verify="The log shows growing pauses between the attempts of one job.",
    rollback="Remove the pause from the options.",
    references=(
        "BullMQ, Retrying failing jobs https://docs.bullmq.io/guide/retrying-failing-jobs",
        "Google SRE, Addressing Cascading Failures https://sre.google/sre-book/addressing-cascading-failures/",
    ),
    check=check,
)
