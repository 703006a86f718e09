"""The server log as plain lines, with any log_line_prefix."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.postgres.carrier import Carrier
from telemetry.parsers.postgres.lines import logical_lines, whole_records
from telemetry.parsers.postgres.prefix import Prefix, carrying_lines, find_prefix
from telemetry.parsers.postgres.reader import LogReader
from telemetry.source import Head, Source

_SAMPLE_BYTES = 256 * 1024
# Beside the severity a server line has a time or a process in front; psql's `ERROR:  ` has neither.
_ORIGIN = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d|\[\d+[\]-]|\bpid=\"?\d|sql_error_code|\d{10}\.\d{3}|\d+/\d+")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
# Other carriers of the same messages: JSON, csvlog, syslog.
_OTHER_CARRIER = re.compile(
    rb"\s*[{\[\"]\s*[{\"]|\s*\d{4}-\d\d-\d\d [\d:.]+ \w+,|[A-Z][a-z]{2} [ \d]\d [\d:]{8} |<\d+>"
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the beginning of a file says about all of it; `tabs_lost` about its continuation lines."""

    prefix: Prefix
    tabs_lost: bool


def _sniff(head: Head) -> bool:
    """Whether most lines that start a record hold a severity of the server behind a time or a process."""
    carrying = carrying_lines(head)
    if not carrying:
        return False
    lines = [line for line in head.lines[:400] if line.strip() and not line.startswith("\t")]
    if not lines or _OTHER_CARRIER.match(lines[0].encode("utf-8", "replace")):
        return False
    carrying = [line for line in carrying if not line.startswith(b"\t")]
    server = [line for line in carrying if _ORIGIN.search(line.partition(b":  ")[0])]
    # Copies of managed services lose the TAB of continuation lines, so these may be the majority.
    return len(server) * 10 >= len(lines) and len(server) * 2 > len(carrying)


def _start(source: Source) -> Settings:
    """The prefix; ParseError where there is none."""
    lines = source.peek(_SAMPLE_BYTES).replace(b"\r\n", b"\n").split(b"\n")
    prefix = find_prefix(lines)
    if prefix is None:
        if not any(line.strip() for line in lines):
            raise ParseError("The file is empty; send the server's log file, for example postgresql.log.")
        raise ParseError("No line holds a severity such as LOG or ERROR; send the server's log as it was written.", 1)
    return Settings(prefix, _tabs_lost(lines, prefix))


def _cut(settings: Settings, window: bytes) -> int:
    """Behind a leading time stamp every line that begins with the century begins a record."""
    return window.find(b"\n" + settings.prefix.start) + 1 or -1 if settings.prefix.stamp else -1


def _read(settings: Settings, source: Source, result: ParseResult) -> LogReader:
    prefix = settings.prefix
    reader = LogReader(prefix, result, settings.tabs_lost)
    blocks, start = source.blocks(), prefix.start
    stamped = map(reader.feed, whole_records(blocks, start))
    other = map(reader.feed_lines, logical_lines(blocks, start))
    for _ in stamped if prefix.stamp else other:
        reader.tell(source)
    return reader


def _tabs_lost(lines: Iterable[bytes], prefix: Prefix) -> bool:
    """Whether continuation lines of this file stand without the TAB the server writes: a copy from a web console."""
    others = [line for line in lines if line.strip() and not line[:1].isdigit() and not _CONTROL.search(line)]
    others = [line for line in others if not prefix.pattern.match(line)]
    tabbed = sum(line.startswith(b"\t") for line in others)
    return len(others) - tabbed > tabbed


STDERR = Carrier("stderr", _sniff, _read, _start, _cut)
