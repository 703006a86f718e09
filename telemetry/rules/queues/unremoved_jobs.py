"""The code never removes finished jobs."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.places import NEEDS_CODE, Places

check = Places(
    "job_without_removal",
    "queue",
    "{name} never removes finished jobs",
    "Finished jobs of {name} stay in Redis for ever: neither the queue, the job nor its worker sets {missing}.",
    touches="queues",
    snippet="new Queue(name, {\n  connection,\n  defaultJobOptions: { removeOnComplete: { count: 1000 }, removeOnFail: "
    "{ count: 5000 } },\n});",
)

RULE = Rule(
    id="QU055",
    slug="unremoved-jobs",
    area="queues",
    mechanism="unbounded-retention",
    title="Finished jobs are never removed",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "BullMQ keeps every finished job unless it is told not to.",
        "BullMQ, Auto-removal of jobs",
    ),
    degradation=0.3,
    why="Redis fills with jobs that nobody needs. At its limit it refuses new ones, or drops those that wait.",
    fix=(
        "Keep the last thousand done and the last five thousand failed jobs.",
        "Clean the queue once of what is there, in steps.",
        "Watch Redis' memory after the change.",
    ),
    first_slice=FirstSlice("Set removeOnComplete and removeOnFail on the queue", 2),
    effort=Effort(0.125, 0.25, 0.5),
    removes=0.9,
    verify="The counts of completed and failed jobs stay at their limits.",
    rollback="Remove the two options; jobs are kept again.",
    references=("BullMQ, Auto-removal of jobs https://docs.bullmq.io/guide/queues/auto-removal-of-jobs",),
    check=check,
)
