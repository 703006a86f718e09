"""A task may run longer than its message stays hidden: another worker then starts it again."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told

ALL = "celery"  # the row that holds the settings of all tasks


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Only with late acknowledgement does a message wait until its task is done."""
    settings = next((row for row in evidence.of("code.task") if row.subject == ALL), None)
    if settings is None or "visibility_timeout_s" not in settings.metrics:
        yield CannotTell("Celery's broker_transport_options with its visibility_timeout")
        return
    late = [row for row in evidence.of("code.task") if row.metrics.get("acks_late", settings.metrics.get("acks_late"))]
    limited = [row for row in late if "time_limit_s" in row.metrics]
    hidden = settings.metrics["visibility_timeout_s"]
    for row in {row.subject: row for row in limited}.values():
        if row.metrics["time_limit_s"] > threshold.value * hidden:
            yield _hit(row, settings, threshold.value)
    if late and settings not in limited:
        yield CannotTell("how long tasks run: most have no time limit")


def _hit(row: Evidence, settings: Evidence, factor: float) -> Hit:
    told = Told()
    name = "all Celery tasks" if row.subject == ALL else row.subject
    said = (
        f"{name} may run for {told(row, 'time_limit_s')}, and the broker hands a message to the next worker after "
        f"{told(settings, 'visibility_timeout_s')}: a long run is started a second time."
    )
    told.also(settings, "acks_late")
    return Hit(
        subject=Subject("task", name),
        title="Long tasks are started twice",
        said=said,
        cites=told.cites,
        limit=factor * settings.metrics["visibility_timeout_s"],
        snippet='app.conf.broker_transport_options = {"visibility_timeout": 7200}  # above the longest time_limit',
    )


RULE = Rule(
    id="QU059",
    slug="short-visibility",
    area="queues",
    mechanism="duplicate-delivery",
    title="Messages return before tasks may end",
    needs=(("code.task", "visibility_timeout_s"),),
    threshold=Threshold(
        1,
        "1",
        "A message that is not acknowledged within the visibility timeout is handed out again, so no task may run "
        "longer.",
        "Celery, Using Redis: visibility timeout",
    ),
    degradation=0.6,
    why="A long import or payout is begun a second time while the first still runs, and both finish.",
    fix=(
        "Set the visibility timeout above the longest time limit of any task, with room to spare.",
        "Set a time limit for all tasks, below it.",
        "Cut long tasks into parts, and make each harmless to repeat.",
    ),
    first_slice=FirstSlice("Raise the visibility timeout above the longest limit", 1),
    effort=Effort(0.125, 0.25, 0.5),
    removes=0.8,
    verify="A task that runs to its limit appears once in the worker's log.",
    rollback="Set the old timeout again.",
    references=(
        "Celery, Using Redis https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html",
    ),
    check=check,
)
