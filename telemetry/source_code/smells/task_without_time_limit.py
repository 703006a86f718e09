"""Celery tasks that may run for ever: one that hangs takes its worker with it.

https://docs.celeryq.dev/en/stable/userguide/workers.html#time-limits
"""

from collections.abc import Iterator

from telemetry.source_code.facts.celery import names_set
from telemetry.source_code.smells.base import CLEAR, HIT, Judged, Smell
from telemetry.source_code.survey import Survey

_LIMITS = frozenset({"time_limit", "soft_time_limit"})


def check(survey: Survey) -> Iterator[Judged]:
    """Every task, unless the application limits all of them; one place for all tasks of a file."""
    limited = bool(names_set(survey.repository) & {"time_limit_s", "soft_time_limit_s"})
    seen: set[str] = set()
    for function, _ in survey.tasks:
        own = {name for one in function.decorators for name in one.options} & _LIMITS
        if limited or own:
            yield Judged(CLEAR, function.file, function.line, function.name, {"system": "celery"})
        elif function.file.path not in seen:
            seen.add(function.file.path)
            subject = f"{function.file.path}:{function.name}"
            yield Judged(HIT, function.file, function.line, subject, {"system": "celery"})


SMELL = Smell("task_without_time_limit", "Celery tasks have no time limit", check)
