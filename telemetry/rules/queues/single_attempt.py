"""A job that fails once is lost."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.places import NEEDS_CODE, Places


def _has_one_attempt(row: Evidence) -> bool:
    return bool({"attempts", "retry"} & set(row.attrs.get("missing") or ()))


check = Places(
    "job_without_retry",
    "queue",
    "{name} tries each job once",
    "Jobs of {name} are tried once: the first network error ends them, and nothing does them later.",
    where=_has_one_attempt,
    touches="queues",
    snippet='await queue.add(name, data, { attempts: 5, backoff: { type: "exponential", delay: 2000, jitter: 0.5 } })',
)

RULE = Rule(
    id="QU053",
    slug="single-attempt",
    area="queues",
    mechanism="no-dead-letter",
    title="A job that fails once is lost",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "One attempt is BullMQ's default and Celery's; other systems fail for seconds every day.",
        "BullMQ, Retrying failing jobs; Celery, Retrying",
    ),
    degradation=0.6,
    why="A mail, an invoice or a call to a partner is silently gone because the network failed for a second.",
    fix=(
        "Give the job five attempts with growing pauses.",
        "Make it harmless to repeat: hand an id to whatever it calls.",
        "Keep what failed at last, alert on it, and write down how to run it again.",
    ),
    first_slice=FirstSlice("Give the queue attempts and growing pauses", 2),
    effort=Effort(0.25, 0.5, 1),
    removes=0.8,
    verify="A job whose first call is made to fail succeeds on its second attempt.",
    rollback="Set attempts to one again.",
    references=(
        "BullMQ, Retrying failing jobs https://docs.bullmq.io/guide/retrying-failing-jobs",
        "Celery, Retrying https://docs.celeryq.dev/en/stable/userguide/tasks.html#retrying",
    ),
    check=check,
)
