"""Tasks may run for ever."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.places import NEEDS_CODE, InAll

check = InAll(
    "task_without_time_limit",
    Subject("task", "all Celery tasks"),
    "Tasks may run for ever",
    "Celery sets no time limit for all tasks, and {hits} of {places} places with tasks set none of their own: one that "
    "hangs keeps its worker for good.",
    snippet="app.conf.task_time_limit = 300  # ends the process\napp.conf.task_soft_time_limit = 270  # raises in the "
    "task first",
)

RULE = Rule(
    id="QU056",
    slug="unlimited-tasks",
    area="queues",
    mechanism="long-jobs",
    title="Tasks have no time limit",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "One task that hangs takes one worker; as many as there are workers stop everything.",
        "Celery, Time limits",
    ),
    degradation=0.6,
    why="A partner that never answers takes one worker after the other, until no mail and no invoice is sent any more.",
    fix=(
        "Set a soft and a hard limit for all tasks, well above the longest that is expected.",
        "Give longer tasks limits of their own, in a queue of their own.",
        "Give every call to another system a timeout below the task's limit.",
    ),
    first_slice=FirstSlice("Set a soft and a hard limit for all tasks", 2),
    effort=Effort(0.125, 0.5, 1),
    removes=0.8,
    verify="A task that sleeps past the limit is ended and its worker takes the next one.",
    rollback="Remove the two settings.",
    references=("Celery, Time limits https://docs.celeryq.dev/en/stable/userguide/workers.html#time-limits",),
    check=check,
)
