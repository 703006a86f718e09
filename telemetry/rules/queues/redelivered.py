"""Messages are delivered a second time."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording

SHARE = 0.05


def _limit(row: Evidence) -> float:
    return SHARE * row.metrics.get("delivered_per_s", float("inf"))


RULE = Rule(
    id="QU026",
    slug="redelivered",
    area="queues",
    mechanism="duplicate-delivery",
    title="Messages are delivered twice",
    needs=(("queue.counts", "redelivered_per_s"), ("queue.counts", "delivered_per_s")),
    threshold=Threshold(
        SHARE,
        "share",
        "One delivery of twenty, and one each ten seconds at least: a restarted worker gives back a handful once.",
        "House limit; RabbitMQ, Reliability (redelivered flag)",
    ),
    degradation=0.6,
    why="The same message is worked on more than once. Unless every step is safe to repeat, customers get two mails or "
    "pay twice, and the capacity is spent twice in any case.",
    fix=(
        "Find why messages come back: a consumer that ends, rejects with requeue, or takes longer than its timeout.",
        "Reject without requeue what can never work, into a dead letter exchange.",
        "Give each effect a key, and skip what was done.",
    ),
    first_slice=FirstSlice("Name the reason of the rejections from the consumer's log", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.7,
    verify="Redeliveries are below one of a hundred deliveries at the peak.",
    rollback="Set requeue back; the keys of effects do no harm.",
    references=("RabbitMQ, Reliability guide https://www.rabbitmq.com/docs/reliability",),
    check=Beyond(
        kind="queue.counts",
        metric="redelivered_per_s",
        subject=lambda row: Subject("task", row.subject),
        wording=Wording(
            title="{name} is delivered twice",
            said="{value} of {delivered_per_s} deliveries a second of {name} are repeats (limit {limit}).",
            also=("active", "waiting"),
        ),
        standing=Standing(touches="queues"),
        where=lambda row: row.metrics["redelivered_per_s"] >= 0.1,
        limit=_limit,
    ),
)
