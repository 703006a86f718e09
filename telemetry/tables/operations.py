"""Incidents and counts of queues over time."""

from collections.abc import Iterator
from datetime import UTC, datetime

from telemetry.evidence import ParseResult
from telemetry.parsers.incidents_evidence import Incident, Incidents
from telemetry.parsers.ops_values import severity_of
from telemetry.parsers.queue_row import Rows
from telemetry.parsers.queue_series import QueueSeries
from telemetry.tables.base import Field, Options, Record, Target

_DONE = frozenset({"resolved", "closed", "completed", "done", "fixed"})
COUNTS = ("waiting", "active", "delayed", "completed", "failed", "workers", "oldest_age_s")


def fold_incidents(records: Iterator[Record], options: Options, result: ParseResult) -> None:
    """One row an incident and a component, and one for all, as of a known tool's export."""
    incidents = Incidents(result)
    for record in records:
        resolved, duration = record.time("resolved"), record.number("duration")
        incidents.add(
            Incident(
                number=record.text("number")[:80] or f"line {record.line}",
                component=record.text("component")[:120] or "unknown",
                severity=severity_of(record.text("severity")),
                started=record.time("started"),
                resolved=resolved,
                is_open=resolved is None and duration is None and record.text("status").lower() not in _DONE,
                place=record.place,
                ack_s=record.number("ack"),
                duration_s=duration,
            )
        )
    if incidents.count:
        incidents.finish()


INCIDENTS = Target(
    id="incidents",
    title="Incidents",
    enables="How long incidents take to end, and which components fail again and again",
    format="incidents",
    kinds=("ops.incident", "ops.component"),
    fields=(
        Field(
            "started", "Start", "time",
            "started at, start time, started, start, opened at, opened, created at, created, began, "
            "detected, date, beginn",
            required=True,
        ),
        Field(
            "resolved", "End", "time",
            "resolved at, resolved, end time, ended at, ended, end, closed at, closed, recovered, "
            "ende",
        ),
        Field("duration", "How long it took", "s", "duration, time to resolve, ttr, downtime, outage, dauer"),
        Field("ack", "Until somebody answered", "s", "time to acknowledge, tta, time to ack"),
        Field("severity", "Severity", "text", "severity, priority, sev, urgency, impact, level"),
        Field("component", "Component", "text", "component, service, system, affected, area, team, application, where"),
        Field("status", "Status", "text", "status, state"),
        Field("number", "Number", "text", "incident, incident number, number, ticket, key, id, ref"),
    ),
    fold=fold_incidents,
    zoned=False,
)  # fmt: skip


Point = tuple[datetime, float, Record]


def fold_queues(records: Iterator[Record], options: Options, result: ParseResult) -> None:
    """One row a queue: its last counts, the peak of what waits and how fast it grows."""
    found: dict[str, dict[str, list[Point]]] = {}
    unzoned, lost = False, 0
    for record in records:
        at = record.time("time")
        if at is None:
            continue
        unzoned = unzoned or at.tzinfo is None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        name = record.text("queue")[:120] or options.name or "queue"
        if name not in found and len(found) >= Rows.FOLLOWED:
            lost += 1
            continue
        for metric in COUNTS:
            value = record.number(metric)
            if value is not None:
                _keep(found.setdefault(name, {}), metric, (at, value, record))
    rows = Rows()
    for name, metrics in found.items():
        series = QueueSeries()
        for metric, points in metrics.items():
            for at, value, record in points:
                series.add(metric, at, value, record.place)
        series.put_into(rows.of("queue.counts", name), result)
    if lost:
        result.notes.append(f"{lost:,} rows are of queues beyond {Rows.FOLLOWED:,}: they are in no number.")
    result.evidence = rows.evidence()
    if unzoned:
        result.first = result.last = None
    for metric in COUNTS[:-1]:
        values = [row.metrics[metric] for row in result.evidence if metric in row.metrics]
        if values:
            result.totals[metric] = int(sum(values))


def _keep(metrics: dict[str, list[Point]], metric: str, point: Point) -> None:
    """Of all points only three are quoted: the first, the highest and the last."""
    kept = metrics.get(metric)
    if kept is None:
        metrics[metric] = [point, point, point]
        return
    if point[0] < kept[0][0]:
        kept[0] = point
    if point[1] > kept[1][1]:
        kept[1] = point
    if point[0] >= kept[2][0]:
        kept[2] = point


QUEUES = Target(
    id="queues",
    title="Counts of queues over time",
    enables="Jobs that wait while nobody works, and how fast a queue grows",
    format="queue-counts",
    kinds=("queue.counts",),
    fields=(
        Field("time", "Time", "time", "time, timestamp, date, at, captured at, minute", required=True),
        Field("queue", "Queue", "text", "queue name, queue, topic, stream, job type, name"),
        Field(
            "waiting", "Waiting", "count",
            "waiting, ready, pending, queued, depth, backlog, messages visible, queue length, lag, "
            "enqueued",
        ),
        Field("active", "In work", "count", "active, running, in flight, unacked, processing, reserved"),
        Field("delayed", "Delayed", "count", "delayed, scheduled"),
        Field("completed", "Done", "count", "completed, done, succeeded, processed"),
        Field("failed", "Failed", "count", "failed, dead, errors, failures"),
        Field("workers", "Workers", "count", "workers, consumers, concurrency"),
        Field("oldest_age_s", "Age of the oldest", "s", "oldest age, oldest message, age, latency, wait"),
    ),
    fold=fold_queues,
    one_of=COUNTS,
    named="Name of the queue, where no column names it",
    notes=("Counts are those of the last line of a queue, peaks those of all lines.",),
)  # fmt: skip
