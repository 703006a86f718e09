"""Graphile Worker: jobs counted by task as our query does, or rows of graphile_worker.jobs. Payloads are never read.

A job failed for good when its attempts are used up, and is worked on while it is locked
(https://worker.graphile.org/docs/error-handling, https://worker.graphile.org/docs/schema).
"""

from collections.abc import Mapping

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.pg_times import age_s, moment
from telemetry.parsers.pg_views import fields_of, is_view
from telemetry.parsers.queue_row import Carrier, QueueRow, Rows
from telemetry.parsers.readers import Row
from telemetry.parsers.table_dialects import open_table, sniff_table
from telemetry.source import Head, Source

SYSTEM = "graphile-worker"
QUERY = (
    "select task_identifier, count(*) filter (where locked_at is null and attempts < max_attempts and run_at <= now()) "
    "as waiting, count(*) filter (where locked_at is not null) as active, count(*) filter (where locked_at is null and "
    "attempts < max_attempts and run_at > now()) as delayed, count(*) filter (where attempts >= max_attempts and "
    "locked_at is null) as failed, extract(epoch from now() - min(run_at) filter (where locked_at is null and attempts "
    "< max_attempts and run_at <= now())) as oldest_age_s from graphile_worker.jobs group by 1"
)
HOW = f'Export with: psql --csv -c "{QUERY}" > graphile.csv'
COUNTED = ("task_identifier", "waiting", "active", "failed")
JOBS = ("task_identifier", "attempts", "max_attempts", "run_at", "locked_at")
_METRICS = ("waiting", "active", "delayed", "failed", "oldest_age_s")


def sniff(head: Head) -> bool:
    """Claim a table of counts by task, or of jobs, with Graphile Worker's names."""
    header = sniff_table(head)
    return is_view(header, COUNTED) or is_view(header, JOBS)


def read(source: Source) -> ParseResult:
    """One row a task; ParseError when no job stands in the file."""
    result, rows = ParseResult(), Rows()
    header, found = open_table(source, result, HOW, ("task_identifier", "last_error"))
    counted = is_view(header, COUNTED)
    for row in found:
        fields = fields_of(row, header)
        try:
            task = rows.of("queue.counts", fields["task_identifier"], system=SYSTEM)
            (_add_counts if counted else _add_job)(task, row, fields, result)
            result.records += 1
        except ValueError:
            readers.reject(row, result)
    result.carrier = SYSTEM
    result.evidence = rows.evidence()
    result.records_lines = result.lines - result.rejected - result.blank
    if not result.evidence:
        raise ParseError(f"No job of Graphile Worker was found. {HOW}", max(result.lines, 1))
    result.notes.append(
        "Done jobs are deleted by Graphile Worker: how many there were is not known. One moment, no rate."
    )
    if not counted and "captured_at" not in header.columns:
        result.notes.append("Jobs that are to start later count as waiting: the file does not say when it was made.")
    return result


def _add_counts(task: QueueRow, row: Row, fields: Mapping[str, str], result: ParseResult) -> None:
    numbers = {name: readers.number(fields.get(name, "")) for name in _METRICS}
    if all(value is None for value in numbers.values()) or any(
        value is not None and value < 0 for value in numbers.values()
    ):
        raise ValueError("no count")
    for metric, value in numbers.items():
        if value is not None:
            task.add(metric, value, readers.place(row.line, row.text, result))


def _add_job(task: QueueRow, row: Row, fields: Mapping[str, str], result: ParseResult) -> None:
    """One job; its line is quoted only as far as its task, since its error may name a person."""
    attempts, most = readers.whole(fields["attempts"]), readers.whole(fields["max_attempts"])
    if attempts is None or most is None:
        raise ValueError("no number of attempts")
    taken = moment(fields.get("captured_at", ""))
    starts = moment(fields["run_at"])
    at = row.text.find(fields["task_identifier"])
    place = readers.place(row.line, row.text[max(at, 0) : max(at, 0) + len(fields["task_identifier"])], result)
    if fields["locked_at"]:
        task.add("active", 1.0, place)
    elif attempts >= most:
        task.add("failed", 1.0, place)
    elif taken and starts and starts > taken:
        task.add("delayed", 1.0, place)
    else:
        task.add("waiting", 1.0, place)
        waited = age_s(fields["run_at"], taken)
        if waited is not None:
            task.put("oldest_age_s", max(waited, task.metrics.get("oldest_age_s", 0.0)), place)
    if attempts and not fields["locked_at"] and attempts < most:
        task.add("retrying", 1.0, place)


CARRIER = Carrier(SYSTEM, sniff, read)
