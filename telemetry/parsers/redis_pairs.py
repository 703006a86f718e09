"""Names and values as CONFIG GET and MEMORY STATS answer them: on a terminal, through a pipe, or as a JSON object."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from telemetry.evidence import ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.readers import JsonText
from telemetry.parsers.redis_replies import is_printed, lines_of, read_printed
from telemetry.redaction import MARK
from telemetry.source import Head, Source

_PRINTED_NAME = re.compile(r' *\d+[)#] "([\w.-]+)"')
_JSON_NAME = re.compile(r'"([\w.-]+)"\s*:')
_JSON_CHARS = 24 * 1024  # all settings of a server with their values, twice
_DATABASE = re.compile(r"db\.\d+\Z")


@dataclass(frozen=True, slots=True)
class Pair:
    """A value as text, its line counted from 1, and the text that may be quoted from there."""

    value: str
    line: int
    text: str

    def place(self, result: ParseResult) -> Place:
        """Where the value stands."""
        return readers.place(self.line, self.text, result)

    @property
    def number(self) -> float | None:
        """The value as a number, None when it is none."""
        try:
            return readers.number(self.value)
        except ValueError:
            return None


@lru_cache(maxsize=2)  # two sniffers ask the same of the same file
def names_in(head: Head) -> list[str]:
    """The names at the start of a file in any of the three shapes, for sniffing; what is no name is in it too."""
    lines = head.whole_lines[:600]
    first = next((line for line in lines if line.strip()), "").lstrip("\ufeff")
    if first.lstrip().startswith("{"):
        return _JSON_NAME.findall(head.text[:_JSON_CHARS])
    if is_printed(first):
        return [match[1] for line in lines if (match := _PRINTED_NAME.match(line))]
    return [line.strip().lstrip("\ufeff") for line in lines[::2]]


def read_pairs(source: Source, result: ParseResult) -> dict[str, Pair]:
    """Every name with its value; maps inside (`db.0`) are left out. Carrier and line counts are set."""
    lines = lines_of(source, result)
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip().startswith("{"):
        result.carrier = "json"
        pairs = dict(_of_json(JsonText("\n".join(lines).encode())))
        result.blank = sum(not line.strip() for line in lines)
    elif is_printed(first):
        result.carrier = "terminal"
        pairs = _of_terminal(lines, result)
        result.blank = sum(not line.strip() for line in lines)
    else:
        result.carrier = "pipe"
        pairs = dict(_of_pipe(lines, result))
    result.records_lines = result.lines - result.blank - result.rejected
    return pairs


def _of_json(document: JsonText) -> Iterator[tuple[str, Pair]]:
    for entry in document.members(document.start):
        if isinstance(entry.value, str | int | float):
            length = len(str(entry.value)) + 2 * isinstance(entry.value, str)
            text = document.text[entry.at : entry.value_at + length]
            if "\n" in text:  # the name stands on a line before its value, or the value holds a line end
                text = document.text[entry.value_at :].partition("\n")[0]
            yield entry.key, Pair(str(entry.value), document.line(entry.value_at), text)


def _of_terminal(lines: list[str], result: ParseResult) -> dict[str, Pair]:
    printed = read_printed(lines)
    for number in printed.strange:
        result.reject(number, MARK)
    found = printed.reply.pairs().items()
    return {
        name: Pair(_text(reply.value), reply.line, lines[reply.line - 1])
        for name, reply in found
        if isinstance(reply.value, str | float)
    }


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.17g}"


def _of_pipe(lines: list[str], result: ParseResult) -> Iterator[tuple[str, Pair]]:
    """Name and value line by line; the name of a database stands alone before the names inside it."""
    at = 0
    while at + 1 < len(lines):
        if _DATABASE.match(lines[at]):
            at += 1
            continue
        yield lines[at].strip(), Pair(lines[at + 1].strip(), at + 2, lines[at + 1])
        at += 2
    if at < len(lines):
        result.reject(at + 1, MARK)
