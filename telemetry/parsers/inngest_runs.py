"""Runs of Inngest functions as CSV: run_id, function_id, status, queued_at, started_at, ended_at.

Statuses: https://www.inngest.com/docs/platform/monitor/inspecting-function-runs. Times need a zone, or are unix times.
"""

from datetime import datetime

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.queue_row import Carrier, Rows
from telemetry.parsers.queue_series import moment
from telemetry.parsers.readers import Header, Row
from telemetry.source import Head, Source

SYSTEM = "inngest"
STATES = {"queued": "waiting", "running": "active", "completed": "completed", "failed": "failed"}
UNCOUNTED = frozenset({"cancelled", "canceled", "skipped", "paused"})
HOW = "Export the runs of a busy day with run_id, function_id, status, queued_at, started_at, ended_at as CSV."


def sniff(head: Head) -> bool:
    """Claim a header with the columns of a run."""
    header = readers.sniff_header(head)
    return header is not None and {"run_id", "function_id", "status"} <= set(header.columns)


def read(source: Source) -> ParseResult:
    """One row of counts and one of times a function; ParseError when no run is listed."""
    result = ParseResult(carrier=SYSTEM)
    header, lines = readers.open_csv(source, result, HOW)
    rows = Rows()
    oldest: dict[str, tuple[datetime, Place]] = {}
    function, status = header.columns.index("function_id"), header.columns.index("status")
    for row in lines:
        state = row.fields[status].strip().lower()
        if state not in STATES and state not in UNCOUNTED:
            readers.reject(row, result)
            continue
        result.records += 1
        place = readers.place(row.line, row.text, result)
        name = row.fields[function].strip()
        if state in STATES:
            counts = rows.of("queue.counts", name, system=SYSTEM)
            counts.add(STATES[state], 1.0, place)
            counts.share_failed()
        _add_times(header, row, place, rows, result)
        queued = _time(header, row, "queued_at")
        if STATES.get(state) == "waiting" and queued and (name not in oldest or queued < oldest[name][0]):
            oldest[name] = queued, place
    for name, (queued, place) in oldest.items():
        if result.last:  # the newest moment of the export is its own
            rows.of("queue.counts", name).put("oldest_age_s", (result.last - queued).total_seconds(), place)
    result.evidence = rows.evidence()
    result.records_lines = result.lines - result.rejected - result.blank
    if not result.evidence:
        raise ParseError(f"No run of a function was found. {HOW}", result.lines)
    result.notes.append("Runs count as far as the export reaches; what it leaves out cannot be seen.")
    return result


def _add_times(header: Header, row: Row, place: Place, rows: Rows, result: ParseResult) -> None:
    """How long a run waited for its start, and how long it took."""
    queued, started, ended = (_time(header, row, name) for name in ("queued_at", "started_at", "ended_at"))
    task = rows.of("queue.task", row.fields[header.columns.index("function_id")].strip())
    if started and ended and ended >= started:
        task.add("runtime_s", (ended - started).total_seconds(), place)
        task.add("runs", 1.0, place)
    if queued and started and started >= queued:
        waited = (started - queued).total_seconds()
        if waited > task.metrics.get("wait_max_s", -1.0):
            task.put("wait_max_s", waited, place)
            rows.of("queue.counts", task.subject, system=SYSTEM).put("oldest_age_max_s", waited, place)
    for at in (queued, started, ended):
        if at:
            result.first, result.last = min(result.first or at, at), max(result.last or at, at)


def _time(header: Header, row: Row, name: str) -> datetime | None:
    at = header.find([name])
    return moment(row.fields[at]) if at is not None else None


CARRIER = Carrier(SYSTEM, sniff, read)
