"""A broker's disk nears the mark at which it stops its publishers."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording, as_kind


def _alarmed(row: Evidence) -> bool:
    return "disk_free_alarm" in row.attrs.get("alarms", ())


RULE = Rule(
    id="PL039",
    slug="broker-disk",
    area="platform",
    mechanism="disk-saturation",
    title="The broker's disk is nearly full",
    needs=(("queue.broker", "disk_free"), ("queue.broker", "disk_limit")),
    threshold=Threshold(
        2,
        "1",
        "Twice the mark at which RabbitMQ stops its publishers: what a backlog writes in an hour.",
        "RabbitMQ, Free disk space alarms",
    ),
    degradation=1.0,
    why="When the broker's disk is full it accepts nothing from anybody: every page that hands over work hangs.",
    fix=(
        "Work off or purge the queues that hold the most, and remove old logs.",
        "Grow the volume.",
        "Set disk_free_limit to the machine's memory, so that the alarm comes in time.",
        "Alert at twice the limit.",
    ),
    first_slice=FirstSlice("Free space and set the alert", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.9,
    verify="Free space stays above four times the limit over a week.",
    rollback="A grown volume is kept; the limit is a setting.",
    references=("RabbitMQ, Free disk space alarms https://www.rabbitmq.com/docs/disk-alarms",),
    check=Beyond(
        kind="queue.broker",
        metric="disk_free",
        subject=as_kind("service"),
        wording=Wording(
            title="The broker's disk is nearly full",
            said="{name} has {value} of disk left (limit {limit}) and stops its publishers at {disk_limit}.",
        ),
        standing=Standing(breach=False, shared=True),
        limit=lambda row: 2 * row.metrics.get("disk_limit", 0.0),
        floor=True,
        near=lambda row: row.metrics["disk_limit"] / max(1.0, row.metrics["disk_free"]),
        broken=_alarmed,
    ),
)
