"""The server log as plain lines, with any log_line_prefix."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.postgres.carrier import Carrier
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.lines import logical_lines
from telemetry.parsers.postgres.prefix import AFTER_SEVERITY, Prefix, find_prefix, severities
from telemetry.parsers.postgres.quotes import Quoter
from telemetry.parsers.postgres.reader import LogReader
from telemetry.parsers.postgres.replay import Replayed
from telemetry.source import Head

_SAMPLE_BYTES = 256 * 1024
# Beside the severity a server line has a time or a process in front; psql's `ERROR:  ` has neither.
_ORIGIN = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d|\[\d+[\]-]|\bpid=\"?\d|sql_error_code|\d{10}\.\d{3}|\d+/\d+")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# Other carriers of the same messages: JSON, csvlog, syslog.
_OTHER_CARRIER = re.compile(
    rb"\s*[{\[\"]\s*[{\"]|\s*\d{4}-\d\d-\d\d [\d:.]+ \w+,|[A-Z][a-z]{2} [ \d]\d [\d:]{8} |<\d+>"
)


def _sniff(head: Head) -> bool:
    """Whether most lines that start a record hold a severity of the server behind a time or a process."""
    if AFTER_SEVERITY not in head.text:
        return False
    lines = head.text.encode("utf-8", "replace").replace(b"\r\n", b"\n").split(b"\n")
    lines = [line for line in lines if line.strip() and not line.startswith(b"\t")]
    if not lines or _OTHER_CARRIER.match(lines[0]):
        return False
    carrying = [line for line in lines if severities([line])]
    server = [line for line in carrying if _ORIGIN.search(line.partition(b":  ")[0])]
    # Copies of managed services lose the TAB of continuation lines, so these may be the majority.
    return len(server) * 10 >= len(lines) and len(server) * 2 > len(carrying)


def _read(source: Replayed, result: ParseResult, quoter: Quoter) -> Events:
    blocks = source.blocks()
    held = list(_sample(blocks))
    lines = b"".join(held)[:_SAMPLE_BYTES].replace(b"\r\n", b"\n").split(b"\n")
    prefix = find_prefix(lines)
    if prefix is None:
        if not any(line.strip() for line in lines):
            raise ParseError("The file is empty; send the server's log file, for example postgresql.log.")
        raise ParseError("No line holds a severity such as LOG or ERROR; send the server's log as it was written.", 1)
    reader = LogReader(prefix, result, quoter, _tabs_lost(lines, prefix))
    for logical in logical_lines(chain(_drained(held), blocks), prefix.start, plain=prefix.stamp > 0):
        reader.feed(logical)
        source.records = result.records
    return reader


def _sample(blocks: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        yield block
        size += len(block)
        if size >= _SAMPLE_BYTES:
            return


def _drained(held: list[bytes]) -> Iterator[bytes]:
    """The sample again, let go of as it is read."""
    held.reverse()
    while held:
        yield held.pop()


def _tabs_lost(lines: Iterable[bytes], prefix: Prefix) -> bool:
    """Whether continuation lines of this file stand without the TAB the server writes: a copy from a web console."""
    others = [line for line in lines if line.strip() and not line[:1].isdigit() and not _CONTROL.search(line)]
    others = [line for line in others if not prefix.pattern.match(line)]
    tabbed = sum(line.startswith(b"\t") for line in others)
    return len(others) - tabbed > tabbed


STDERR = Carrier("stderr", _sniff, _read)
