"""Metrics of BullMQ (exportPrometheusMetrics) and of Flower in the Prometheus text format.

BullMQ: https://docs.bullmq.io/guide/metrics/prometheus. Flower: https://flower.readthedocs.io/en/latest/prometheus-integration.html
"""

import re

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.queue_names import QUEUE_METRICS, is_queue_exposition
from telemetry.parsers.queue_row import Carrier, Rows
from telemetry.source import Head, Source

_SAMPLE = re.compile(r"([A-Za-z_:][\w:]*)(?:\{(.*)\})? +(\S+)(?: +-?\d+)?\Z")
_LABEL = re.compile(r'(?<!\w)([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"')
_STATES = {
    "waiting": "waiting",
    "prioritized": "waiting",
    "active": "active",
    "delayed": "delayed",
    "paused": "paused",
    "completed": "completed",
    "failed": "failed",
}
_TOTALS = {"bullmq_job_completed_total": "processed", "bullmq_job_failed_total": "lifetime_failed"}
_EVENTS = {
    "task-received": "received",
    "task-succeeded": "succeeded",
    "task-failed": "failed",
    "task-retried": "retried",
}
_RUNTIME = {"flower_task_runtime_seconds_sum": "runtime_s", "flower_task_runtime_seconds_count": "runs"}
CELERY = "celery"  # Flower sees workers and tasks, not queues; it is named after Celery's default queue


def sniff(head: Head) -> bool:
    """Claim text with metrics of BullMQ or Flower; a JSON document that quotes one is none."""
    return head.text.lstrip("\ufeff \r\n")[:1] not in ("{", "[") and is_queue_exposition(head.text)


def read(source: Source) -> ParseResult:
    """One row a queue of BullMQ; for Flower one for the workers and one a task."""
    result = ParseResult()
    rows, others = Rows(), 0
    for result.lines, raw in source.lines():
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff").strip()
        sample = _SAMPLE.match(line)
        if not line:
            result.blank += 1
        elif line.startswith("#"):
            result.records_lines += 1
        elif sample is None or (value := _value(sample[3])) is None:
            readers.reject_line(result.lines, line, result)
        else:
            result.records_lines += 1
            result.records += 1
            others += not sample[1].startswith(QUEUE_METRICS)
            place = readers.place(result.lines, line, result)
            _add(sample[1], dict(_LABEL.findall(sample[2] or "")), value, place, rows)
    result.evidence = rows.evidence()
    if not result.evidence:
        raise ParseError("No count of jobs or tasks is in these metrics. Export them while the queue is in use.", 1)
    flower = any(row.kind == "queue.task" or row.attrs.get("system") == CELERY for row in result.evidence)
    result.carrier = "flower" if flower else "bullmq-prometheus"
    if others:
        result.notes.append(f"{others:,} samples of other metrics in this file are not read.")
    if flower:
        result.notes.append("Flower counts from its own start, and does not see tasks that wait in the broker.")
    return result


def _value(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value and abs(value) < 2**63 else None


def _add(name: str, labels: dict[str, str], value: float, place: Place, rows: Rows) -> None:
    """Put one sample where it belongs; what says nothing about work is passed over."""
    if name.startswith("bullmq_"):
        row = rows.of("queue.counts", labels.get("queue", "queue"), system="bullmq")
        if name == "bullmq_job_count" and (metric := _STATES.get(labels.get("state", ""))):
            row.add(metric, value, place)
            row.share_failed()
        elif name in _TOTALS:
            row.put(_TOTALS[name], value, place)
        return
    workers = rows.of("queue.counts", CELERY, system=CELERY)
    task = rows.of("queue.task", labels.get("task", "task"))
    if name == "flower_worker_online":
        workers.add("workers", value, place)
    elif name == "flower_worker_number_of_currently_executing_tasks":
        workers.add("active", value, place)
    elif name == "flower_worker_prefetched_tasks":
        workers.add("waiting", value, place)
    elif name == "flower_events_total" and (event := _EVENTS.get(labels.get("type", ""))):
        task.add(event, value, place)
        if event in ("succeeded", "failed"):
            workers.add("processed" if event == "succeeded" else "lifetime_failed", value, place)
    elif name in _RUNTIME:
        task.add(_RUNTIME[name], value, place)


CARRIER = Carrier("queue metrics", sniff, read)
