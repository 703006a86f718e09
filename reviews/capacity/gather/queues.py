"""Queues: what arrives, what gets done, who works, and how long a job takes."""

from collections.abc import Iterator

from reviews.capacity.gather.base import by_subject, derived, measured
from reviews.capacity.inputs import Input
from telemetry.evidence import Evidence, EvidenceSet

PLAIN = ("waiting", "oldest_age_s", "failed_share", "workers", "slots", "in_per_s", "out_per_s")
WAITING = ("waiting", "active", "delayed")


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Of each queue its counts, and what happened between two of them."""
    changes = {row.subject: row for row in by_subject(evidence, "queue.counts.change", "window_s")}
    # Several files of one queue were put together before: what is here is the newest.
    counts = {row.subject: row for row in sorted(evidence.of("queue.counts"), key=lambda row: (row.subject, row.file))}
    for name, row in counts.items():
        for metric in PLAIN:
            yield from measured(f"queue.{name}.{metric}", row, metric)
        if "waiting_per_min" in row.metrics:
            yield from measured(f"queue.{name}.waiting_per_s", row, "waiting_per_min", 1 / 60)
        if name in changes:
            yield from _changed(name, changes[name])
        yield from _slots(evidence, name, row)
    yield from _tasks(evidence)


def _changed(name: str, row: Evidence) -> Iterator[Input]:
    """Jobs done, and jobs that arrived: those done, failed, and what waits more than before."""
    window = row.metrics["window_s"]
    if window <= 0 or "processed" not in row.metrics:
        return
    done = (row.metrics["processed"] + row.metrics.get("lifetime_failed", 0.0)) / window
    grown = sum(row.metrics.get(f"{metric}_change", 0.0) for metric in WAITING) / window
    yield from derived(f"queue.{name}.out_per_s", done, "jobs done or failed ÷ time", row, "processed")
    if done + grown >= 0:
        words = "(jobs done or failed + growth of what waits) ÷ time"
        yield from derived(f"queue.{name}.in_per_s", done + grown, words, row, "processed")
    yield from derived(f"queue.{name}.waiting_per_s", grown, "growth of what waits ÷ time", row, "processed")


def _slots(evidence: EvidenceSet, name: str, row: Evidence) -> Iterator[Input]:
    """Workers times the concurrency that the code sets for them."""
    settings = [
        entry
        for entry in evidence.having("code.queue", "concurrency")
        if entry.subject == name and entry.attrs.get("role") == "worker"
    ]
    if settings and "workers" in row.metrics:
        setting = min(settings, key=lambda entry: (entry.file, -entry.metrics["concurrency"]))
        slots = row.metrics["workers"] * setting.metrics["concurrency"]
        words = "workers × concurrency set in the code"
        yield from derived(f"queue.{name}.slots", slots, words, setting, "concurrency")


def _tasks(evidence: EvidenceSet) -> Iterator[Input]:
    """Mean time of a task where a queue has its name."""
    for kind in ("queue.task.change", "queue.task"):
        for row in by_subject(evidence, kind, "runs"):
            if row.metrics["runs"] > 0 and "runtime_s" in row.metrics:
                mean = row.metrics["runtime_s"] / row.metrics["runs"]
                yield from derived(f"queue.{row.subject}.run_s", mean, "time of all runs ÷ runs", row, "runtime_s")
