"""Finished jobs that are kept for ever: Redis fills with them. https://docs.bullmq.io/guide/queues/auto-removal-of-jobs"""

from collections.abc import Iterator

from telemetry.source_code.services import job_of
from telemetry.source_code.smells.base import CLEAR, HIT, UNKNOWN, Judged, Smell
from telemetry.source_code.smells.job_options import options_of
from telemetry.source_code.survey import Survey, is_script

_REMOVALS = ("removeOnComplete", "removeOnFail")


def check(survey: Survey) -> Iterator[Judged]:
    """Every job put into a BullMQ queue; a worker may remove what it has done as well."""
    removing = {
        call.text(0)
        for file in survey.repository
        for call in file.calls
        if call.new and call.last == "Worker" and (table := call.table(2)) and set(_REMOVALS) & set(table)
    }
    for file in survey.repository:
        for call in file.calls if not is_script(file.path) else ():
            job = job_of(survey.repository, call)
            if job is None or job.system != "bullmq":
                continue
            options = options_of(job)
            missing = [name for name in _REMOVALS if name not in options.names]
            removed = not missing or (job.queue in removing and job.queue != "")
            verdict = CLEAR if removed else HIT if options.known else UNKNOWN
            yield Judged(verdict, file, call.line, job.queue or call.name, {"system": "bullmq", "missing": missing})


SMELL = Smell("job_without_removal", "finished jobs of a queue are kept for ever", check)
