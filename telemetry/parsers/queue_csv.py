"""Queues as CSV: a time series of ours (time, queue, waiting, ...) and jobs by state as pg-boss keeps them in SQL.

pg-boss: https://github.com/timgit/pg-boss; jobs in pgboss.job are created, retry, active, completed, cancelled, failed.
"""

from datetime import UTC, datetime

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.queue_row import Carrier, Rows
from telemetry.parsers.queue_series import QueueSeries, moment
from telemetry.parsers.readers import Header, Row
from telemetry.source import Head, Source

COUNTS = ("waiting", "active", "delayed", "completed", "failed", "workers", "oldest_age_s")
BOSS = "pg-boss"
STATES = {"created": "waiting", "retry": "retrying", "active": "active", "completed": "completed", "failed": "failed"}
BOSS_STATES = frozenset([*STATES, "cancelled", "expired", "blocked"])
QUERY = (
    "select name, state, count(*) as count, min(created_on) as oldest, now() as captured_at "
    "from pgboss.job group by name, state"
)
# What teams call the columns in what their own scripts write.
NAMES = {
    "time": ("time", "timestamp", "ts", "captured_at", "sampled_at", "datetime", "date", "minute"),
    "queue": ("queue", "queue_name", "queuename"),
    "waiting": ("waiting", "wait", "depth", "queue_depth", "ready", "pending", "messages_ready", "queued", "backlog"),
    "active": ("active", "running", "processing", "in_flight", "unacked", "messages_unacknowledged"),
    "delayed": ("delayed", "scheduled"),
    "completed": ("completed",),
    "failed": ("failed",),
    "workers": ("workers", "consumers", "worker_count"),
    "oldest_age_s": ("oldest_age_s", "oldest_job_age_s", "oldest_age_seconds", "oldest_job_age_seconds", "oldest_s"),
}
HOW = "Send CSV with the columns time,queue,waiting,active,delayed,completed,failed,workers,oldest_age_s."
BOSS_HOW = f'Export with: psql --csv -c "{QUERY}" > pgboss.csv'


def sniff_series(head: Head) -> bool:
    """Claim a header with time, queue and what waits, by one of their usual names."""
    header = readers.sniff_header(head)
    return header is not None and all(header.find(NAMES[name]) is not None for name in ("time", "queue", "waiting"))


def sniff_boss(head: Head) -> bool:
    """Claim a header with name and state, and a state of pg-boss in the first row."""
    header = readers.sniff_header(head)
    if header is None or not {"name", "state"} <= set(header.columns):
        return False
    if not {"count", "created_on", "createdon"} & set(header.columns):
        return False
    rows = [line.split(header.delimiter) for line in head.whole_lines if line.strip()][1:2]
    return not rows or bool(BOSS_STATES & {cell.strip('" ') for cell in rows[0]})


def read_series(source: Source) -> ParseResult:
    """One row a queue; ParseError when no line holds a count."""
    result = ParseResult(carrier="csv")
    header, rows = readers.open_csv(source, result, HOW)
    found: dict[str, QueueSeries] = {}
    unzoned = lost = 0
    clock, named = header.find(NAMES["time"]) or 0, header.find(NAMES["queue"]) or 0
    for row in rows:
        try:
            at = _moment(row.fields[clock])
            numbers = _numbers(header, row)
        except ValueError:
            readers.reject(row, result)
            continue
        unzoned += at is None
        if at is None:
            at = datetime.fromisoformat(row.fields[clock].strip()).replace(tzinfo=UTC)
        name = row.fields[named].strip()[:120] or "queue"
        result.records += 1
        if name not in found and len(found) >= Rows.FOLLOWED:
            lost += 1
            continue
        series = found.setdefault(name, QueueSeries())
        place = readers.place(row.line, row.text, result)
        for metric, value in numbers.items():
            series.add(metric, at, value, place)
    if lost:
        result.notes.append(f"{lost:,} lines are of queues beyond {Rows.FOLLOWED:,}: they are in no number.")
    _finish_series(found, unzoned, result)
    return result


def _finish_series(found: dict[str, QueueSeries], unzoned: int, result: ParseResult) -> None:
    rows = Rows()
    for name, series in found.items():
        series.put_into(rows.of("queue.counts", name), result)
    result.evidence = rows.evidence()
    result.records_lines = result.lines - result.rejected - result.blank
    if not result.evidence:
        raise ParseError(f"No line holds a count of a queue. {HOW}", result.lines)
    if unzoned:
        result.first = result.last = None
        result.notes.append(f"{unzoned:,} times have no zone: when this was is not known, only how long it took.")
    result.notes.append("Counts are those of the last line of a queue, peaks those of all lines.")


def _moment(text: str) -> datetime | None:
    """A moment; None for one without a zone. ValueError when it is none."""
    at = moment(text)
    if at is None:
        datetime.fromisoformat(text.strip())
    return at


def _numbers(header: Header, row: Row) -> dict[str, float]:
    """The counts of a line; ValueError when one is no number, or none is given."""
    found: dict[str, float] = {}
    for name in COUNTS:
        at = header.find(NAMES[name])
        value = None if at is None else readers.number(row.fields[at], header.delimiter)
        if value is not None:
            if value < 0:
                raise ValueError(f"{name} is below zero")
            found[name] = value
    if not found:
        raise ValueError("no count")
    return found


def read_boss(source: Source) -> ParseResult:
    """One row a queue, from jobs or from counts of jobs by state; ParseError when there is none."""
    result = ParseResult(carrier=BOSS)
    header, lines = readers.open_csv(source, result, BOSS_HOW)
    rows = Rows()
    name, state, count = header.columns.index("name"), header.columns.index("state"), header.find(["count"])
    for row in lines:
        kind = row.fields[state].strip().lower()
        try:
            number = 1.0 if count is None else readers.whole(row.fields[count], header.delimiter)
        except ValueError:
            number = None
        if kind not in BOSS_STATES or number is None:
            result.reject(row.line, _place(row, count is not None, result).quote)
            result.rejected += row.span - 1
            continue
        result.records += 1
        if kind in STATES:
            place = _place(row, count is not None, result)
            queue = rows.of("queue.counts", row.fields[name].strip(), system=BOSS)
            queue.add(STATES[kind], number, place)
            queue.share_failed()
            if kind == "created" and (age := _age(header, row)) is not None:
                queue.put("oldest_age_s", max(age, queue.metrics.get("oldest_age_s", 0.0)), place)
    result.evidence = rows.evidence()
    result.records_lines = result.lines - result.rejected - result.blank
    if not result.evidence:
        raise ParseError(f"No job of pg-boss was found. {BOSS_HOW}", result.lines)
    result.notes.append("Jobs that are to start later count as waiting; done ones count only as long as they are kept.")
    return result


def _place(row: Row, counted: bool, result: ParseResult) -> Place:
    """The line of a count; of a job only as far as its state, because its data follow."""
    text = row.text if counted else row.text[:60].split("{")[0]
    return readers.place(row.line, text, result)


def _age(header: Header, row: Row) -> float | None:
    """Seconds that the oldest job waits, where both moments are given."""
    oldest, captured = header.find(["oldest"]), header.find(["captured_at"])
    if oldest is None or captured is None:
        return None
    start, end = moment(_offset(row.fields[oldest])), moment(_offset(row.fields[captured]))
    return (end - start).total_seconds() if start and end and end >= start else None


def _offset(text: str) -> str:
    """A moment as psql prints it ("+00" for the offset) in the form that ISO 8601 knows."""
    text = text.strip()
    return text + ":00" if len(text) > 3 and text[-3] in "+-" and text[-2:].isdigit() else text


SERIES = Carrier("csv", sniff_series, read_series)
PG_BOSS = Carrier(BOSS, sniff_boss, read_boss)
