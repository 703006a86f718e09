"""Counts of BullMQ that were taken again and again: JSON records of a time and the counts of one queue, or of several.

What a team's own script writes every minute: one object a line or an array, each with a time, and either a queue with
its counts (beside the name, or in "counts") or "queues" by name.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.bullmq_counts import STATES
from telemetry.parsers.json_records import JsonRecord, first_records, records_of
from telemetry.parsers.queue_row import Carrier, Rows, is_count
from telemetry.parsers.queue_series import QueueSeries, moment
from telemetry.source import Head, Source

TIMES = ("time", "timestamp", "ts", "at", "date", "capturedAt", "captured_at", "sampledAt", "sampled_at")
NAMES = ("queue", "queueName", "queue_name", "name")
ALONE = ("workers", "oldest_age_s", "oldestAgeS")
HOW = 'Send one JSON object a line: {"time": "2026-03-01T09:00:00Z", "queue": "emails", "waiting": 3, "active": 1}.'


def sniff(head: Head) -> bool:
    """Claim records of a time and counts of a queue: two of them, or a list of such with several queues."""
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return False
    if head.quoted.isdisjoint(("waiting", "wait")) or head.quoted.isdisjoint(TIMES):
        return False
    known = [record for record in first_records(head) if _time(record) and any(True for _ in _queues(record))]
    listed = head.text.lstrip("\ufeff \t\r\n").startswith("[") and any("queues" in record for record in known)
    return len(known) >= 2 or listed


def read(source: Source) -> ParseResult:
    """One row a queue with its last counts, its peak and its growth; ParseError when no record counts a queue."""
    result = ParseResult(carrier="bullmq-history")
    found: dict[str, QueueSeries] = {}
    for record in records_of(source, result):
        at = _time(record.content)
        queues = list(_queues(record.content)) if at else []
        if not at or not queues:
            record.reject(result)
            continue
        result.records += 1
        for name, counts in queues:
            if name in found or len(found) < Rows.FOLLOWED:
                _add(found.setdefault(name, QueueSeries()), counts, at, record, result)
    rows = Rows()
    for name, series in found.items():
        series.put_into(rows.of("queue.counts", name, system="bullmq"), result)
    result.evidence = rows.evidence()
    if not result.evidence:
        raise ParseError(f"No record counts the jobs of a queue. {HOW}", 1)
    result.notes.append("Counts are those of the last record of a queue, peaks those of all records.")
    return result


def _time(content: Mapping[str, Any]) -> datetime | None:
    value = next((content[name] for name in TIMES if name in content), None)
    return None if value is None or isinstance(value, bool | dict | list) else moment(str(value))


def _queues(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(name, counts) of a record."""
    inside = content.get("queues")
    if isinstance(inside, dict):
        listed = list(inside.items())
    elif isinstance(inside, list):
        listed = [(_name(one), one) for one in inside if isinstance(one, dict)]
    else:
        listed = [(_name(content), content)]
    for name, queue in listed:
        counts = queue.get("counts", queue) if isinstance(queue, dict) else None
        if name and isinstance(counts, dict) and any(is_count(counts.get(state)) for state in STATES["waiting"]):
            yield str(name)[:120], {**{key: queue[key] for key in ALONE if key in queue}, **counts}


def _name(queue: Mapping[str, Any]) -> str:
    return next((str(queue[name]) for name in NAMES if isinstance(queue.get(name), str)), "")


def _add(series: QueueSeries, counts: Mapping[str, Any], at: datetime, record: JsonRecord, result: ParseResult) -> None:
    for metric, states in STATES.items():
        told = [(float(counts[state]), state) for state in states if is_count(counts.get(state))]
        if told:
            series.add(metric, at, sum(value for value, _ in told), record.quote(max(told)[1], result))
    for key in ALONE:
        if is_count(counts.get(key)):
            metric = "oldest_age_s" if key == "oldestAgeS" else key
            series.add(metric, at, float(counts[key]), record.quote(key, result))


CARRIER = Carrier("bullmq-history", sniff, read)
