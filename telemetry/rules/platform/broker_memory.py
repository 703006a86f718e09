"""A broker's memory nears the mark at which it stops its publishers."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording, as_kind


def _alarmed(row: Evidence) -> bool:
    return "mem_alarm" in row.attrs.get("alarms", ())


RULE = Rule(
    id="PL038",
    slug="broker-memory",
    area="platform",
    mechanism="memory-saturation",
    title="The broker's memory is nearly used up",
    needs=(("queue.broker", "memory_share"),),
    threshold=Threshold(
        0.9,
        "share",
        "At its watermark RabbitMQ stops everyone who publishes; a tenth below it is one burst away.",
        "awesome-prometheus-alerts, RabbitmqMemoryHigh (90 %); RabbitMQ, Memory alarms",
    ),
    degradation=1.0,
    why="When the broker's memory is full it accepts nothing from anybody: every page that hands over work hangs until "
    "the queues are emptied.",
    fix=(
        "Empty the largest queue, or move its messages to disk (quorum or lazy queues).",
        "Bound the queues (max-length) and what consumers hold (prefetch).",
        "Raise the watermark only with memory to spare.",
        "Alert at 80 % of the mark.",
    ),
    first_slice=FirstSlice("Work off or bound the largest queue", 4),
    effort=Effort(0.25, 1, 2),
    removes=0.8,
    verify="Memory stays below 70 % of the mark over a business peak.",
    rollback="Clear the policy that bounds the queue.",
    references=("RabbitMQ, Memory alarms https://www.rabbitmq.com/docs/memory",),
    check=Beyond(
        kind="queue.broker",
        metric="memory_share",
        subject=as_kind("service"),
        wording=Wording(
            title="The broker's memory is nearly used up",
            said="{name} uses {value} of the memory at which it stops its publishers (limit {limit}): {memory_used}.",
            also=("memory_limit",),
            snippet="rabbitmqctl set_policy bounded '^events$' '{\"max-length\":100000}' --apply-to queues",
        ),
        standing=Standing(breach=False, shared=True),
        near=lambda row: row.metrics["memory_share"],
        broken=_alarmed,
    ),
)
