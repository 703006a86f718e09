"""A queue has no place for messages that cannot be processed."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told

# The place itself needs none.
_IS_PLACE = re.compile(r"(?:^|[._:/-])(?:dlq|dlx|dead|failed|error|retry)", re.I)
_TEMPORARY = re.compile(r"amq\.gen|reply|celeryev|\.celery\.pidbox", re.I)
REPEATS = 0.1  # redelivered a second


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Only queues that are used and outlive a restart.

    Celery confirms a task before it runs and keeps what failed in its result store: nothing comes back by itself.
    """
    tasks = any(row.attrs.get("system") == "celery" for row in evidence.of("queue.counts"))
    seen: set[str] = set()
    for row in evidence.of("queue.counts"):
        if row.attrs.get("dead_letter") is not False or row.subject in seen or not _is_used(row, threshold.value):
            continue
        if tasks and row.attrs.get("system") == "rabbitmq" and not _repeats(row):
            continue
        seen.add(row.subject)
        yield _hit(row)


def _is_used(row: Evidence, least: float) -> bool:
    work = max((row.metrics.get(name, 0.0) for name in ("waiting", "active", "workers", "in_per_s")), default=0.0)
    lasting = row.attrs.get("durable") is not False and not _TEMPORARY.search(row.subject)
    return work > least and lasting and not _IS_PLACE.search(row.subject)


def _repeats(row: Evidence) -> bool:
    return row.metrics.get("redelivered_per_s", 0.0) >= REPEATS


def _hit(row: Evidence) -> Hit:
    told = Told()
    repeats = _repeats(row)
    said = f"{row.subject} has no dead letter queue"
    if repeats:
        said += f", and {told(row, 'redelivered_per_s')} messages a second are delivered again"
    shown = next(name for name in ("workers", "waiting", "active", "in_per_s") if row.metrics.get(name, 0.0) > 0)
    told.also(row, shown)
    sqs = row.attrs.get("system") == "sqs"
    return Hit(
        subject=Subject("queue", row.subject),
        title=f"{row.subject} has no dead letter queue",
        said=said + "; a message that cannot be processed comes back until it expires.",
        cites=told.cites,
        limit=0,
        breach=repeats,
        queues=(row.subject,),
        snippet=SQS if sqs else RABBIT,
    )


RABBIT = (
    "rabbitmqctl set_policy dead-letters '^orders$' \\\n"
    '  \'{"dead-letter-exchange":"dead-letters","delivery-limit":5}\' --apply-to queues'
)
SQS = (
    "aws sqs set-queue-attributes --queue-url URL --attributes \\\n"
    '  \'{"RedrivePolicy":"{\\"deadLetterTargetArn\\":\\"ARN\\",\\"maxReceiveCount\\":\\"5\\"}"}\''
)
RULE = Rule(
    id="QU028",
    slug="no-dead-letter",
    area="queues",
    mechanism="no-dead-letter",
    title="A queue has no dead letter queue",
    needs=(("queue.counts", "waiting"),),
    threshold=Threshold(
        0,
        "1",
        "Every queue that carries work needs a place for what cannot be processed; without one it is retried or lost.",
        "AWS, SQS dead-letter queues; RabbitMQ, Dead Letter Exchanges",
    ),
    degradation=0.3,
    why="A message that nobody can process is tried for ever, or disappears. Either it blocks the others, or an order "
    "is lost and nobody is told.",
    fix=(
        "Create a dead letter queue, and send there what was tried five times.",
        "Name who looks at it, and write down how a message is repeated.",
        "Alert when anything is in it.",
    ),
    first_slice=FirstSlice("Create the dead letter queue and the alert", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.8,
    verify="A message made to fail on purpose is in the dead letter queue after five tries.",
    rollback="Remove the policy; messages in the dead letter queue stay.",
    references=(
        "RabbitMQ, Dead letter exchanges https://www.rabbitmq.com/docs/dlx",
        "AWS, SQS dead-letter queues "
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    ),
    check=check,
)
