"""Sessions at one moment: pg_stat_activity. Statements in it are cut by the server, so only states and ages are read.

Ages are measured to the newest time in the file, which is the start of the export's own statement.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.pg_views import View, fields_of, is_view, open_view
from telemetry.parsers.readers import Row
from telemetry.parsers.table_dialects import sniff_table
from telemetry.source import Head, Source

HOW = "psql -c \"\\copy (select now() as captured_at, * from pg_stat_activity) to 'activity.csv' csv header\""
NEEDED = ("pid", "state", "query_start")
_FOREIGN = ("granted", "blocked_pid", "blocked_by", "pg_blocking_pids", "blocking_pids")  # locks, with their sessions
_TIMES = ("query_start", "state_change", "xact_start", "backend_start")
_APPLICATIONS = 200
_STATES = {
    "active": "active",
    "idle": "idle",
    "idle in transaction": "idle_in_transaction",
    "idle in transaction (aborted)": "idle_in_transaction",
}


_VIEW = View(
    kind="pg.activity",
    needed=NEEDED,
    foreign=_FOREIGN,
    subject=lambda fields: "server",
    metrics={},
    attrs={},
    counted="sessions",
    enables=(),
    how=f"Export with: {HOW}",
    texts=("query",),
)


@dataclass(slots=True)
class _Sessions:
    """The sessions of the server or of one application."""

    first: Row
    counts: Counter[str] = field(default_factory=Counter)
    longest: dict[str, tuple[float, Row]] = field(default_factory=dict)

    def age(self, metric: str, seconds: float, row: Row) -> None:
        if seconds >= self.longest.get(metric, (0.0, row))[0]:
            self.longest[metric] = (seconds, row)


def sniff(head: Head) -> bool:
    """Claim a table with the view's columns pid, state and query_start."""
    return is_view(sniff_table(head), NEEDED, _FOREIGN)


def parse(source: Source) -> ParseResult:
    """One row for the server and one for each application; ParseError when no client session stands in the file."""
    result = ParseResult()
    header, rows = open_view(source, result, (_VIEW,))[1:]
    read = [(row, fields_of(row, header)) for row in rows]
    clients = [
        (row, fields) for row, fields in read if fields.get("backend_type", "client backend") == "client backend"
    ]
    clients = [(row, fields) for row, fields in clients if fields["state"] or "backend_type" in fields]
    if not clients:
        raise ParseError(f"No session of a client stands in the file. {_VIEW.how}", max(result.lines, 1))
    now = max((moment for _, fields in read for moment in _moments(fields)), default=None)
    server, applications = _Sessions(clients[0][0]), dict[str, _Sessions]()
    for row, fields in clients:
        name = fields.get("application_name") or fields.get("usename") or "unknown"
        for group in (server, applications.setdefault(name, _Sessions(row))):
            _count(group, row, fields, now)
    _finish(result, server, applications, len(clients), now)
    if len(clients) < len(read):
        result.notes.append(f"{len(read) - len(clients):,} processes of the server itself are left out.")
    return result


def _moments(fields: dict[str, str]) -> Iterator[datetime]:
    for name in _TIMES:
        if (moment := _moment(fields.get(name, ""))) is not None:
            yield moment


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _count(group: _Sessions, row: Row, fields: dict[str, str], now: datetime | None) -> None:
    group.counts["sessions"] += 1
    state = _STATES.get(fields["state"], "")
    group.counts[state] += 1
    group.counts["waiting_for_lock"] += fields.get("wait_event_type") == "Lock"
    if now is None:
        return
    ages = [("longest_transaction_s", "xact_start")]
    ages += [("longest_query_s", "query_start")] if state == "active" else []
    ages += [("longest_idle_in_transaction_s", "state_change")] if state == "idle_in_transaction" else []
    for metric, column in ages:
        if (since := _moment(fields.get(column, ""))) is not None:
            group.age(metric, (now - since).total_seconds(), row)


def _finish(
    result: ParseResult, server: _Sessions, applications: dict[str, _Sessions], clients: int, now: datetime | None
) -> None:
    result.evidence.append(_evidence("pg.activity", "server", server, result, tuple(server.longest)))
    largest = sorted(applications, key=lambda name: (-applications[name].counts["sessions"], name))
    for name in largest[:_APPLICATIONS]:
        kept = tuple(metric for metric in applications[name].longest if metric == "longest_transaction_s")
        result.evidence.append(
            _evidence("pg.activity.application", readers.quote(name, result), applications[name], result, kept)
        )
    result.records = clients
    result.records_lines = result.lines - result.blank - result.rejected
    result.first = result.last = now
    result.totals = {name: server.counts[name] for name in ("sessions", "active", "idle", "idle_in_transaction")}
    result.enables = ["Who holds the connections at one moment", "Transactions that are left open"]
    result.notes = ["One moment: a peak between two exports is not seen."]
    if now is None:
        result.notes.append("Times without a time zone: no ages.")


def _evidence(kind: str, subject: str, group: _Sessions, result: ParseResult, ages: tuple[str, ...]) -> Evidence:
    metrics = {"sessions": float(group.counts["sessions"]), "waiting_for_lock": float(group.counts["waiting_for_lock"])}
    metrics |= {state: float(group.counts[state]) for state in ("active", "idle", "idle_in_transaction")}
    metrics |= {metric: group.longest[metric][0] for metric in ages}
    places = {
        metric: readers.place(row.line, row.text, result)
        for metric, (_, row) in group.longest.items()
        if metric in ages
    }
    return Evidence(kind, subject, metrics, readers.place(group.first.line, group.first.text, result), places)


PARSER = Parser(
    id="pg-stat-activity",
    title="PostgreSQL sessions (pg_stat_activity)",
    how_to_export=HOW,
    looks_for="CSV, JSON or psql output with the columns pid, state and query_start",
    kinds=("pg.activity", "pg.activity.application"),
    sniff=sniff,
    parse=parse,
)
