"""Queues: what arrives, what gets done, who works, and how long a job takes.

What arrives and what is done are jobs, each counted once however often it is tried: BullMQ and Flower count a job when
it ends, one that is to be tried again waits as delayed meanwhile. A broker counts messages: see `_published`.
"""

import math
from collections.abc import Iterator
from functools import partial

from reviews.capacity.formulas.operational import service_time
from reviews.capacity.gather.base import by_subject, computed, derived, measured
from reviews.capacity.inputs import Input, Inputs
from reviews.capacity.repeats import tried_keys, tries_of
from telemetry.evidence import Evidence, EvidenceSet

PLAIN = ("waiting", "oldest_age_s", "failed_share", "workers", "slots", "out_per_s")
WAITING = ("waiting", "active", "delayed", "retrying")


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Of each queue its counts, and what happened between two of them."""
    changes = {row.subject: row for row in by_subject(evidence, "queue.counts.change", "window_s")}
    # Several files of one queue were put together before: what is here is the newest.
    counts = {row.subject: row for row in sorted(evidence.of("queue.counts"), key=lambda row: (row.subject, row.file))}
    tries = list(_tries(evidence))
    for name, row in counts.items():
        for metric in PLAIN:
            if metric != "oldest_age_s" or not row.attrs.get("age_of"):  # the age of one of several queues
                yield from measured(f"queue.{name}.{metric}", row, metric)
        yield from _published(name, row, Inputs(tries))
        if "waiting_per_min" in row.metrics:
            yield from measured(f"queue.{name}.waiting_per_s", row, "waiting_per_min", 1 / 60)
        if name in changes:
            yield from _changed(name, changes[name])
        yield from _slots(evidence, name, row)
    yield from _tasks(evidence)
    yield from tries


def _published(name: str, row: Evidence, tries: Inputs) -> Iterator[Input]:
    """Jobs that arrive at a broker, of the messages it counts.

    Celery sends a new message for each try (https://docs.celeryq.dev/en/stable/userguide/tasks.html#retrying), so that
    where tries of this name are known, messages are tries.
    """
    key, tried = f"queue.{name}.in_per_s", tried_keys(tries, name)
    if not tried or "in_per_s" not in row.metrics:
        yield from measured(key, row, "in_per_s")
        return
    once = tries_of(*(entry.value for part in tried if (entry := tries.get(part))))
    words = "messages published ÷ tries of a job, each of which is a message"
    yield from derived(key, row.metrics["in_per_s"] / once, words, row, "in_per_s")


def _changed(name: str, row: Evidence) -> Iterator[Input]:
    """Jobs done, and jobs that arrived: those done, failed, and what waits more than before."""
    window = row.metrics["window_s"]
    counted, ended = _ended(row)
    if window <= 0 or not counted:
        return
    done = ended / window
    grown = sum(row.metrics.get(f"{metric}_change", 0.0) for metric in WAITING) / window
    yield from derived(f"queue.{name}.out_per_s", done, "jobs done or failed ÷ time", row, counted)
    if done + grown >= 0:
        words = "(jobs done or failed + growth of what waits) ÷ time"
        yield from derived(f"queue.{name}.in_per_s", done + grown, words, row, counted)
    yield from derived(f"queue.{name}.waiting_per_s", grown, "growth of what waits ÷ time", row, counted)


def _ended(row: Evidence) -> tuple[str, float]:
    """(metric, jobs that ended): done and failed for good; of tries, as Sidekiq counts them, those that did not fail.

    A try that failed waits to be tried again, or lies in the dead set: both are among the levels. "" where neither
    is counted.
    """
    numbers = row.metrics
    if "processed" in numbers:
        return "processed", numbers["processed"] + numbers.get("lifetime_failed", 0.0)
    if {"attempts", "failed_attempts"} <= set(numbers):
        dead = numbers.get("failed_change", 0.0)
        return "attempts", numbers["attempts"] - numbers["failed_attempts"] + max(dead, 0.0)
    return "", 0.0


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
                mean = partial(service_time, row.metrics["runtime_s"], row.metrics["runs"])
                yield from computed(f"queue.{row.subject}.run_s", mean, "time of all runs ÷ runs", row, "runtime_s")


def _tries(evidence: EvidenceSet) -> Iterator[Input]:
    """Of queues and tasks that were counted: the share of tries that fail, and how many the code allows for a job."""
    counts = evidence.of("queue.counts")
    tasks = list(evidence.having("queue.task", "runs", "succeeded", "failed", "retried"))
    for row in counts:
        yield from _failing(row, ("failed_attempts",), ("attempts",))
    for row in tasks:
        yield from _failing(row, ("retried", "failed"), ("succeeded", "failed", "retried"))
    known = {row.subject for row in [*counts, *tasks]}
    for row in by_subject(evidence, "code.queue", "attempts"):
        if row.subject in known:
            yield from measured(f"queue.{row.subject}.tries", row, "attempts", words="measured: set in the code")
    for row in by_subject(evidence, "code.task", "max_retries"):
        if row.subject in known:
            tries = row.metrics["max_retries"] + 1
            yield from derived(f"queue.{row.subject}.tries", tries, "retries set in the code + 1", row, "max_retries")


def _failing(row: Evidence, failed: tuple[str, ...], tried: tuple[str, ...]) -> Iterator[Input]:
    """Tries that failed over all tries, where the row counts both."""
    if {*failed, *tried} <= set(row.metrics):
        bad, every = (math.fsum(row.metrics[name] for name in names) for names in (failed, tried))
        if 0 <= bad <= every and every > 0:
            words = "tries that failed ÷ all tries"
            yield from derived(f"queue.{row.subject}.tries_failed_share", bad / every, words, row, failed[0])
