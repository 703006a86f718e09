"""Short and long tasks share one queue."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown
from telemetry.rules.queue_use import mean_s

SHORT_S = 1.0
ENOUGH_LONG, ENOUGH_SHORT = 10, 100
LATE_S = 60.0


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One queue, tasks of ten seconds and of less than one; it hurts when the short ones were seen to wait."""
    queues = {row.subject for row in evidence.of("queue.counts")}
    tasks = [(row, mean) for row in evidence.having("queue.task", "runs", "runtime_s") if (mean := mean_s(row))]
    long = [one for one in tasks if one[1] > threshold.value and one[0].metrics["runs"] >= ENOUGH_LONG]
    short = [one for one in tasks if one[1] < SHORT_S and one[0].metrics["runs"] >= ENOUGH_SHORT]
    if not long or not short or len(queues) > 1:
        return
    if not queues:
        yield CannotTell("the queues' names and counts: whether these tasks share one")
        return
    slow, quick = max(long, key=lambda one: one[1])[0], max(short, key=lambda one: one[0].metrics["runs"])[0]
    limit = threshold.value * slow.metrics["runs"]
    told, name = Told(), next(iter(queues))
    said = (
        f"{slow.subject} took {told(slow, 'runtime_s')} in {told(slow, 'runs')} runs (limit {shown(limit, 's')}), and "
    )
    said += f"{told(quick, 'runs')} short runs of {quick.subject} stand in the same queue"
    late = quick.metrics.get("wait_max_s", 0.0) > LATE_S
    if late:
        said += f"; one of them waited {told(quick, 'wait_max_s')}"
    told.also(quick, "runtime_s")
    yield Hit(
        subject=Subject("queue", name),
        title="Short tasks queue behind long ones",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=late,
        queues=(name,),
        snippet="# Celery: long tasks go to a queue with workers of its own\n"
        'task_routes = {"reports.*": {"queue": "long"}}\n# celery -A app worker -Q long --concurrency=2',
    )


RULE = Rule(
    id="QU029",
    slug="one-queue-for-all",
    area="queues",
    mechanism="backlog",
    title="Short tasks queue behind long ones",
    needs=(("queue.task", "runtime_s"), ("queue.task", "runs")),
    threshold=Threshold(
        10,
        "s",
        "A task of ten seconds in front of one that takes less than one: a handful of them makes a person wait.",
        "House limit; Celery, Optimizing (route long tasks to workers of their own)",
    ),
    degradation=0.3,
    why="A mail that takes a second stands in line behind reports that take minutes. When several come at once, "
    "every mail is late.",
    fix=(
        "Route tasks of more than ten seconds to a queue of their own.",
        "Give each queue workers and a concurrency of its own.",
        "Set a promise for each queue (a minute, an hour), and alert on its oldest job.",
    ),
    first_slice=FirstSlice("Route the longest task to its own queue", 3),
    effort=Effort(0.25, 0.75, 1.5),
    removes=0.8,
    verify="Short tasks wait for less than ten seconds while a long one runs.",
    rollback="Remove the route; one worker may read both queues.",
    references=("Celery, Optimizing https://docs.celeryq.dev/en/stable/userguide/optimizing.html",),
    check=check,
)
