"""PostgreSQL server log, whatever carried it: plain lines, csvlog, jsonlog, and what managed services make of them.

Settings: https://www.postgresql.org/docs/current/runtime-config-logging.html
"""

from dataclasses import dataclass
from typing import Any

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.postgres.carrier import Carrier
from telemetry.parsers.postgres.csv_envelopes import CSV_ENVELOPES
from telemetry.parsers.postgres.csvlog import CSVLOG
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.evidence import all_evidence
from telemetry.parsers.postgres.json_envelopes import JSON_ENVELOPES
from telemetry.parsers.postgres.jsonlog import JSONLOG
from telemetry.parsers.postgres.languages import REMEDY
from telemetry.parsers.postgres.quotes import Quoter
from telemetry.parsers.postgres.stderr import STDERR
from telemetry.parsers.postgres.summary import enables, notes, totals
from telemetry.parsers.postgres.syslog import SYSLOG
from telemetry.source import Head, Source
from telemetry.splitting import Split

# In the order of asking; plain lines come last, for they are recognised by what others also hold.
CARRIERS: tuple[Carrier, ...] = (CSVLOG, JSONLOG, JSON_ENVELOPES, CSV_ENVELOPES, SYSLOG, STDERR)


def sniff(head: Head) -> bool:
    """Whether one of the carriers knows the file."""
    return any(carrier.sniff(head) for carrier in CARRIERS)


@dataclass(frozen=True, slots=True)
class _Context:
    """What every part of a log must know; `settings` are the carrier's own."""

    carrier: Carrier
    settings: Any


def _start(source: Source) -> _Context:
    head = source.head()
    carrier = next((carrier for carrier in CARRIERS if carrier.sniff(head)), STDERR)
    return _Context(carrier, carrier.start(source))


def _start_part(source: Source) -> _Context | None:
    context = _start(source)
    return context if context.carrier.cut else None


def _cut(context: _Context, window: bytes) -> int:
    return context.carrier.cut(context.settings, window) if context.carrier.cut else -1


def _read(context: _Context, source: Source) -> Events:
    result = ParseResult(carrier=context.carrier.name, lines=source.lines_before)
    events = context.carrier.read(context.settings, source, result)
    events.pause()
    return events


def _join(earlier: Events, later: Events) -> Events:
    earlier.join(later)
    return earlier


def finish(events: Events) -> ParseResult:
    """The evidence of all events; ParseError for an empty csvlog and for another language."""
    result, quoter = events.result, Quoter()
    if not result.records and result.carrier == CSVLOG.name:
        raise ParseError("No whole record of a csvlog was found; send the .csv file that the server wrote.", 1)
    events.finish(quoter)
    _refuse_language(events)
    result.evidence = all_evidence(events, quoter) if result.records else []
    result.totals = totals(events)
    result.first, result.last = events.clock.bounds() if events.dated else (None, None)
    result.enables, result.notes = enables(events), notes(events)
    result.redacted = quoter.redacted
    return result


def parse(source: Source) -> ParseResult:
    """Read the log once. Raises ParseError for an empty file, one without severities, and another language."""
    return finish(_read(_start(source), source))


def _refuse_language(events: Events) -> None:
    """A log of which no message could be read, because all are translated."""
    counts = events.tally.counts
    understood = events.families.count + sum(counts.values()) - counts["errors"] - counts["fatals"] - counts["panics"]
    if events.foreign and not understood:
        language = events.foreign.most_common(1)[0][0]
        raise ParseError(f"The messages of this log are in {language}; {REMEDY}.", 1)


PARSER = Parser(
    id="postgres-log",
    title="PostgreSQL server log",
    how_to_export=(
        "Set log_min_duration_statement = 0 (or the lowest value you can afford), log_lock_waits = on, "
        "log_temp_files = 0, log_checkpoints = on, log_connections = on, log_disconnections = on, "
        "log_autovacuum_min_duration = 0 and log_line_prefix = '%m [%p] %q%u@%d app=%a ', reload, let a busy hour "
        "pass, then: gzip -c /var/log/postgresql/postgresql.log > postgresql.log.gz (csvlog and jsonlog files are as "
        "good). RDS: aws rds download-db-log-file-portion --db-instance-identifier NAME --log-file-name FILE "
        "--starting-token 0 --output text > rds.log. Cloud SQL: gcloud logging read 'resource.type=cloudsql_database' "
        "--format=json > cloudsql.json. Heroku: heroku logs --ps postgres -n 1500 > heroku.log. CloudNativePG: "
        "kubectl logs POD -c postgres > cnpg.json"
    ),
    looks_for="lines with a severity such as `LOG:  ` behind a time stamp or a process id, csvlog, jsonlog",
    kinds=(
        "pg.log.statement",
        "pg.log.server",
        "pg.log.lock",
        "pg.log.deadlock",
        "pg.log.temp",
        "pg.log.error",
        "pg.log.autovacuum",
        "pg.log.application",
        "pg.log.plan",
    ),
    sniff=sniff,
    parse=parse,
    split=Split(_start_part, _cut, _read, _join, finish),
)
