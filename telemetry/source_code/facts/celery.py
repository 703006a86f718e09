"""Celery: the settings of all tasks, wherever they are written, and those of single ones.

https://docs.celeryq.dev/en/stable/userguide/configuration.html
"""

from collections.abc import Iterator

from telemetry.source_code.facts.base import Fact, number
from telemetry.source_code.model import Function, SourceFile, Table
from telemetry.source_code.repo import Repository
from telemetry.source_code.survey import Survey

_SETTINGS = {
    "task_acks_late": "acks_late",
    "task_time_limit": "time_limit_s",
    "task_soft_time_limit": "soft_time_limit_s",
    "worker_prefetch_multiplier": "prefetch",
    "worker_concurrency": "concurrency",
    "result_expires": "result_expires_s",
}
_OLD = {
    "CELERYD_TASK_TIME_LIMIT": "time_limit_s",
    "CELERYD_TASK_SOFT_TIME_LIMIT": "soft_time_limit_s",
    "CELERY_ACKS_LATE": "acks_late",
    "CELERYD_PREFETCH_MULTIPLIER": "prefetch",
    "CELERYD_CONCURRENCY": "concurrency",
    "CELERY_TASK_RESULT_EXPIRES": "result_expires_s",
}
_TASK = {
    "acks_late": "acks_late",
    "time_limit": "time_limit_s",
    "soft_time_limit": "soft_time_limit_s",
    "max_retries": "max_retries",
}

Setting = tuple[float, SourceFile, int]


def settings_of(repository: Repository) -> dict[str, Setting]:
    """Metric -> (value, file, line), from Django's settings, `app.conf.x = ..`, `app.conf.update(..)`, celeryconfig."""
    found: dict[str, Setting] = {}
    for file in repository:
        if file.language != "python":
            continue
        for name, value in file.values.items():
            metric = _metric(name, file)
            if metric and (known := _value(value)) is not None:
                found.setdefault(metric, (known, file, file.value_lines[name]))
        for call in file.calls:
            if call.name.endswith("conf.update"):
                table = call.table(0) or Table()
                for name, value in {**table, **call.options}.items():
                    if name in _SETTINGS and (known := _value(value)) is not None:
                        found.setdefault(_SETTINGS[name], (known, file, call.line))
        transport = next((v for n, v in file.values.items() if n.lower().endswith("broker_transport_options")), None)
        if isinstance(transport, Table) and (known := number(transport.get("visibility_timeout"))) is not None:
            line = transport.lines.get("visibility_timeout", 1)
            found.setdefault("visibility_timeout_s", (known, file, line))
    return found


def names_set(repository: Repository) -> set[str]:
    """Metrics that a setting names with any value but None: a limit may be computed, and is one all the same."""
    found: set[str] = set()
    for file in (file for file in repository if file.language == "python"):
        found |= {
            metric for name, value in file.values.items() if value is not None and (metric := _metric(name, file))
        }
        for call in (call for call in file.calls if call.name.endswith("conf.update")):
            options = {**(call.table(0) or {}), **call.options}
            found |= {_SETTINGS[name] for name, value in options.items() if name in _SETTINGS and value is not None}
    return found


def _metric(name: str, file: SourceFile) -> str | None:
    if name in _OLD:
        return _OLD[name]
    if name.startswith("CELERY_"):
        return _SETTINGS.get(name[7:].lower())
    if ".conf." in name:
        return _SETTINGS.get(name.rpartition(".")[2])
    return _SETTINGS.get(name) if "celery" in file.path.lower() else None


def _value(value: object) -> float | None:
    return float(value) if isinstance(value, bool) else number(value)


def facts(survey: Survey) -> Iterator[Fact]:
    """One row for the settings of all tasks, one for each task."""
    settings = settings_of(survey.repository)
    if settings:
        _, file, line = next(iter(settings.values()))
        here = {name: one for name, one in settings.items() if one[1] is file}
        metrics = {name: one[0] for name, one in settings.items()}
        lines = {name: one[2] for name, one in here.items()}
        yield Fact("code.task", "celery", metrics, file, line, {"system": "celery"}, lines)
    for function, _ in survey.tasks:
        yield _task(function)


def _task(function: Function) -> Fact:
    metrics: dict[str, float] = {}
    attrs: dict[str, object] = {"system": "celery"}
    for one in function.decorators:
        for name, metric in _TASK.items():
            if (known := _value(one.options.get(name))) is not None:
                metrics[metric] = known
        if {"autoretry_for", "retry_backoff"} & set(one.options):
            metrics["retries"] = 1.0
        if isinstance(queue := one.options.get("queue"), str):
            attrs["queue"] = queue
    if any(call.name == "self.retry" for call in function.file.calls_of(function)):
        metrics["retries"] = 1.0
    return Fact("code.task", function.name, metrics, function.file, function.line, attrs)
