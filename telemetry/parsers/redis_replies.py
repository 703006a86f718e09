"""What redis-cli prints for an array: the numbered form of a terminal, read back into a tree that knows its lines.

The form is cliFormatReplyTTY in https://github.com/redis/redis/blob/7.0/src/redis-cli.c: "1) " before an element, "1# "
before a key of a map, "1~ " before one of a set, padded to the width of the last index, so that all elements of one
array end their marker in the same column.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from telemetry.evidence import ParseResult
from telemetry.parsers import readers
from telemetry.source import Source

_MARKER = re.compile(r" *\d+[)#~] ")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(r"\((?:integer|double)\) (\S+)\Z")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b"}


@dataclass(slots=True)
class Reply:
    """A value (text, number, None, or a list of replies) and the line, counted from 1, where it starts."""

    value: Any
    line: int

    @property
    def members(self) -> list["Reply"]:
        """The elements of an array; empty for anything else."""
        return self.value if isinstance(self.value, list) else []

    def pairs(self) -> dict[str, "Reply"]:
        """An array that alternates between key and value, as a mapping."""
        found = self.members
        return {str(key.value): value for key, value in zip(found[::2], found[1::2], strict=False)}


@dataclass(slots=True)
class _Open:
    """An array that is still read, and the column where the markers of its elements end."""

    reply: Reply
    column: int = -1


@dataclass(slots=True)
class Printed:
    """The reply, which lines were understood, and the others."""

    reply: Reply
    read: int = 0
    strange: list[int] = field(default_factory=list)


def lines_of(source: Source, result: ParseResult) -> list[str]:
    """All lines of a file of at most 64 MB, without line ends; `result.lines` is set."""
    text = source.read().decode("utf-8", "replace").removeprefix("\ufeff")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if not lines[-1]:
        lines.pop()
    result.lines = len(lines)
    return lines


def is_printed(line: str) -> bool:
    """Whether a line starts as the first one of an array on a terminal does."""
    return re.match(r" *1[)#~] ", line) is not None


def read_printed(lines: list[str]) -> Printed:
    """The array that these lines print; blank lines are left out, lines that belong to no array are listed."""
    printed = Printed(Reply([], 1))
    stack = [_Open(printed.reply)]
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if _read_line(line, number, stack):
            printed.read += 1
        else:
            printed.strange.append(number)
    return printed


def _read_line(line: str, number: int, stack: list[_Open]) -> bool:
    """Add what one line prints to the arrays that are open; False when it prints nothing known."""
    at = column = 0
    fresh = False  # whether the array on top was opened on this line
    while marker := _MARKER.match(line, at):
        column, at = column + len(marker[0]), marker.end()
        if fresh:
            inner = Reply([], number)
            stack[-1].reply.value.append(inner)
            stack.append(_Open(inner, column))
        else:
            _return_to(column, number, stack)
        fresh = True
        if marker[0].endswith("# ") and (key := _STRING.match(line, at)):
            stack[-1].reply.value.append(Reply(unquoted(key[1]), number))
            at = key.end() + len(" => ")
            if not line[at:].strip():  # an array or a map follows on its own lines
                return True
    if not fresh:
        return False
    known, value = _scalar(line[at:])
    stack[-1].reply.value.append(Reply(value, number))
    return known


def _return_to(column: int, number: int, stack: list[_Open]) -> None:
    """Make the array whose markers end in this column the one on top; open it when there is none."""
    while len(stack) > 1 and stack[-1].column > column:
        stack.pop()
    if stack[-1].column == -1:
        stack[-1].column = column
    elif stack[-1].column < column:
        inner = Reply([], number)
        stack[-1].reply.value.append(inner)
        stack.append(_Open(inner, column))


def _scalar(text: str) -> tuple[bool, Any]:
    """(known, value) of what stands behind the markers."""
    if string := _STRING.fullmatch(text):
        return True, unquoted(string[1])
    if number := _NUMBER.match(text):
        try:
            return True, readers.number(number[1])
        except ValueError:
            return False, None
    if text in ("(nil)", "(empty array)", "(empty list or set)", "(empty hash)", "(empty set)"):
        return True, None if text == "(nil)" else []
    if text in ("(true)", "(false)"):
        return True, text == "(true)"
    return False, None


def unquoted(text: str) -> str:
    """A string without the escapes that redis-cli writes; bytes that are no ASCII become U+FFFD."""

    def plain(match: re.Match[str]) -> str:
        if len(match[1]) == 3:
            code = int(match[1][1:], 16)
            return chr(code) if code < 128 else "\ufffd"
        return _PLAIN.get(match[1], match[1])

    return _ESCAPE.sub(plain, text)
