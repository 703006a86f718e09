"""The oldest job waited for minutes at the peak, though the queue was worked off later."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording, as_kind

RULE = Rule(
    id="QU022",
    slug="late-at-peak",
    area="queues",
    mechanism="backlog",
    title="Jobs wait for minutes at the peak",
    needs=(("queue.counts", "oldest_age_max_s"),),
    threshold=Threshold(
        300,
        "s",
        "Five minutes: a person who waits for a mail has asked for it again by then.",
        "sensu-plugins-sidekiq (300 s critical)",
    ),
    degradation=0.3,
    why="At the busiest time customers waited for minutes for what should come at once. In the evening the queue looks "
    "healthy again, so nobody sees it.",
    fix=(
        "Find what came in at that time: a campaign, a nightly job, an import.",
        "Put urgent jobs into a queue of their own, with workers of their own.",
        "Scale the workers by the age of the oldest job instead of by a schedule.",
        "Alert at 60 s.",
    ),
    first_slice=FirstSlice("Give urgent jobs their own queue and worker", 6),
    effort=Effort(0.5, 1, 3),
    removes=0.8,
    verify="The oldest job is younger than 60 s throughout the next peak.",
    rollback="Send the jobs to the old queue again.",
    references=(
        "AWS, SQS metrics "
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    ),
    check=Beyond(
        kind="queue.counts",
        metric="oldest_age_max_s",
        subject=as_kind("queue"),
        wording=Wording(
            title="{name} is late at the peak",
            said="At the worst moment the oldest job of {name} had waited {value} (limit {limit}).",
            also=("waiting_max", "oldest_age_s"),
        ),
        standing=Standing(touches="queues"),
        where=lambda row: row.metrics.get("waiting_max", 2.0) > 1 and not row.attrs.get("paused"),
    ),
)
