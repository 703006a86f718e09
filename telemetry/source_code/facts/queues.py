"""BullMQ queues, jobs and workers with their options. https://api.docs.bullmq.io/interfaces/v5.DefaultJobOptions.html"""

from collections.abc import Iterator

from telemetry.source_code.facts.base import Fact, Numbers, number
from telemetry.source_code.model import Call, Table
from telemetry.source_code.services import job_of
from telemetry.source_code.survey import Survey, is_script

_MS = 0.001


def facts(survey: Survey) -> Iterator[Fact]:
    """Every `new Queue`, `new Worker` and `queue.add`."""
    for file in survey.repository:
        if is_script(file.path):
            continue
        for call in file.calls:
            found = file.imports.get(call.head)
            if call.new and call.last in ("Queue", "Worker") and found and found.module in ("bullmq", "bull"):
                yield _queue(call) if call.last == "Queue" else _worker(call)
            elif (job := job_of(survey.repository, call)) and job.system == "bullmq":
                numbers = Numbers()
                _options(call.table(2), numbers)
                name = call.text(0) or ""
                attrs = {"system": "bullmq", "role": "job", "job": name}
                yield Fact("code.queue", job.queue or call.name, numbers.metrics, file, call.line, attrs, numbers.lines)


def _queue(call: Call) -> Fact:
    numbers = Numbers()
    settings = call.table(1)
    default = call.file.settled(settings.get("defaultJobOptions")) if settings else None
    _options(default, numbers)
    attrs = {"system": "bullmq", "role": "queue"}
    subject = call.text(0) or call.target or "queue"
    return Fact("code.queue", subject, numbers.metrics, call.file, call.line, attrs, numbers.lines)


def _worker(call: Call) -> Fact:
    numbers = Numbers()
    settings = call.table(2)
    numbers.take(settings, "concurrency", "concurrency")
    numbers.take(settings, "lockDuration", "lock_s", _MS)
    limiter = settings.get("limiter") if settings else None
    numbers.take(limiter, "max", "rate_max")
    numbers.take(limiter, "duration", "rate_window_s", _MS)
    _kept(settings, numbers)
    attrs = {"system": "bullmq", "role": "worker"}
    subject = call.text(0) or call.target or "worker"
    return Fact("code.queue", subject, numbers.metrics, call.file, call.line, attrs, numbers.lines)


def _options(table: object, numbers: Numbers) -> None:
    numbers.take(table, "attempts", "attempts")
    if isinstance(table, Table):
        backoff = table.get("backoff")
        numbers.take(backoff, "delay", "backoff_s", _MS)
        if (plain := number(backoff)) is not None:
            numbers.put("backoff_s", plain * _MS, table.lines.get("backoff"))
    _kept(table, numbers)


def _kept(table: object, numbers: Numbers) -> None:
    """How many finished jobs stay: a number, { count }, or true, which keeps none."""
    if not isinstance(table, Table):
        return
    for option, metric in (("removeOnComplete", "keeps_completed"), ("removeOnFail", "keeps_failed")):
        value, line = table.get(option), table.lines.get(option)
        if value is True:
            numbers.put(metric, 0.0, line)
        elif (plain := number(value)) is not None:
            numbers.put(metric, plain, line)
        elif isinstance(value, Table) and (count := number(value.get("count"))) is not None:
            numbers.put(metric, count, line)
