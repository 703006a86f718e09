"""PostgreSQL server log in its stderr form, with any log_line_prefix.

Settings: https://www.postgresql.org/docs/current/runtime-config-logging.html
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.postgres.evidence import all_evidence
from telemetry.parsers.postgres.languages import REMEDY
from telemetry.parsers.postgres.lines import logical_lines
from telemetry.parsers.postgres.prefix import Prefix, find_prefix, severities
from telemetry.parsers.postgres.quotes import Quoter
from telemetry.parsers.postgres.reader import LogReader
from telemetry.parsers.postgres.summary import enables, notes, totals
from telemetry.source import Head, Source

_SAMPLE_BYTES = 256 * 1024
# Beside the severity a server line has a time or a process in front; psql's `ERROR:  ` has neither.
_ORIGIN = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d|\[\d+[\]-]|\bpid=\"?\d|sql_error_code|\d{10}\.\d{3}|\d+/\d+")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# Other carriers of the same messages, which other parsers read: JSON, csvlog, syslog.
_OTHER_CARRIER = re.compile(
    rb"\s*[{\[\"]\s*[{\"]|\s*\d{4}-\d\d-\d\d [\d:.]+ \w+,|[A-Z][a-z]{2} [ \d]\d [\d:]{8} |<\d+>"
)


def sniff(head: Head) -> bool:
    """Whether most lines that start a record hold a severity of the server behind a time or a process."""
    lines = head.text.encode("utf-8", "replace").replace(b"\r\n", b"\n").split(b"\n")
    lines = [line for line in lines if line.strip() and not line.startswith(b"\t")]
    if not lines or _OTHER_CARRIER.match(lines[0]):
        return False
    carrying = [line for line in lines if severities([line])]
    server = [line for line in carrying if _ORIGIN.search(line.partition(b":  ")[0])]
    # Copies of managed services lose the TAB of continuation lines, so these may be the majority.
    return len(server) * 10 >= len(lines) and len(server) * 2 > len(carrying)


def parse(source: Source) -> ParseResult:
    """Read the log once. Raises ParseError for an empty file, one without severities, and another language."""
    blocks = source.blocks()
    held = deque(_sample(blocks))
    lines = b"".join(held)[:_SAMPLE_BYTES].replace(b"\r\n", b"\n").split(b"\n")
    prefix = find_prefix(lines)
    if prefix is None:
        if not any(line.strip() for line in lines):
            raise ParseError("The file is empty; send the server's log file, for example postgresql.log.")
        raise ParseError("No line holds a severity such as LOG or ERROR; send the server's log as it was written.", 1)
    result, quoter = ParseResult(carrier="stderr"), Quoter()
    reader = LogReader(prefix, result, quoter, _tabs_lost(lines, prefix))
    for logical in logical_lines(chain(_drained(held), blocks), prefix):
        reader.feed(logical)
        source.records = result.records
    reader.finish()
    _refuse_language(reader)
    return _complete(reader, quoter)


def _sample(blocks: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        yield block
        size += len(block)
        if size >= _SAMPLE_BYTES:
            return


def _drained(held: deque[bytes]) -> Iterator[bytes]:
    """The sample again, let go of as it is read."""
    while held:
        yield held.popleft()


def _tabs_lost(lines: Iterable[bytes], prefix: Prefix) -> bool:
    """Whether continuation lines of this file stand without the TAB the server writes: a copy from a web console."""
    others = [line for line in lines if line.strip() and not line[:1].isdigit() and not _CONTROL.search(line)]
    others = [line for line in others if not prefix.pattern.match(line)]
    tabbed = sum(line.startswith(b"\t") for line in others)
    return len(others) - tabbed > tabbed


def _refuse_language(reader: LogReader) -> None:
    """A log of which no message could be read, because all are translated."""
    counts = reader.tally.counts
    understood = reader.families.count + sum(counts.values()) - counts["errors"] - counts["fatals"] - counts["panics"]
    if reader.foreign and not understood:
        language = reader.foreign.most_common(1)[0][0]
        raise ParseError(f"The messages of this log are in {language}; {REMEDY}.", 1)


def _complete(reader: LogReader, quoter: Quoter) -> ParseResult:
    result = reader.result
    result.evidence = all_evidence(reader, quoter) if result.records else []
    result.totals = totals(reader)
    result.first, result.last = reader.clock.bounds()
    result.enables, result.notes = enables(reader), notes(reader)
    result.redacted = quoter.redacted
    return result


PARSER = Parser(
    id="postgres-log",
    title="PostgreSQL server log",
    how_to_export=(
        "Set log_min_duration_statement = 0 (or the lowest value you can afford), log_lock_waits = on, "
        "log_temp_files = 0, log_checkpoints = on, log_connections = on, log_disconnections = on, "
        "log_autovacuum_min_duration = 0 and log_line_prefix = '%m [%p] %q%u@%d app=%a ', reload, let a busy hour "
        "pass, then: gzip -c /var/log/postgresql/postgresql.log > postgresql.log.gz"
    ),
    looks_for="lines with a severity such as `LOG:  ` or `ERROR:  ` behind a time stamp or a process id",
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
)
