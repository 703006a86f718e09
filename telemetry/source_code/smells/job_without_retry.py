"""A job that is tried once: the first network error loses it. BullMQ's default is one attempt, Celery's none again.

https://docs.bullmq.io/guide/retrying-failing-jobs, https://docs.celeryq.dev/en/stable/userguide/tasks.html#retrying
"""

from collections.abc import Iterator

from telemetry.source_code.model import Function
from telemetry.source_code.services import http_library, is_llm, is_mail, is_stripe, job_of
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell, Verdict
from telemetry.source_code.smells.job_options import options_of
from telemetry.source_code.survey import Entry, Survey, is_script

_RETRIES = frozenset({"autoretry_for", "max_retries", "retry_backoff", "retry_kwargs"})


def check(survey: Survey) -> Iterator[Judged]:
    """Every job put into a BullMQ queue, and every Celery task that calls another system."""
    for file in survey.repository:
        for call in file.calls if not is_script(file.path) else ():
            job = job_of(survey.repository, call)
            if job is None or job.system != "bullmq":
                continue
            options = options_of(job)
            missing = [name for name in ("attempts", "backoff") if name not in options.names]
            if options.attempts == 1:
                missing = ["attempts"]
            verdict = CLEAR if not missing else HIT if options.known else UNKNOWN
            yield Judged(verdict, file, call.line, job.queue or call.name, {"system": "bullmq", "missing": missing})
    for function, entry in survey.tasks:
        answer = _celery(survey, function, entry)
        if answer is not None:
            attrs = {"system": "celery", "missing": ["retry"]}
            yield Judged(answer, function.file, function.line, function.name, attrs)


def _celery(survey: Survey, function: Function, entry: Entry) -> Verdict | None:
    calls = entry.calls
    if not any(
        http_library(call) or is_mail(call) or is_llm(call) or is_stripe(survey.repository, call) for call in calls
    ):
        return None
    set_options = {name for one in function.decorators for name in one.options}
    retried = bool(set_options & _RETRIES) or any(call.last == "retry" for call in calls)
    based = "base" in set_options or any(one.open for one in function.decorators)
    return CLEAR if retried else UNKNOWN if based else HIT


SMELL = Smell("job_without_retry", "a job that calls other systems is not tried again", check)
