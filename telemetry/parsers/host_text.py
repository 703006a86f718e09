"""What commands about a machine print: sections, each with a line of column names and rows below it.

A file may hold the output of one command or of several, one after the other. Comma and point are both decimal signs:
sysstat follows the language of the machine and writes no thousands.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator

from telemetry.parsers import readers
from telemetry.parsers.host_counts import Hosts, Spot
from telemetry.source import Source, is_overlong

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_HEAD = re.compile(r"Linux \S+ \((?P<host>[^)]{0,200})\)\s.*?(?:\((?P<cpus>\d{1,5}) CPU\))?\s*$")
_PROMPT = re.compile(r"(?:\S{0,100}[$#>] |\+ |#+ |=+ )\S")
_NUMBER = re.compile(r"-?\d{1,18}(?:[.,]\d{1,18})?")
_LINE_CHARS = 2_000


class Section(ABC):
    """The rows below a line of column names."""

    @abstractmethod
    def row(self, line: str, spot: Spot) -> bool | None:
        """Read one row: True for a record, None for a line that belongs here but is none, False for any other."""

    def close(self) -> None:  # noqa: B027 - most sections have nothing to do at their end
        """The section has ended."""


class Command(ABC):
    """One command. It is asked for every line whether a section of its output begins there."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts

    @abstractmethod
    def section(self, line: str, spot: Spot) -> Section | None:
        """The section that this line of column names opens, else None."""

    def finish(self) -> None:  # noqa: B027 - most commands have nothing to do at the end of the file
        """Put what is known at the end of the file: the window, the notes."""


def number(text: str) -> float:
    """A number with either decimal sign; ValueError for anything else."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]} is no number")
    return float(text.replace(",", "."))


def lines_of(lines: list[str]) -> Iterator[str]:
    """The starts of lines, as `read_text` reads them, without the terminal's colour and movement."""
    return (_ANSI.sub("", line[:_LINE_CHARS]) for line in lines)


def read_text(source: Source, hosts: Hosts, commands: list[type[Command]]) -> None:
    """Read every line; those between sections that no command prints are rejected."""
    result, known = hosts.result, [command(hosts) for command in commands]
    current: Section | None = None
    for result.lines, raw in source.lines():
        line = _ANSI.sub("", raw[:_LINE_CHARS].decode("utf-8", "replace")).rstrip("\r")
        spot = (result.lines, line)
        if not line.strip():
            result.blank += 1
        elif is_overlong(raw):
            readers.reject_line(result.lines, line, result)
        elif opened := next((found for command in known if (found := command.section(line, spot))), None):
            current = _follow(current, opened)
            result.records_lines += 1
        elif head := _HEAD.match(line):
            hosts.host = head["host"] or hosts.host
            hosts.cpus = int(head["cpus"] or hosts.cpus)
            result.records_lines += 1
        elif current and (read := current.row(line, spot)) is not False:
            result.records += bool(read)
            result.records_lines += 1
        elif _PROMPT.match(line) and not line[0].isdigit():
            result.records_lines += 1  # the command itself, as a shell repeats it
        else:
            readers.reject_line(result.lines, line, result)
    if current:
        current.close()
    for command in known:
        command.finish()


def _follow(current: Section | None, opened: Section) -> Section:
    if current and current is not opened:
        current.close()
    return opened
