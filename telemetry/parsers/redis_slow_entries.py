"""The entries of SLOWLOG GET in the three ways redis-cli writes them, without their arguments.

An entry is [id, unix seconds, microseconds, [command, arguments ...], client address, client name]; the last two exist
since Redis 4 (https://redis.io/docs/latest/commands/slowlog-get/).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from telemetry.evidence import ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.readers import JsonText
from telemetry.parsers.redis_patterns import pattern_of
from telemetry.parsers.redis_replies import Reply, read_printed
from telemetry.redaction import MARK

# Commands named by two words, as INFO commandstats writes them ("memory|usage").
_TWO_WORDS = (
    "acl client cluster command config function latency memory module object pubsub script slowlog xgroup xinfo"
)
CONTAINERS = frozenset(_TWO_WORDS.split())
_WITHOUT_KEY = (
    "auth hello ping echo info dbsize flushall flushdb select scan publish spublish subscribe psubscribe multi exec "
    "discard bgsave save bgrewriteaof lastsave replconf psync sync replicaof slaveof shutdown monitor role wait time "
    "debug swapdb acl client cluster command config function latency module pubsub script slowlog"
)
_NO_KEY = frozenset(_WITHOUT_KEY.split())
_SECOND = "object memory xgroup xinfo zdiff zinter zunion lmpop zmpop sintercard"
_THIRD = "eval evalsha eval_ro evalsha_ro fcall fcall_ro bitop"
_KEY_AT = dict.fromkeys(_SECOND.split(), 2) | dict.fromkeys(_THIRD.split(), 3)
_ADDRESS = re.compile(r"\S+:\d{1,5}\Z")
_COMMAND = re.compile(r"[A-Za-z][\w.|-]{1,40}\Z")
_MORE = re.compile(r"\.\.\. \((\d+) more arguments\)\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One slow command: when (unix seconds, UTC), how long, what; `hidden` counts the arguments that are not shown."""

    at: int
    us: float
    command: str
    pattern: str  # of its first key, "" when it has none
    hidden: int
    place: Place  # of the command
    us_place: Place


def entry_of(values: list[Any], place: Place, us_place: Place) -> Entry | None:
    """An entry from [id, seconds, microseconds, [arguments]]; None when it is none."""
    if len(values) < 4 or not isinstance(values[3], list) or not values[3]:
        return None
    at, us, words = values[1], values[2], [str(word) for word in values[3]]
    if not (isinstance(at, int | float) and isinstance(us, int | float) and _COMMAND.match(words[0])):
        return None
    if not (0 < at < 2**33 and 0 <= us < 2**53):
        return None
    name = words[0].lower()
    if name in CONTAINERS and len(words) > 1 and _COMMAND.match(words[1]):
        name = f"{name}|{words[1].lower()}"
    more = _MORE.match(words[-1])
    hidden = len(words) - 1 - name.count("|") + (int(more[1]) - 1 if more else 0)
    return Entry(int(at), float(us), name, _pattern(name, words), hidden, place, us_place)


def _pattern(name: str, words: list[str]) -> str:
    """The pattern of the first key; of KEYS the pattern that was asked for."""
    first = name.partition("|")[0]
    at = _KEY_AT.get(first, 1)
    if first in ("xread", "xreadgroup"):
        upper = [word.upper() for word in words]
        at = upper.index("STREAMS") + 1 if "STREAMS" in upper else len(words)
    if first in ("eval", "evalsha", "fcall") and words[2:3] == ["0"]:
        return ""
    return "" if first in _NO_KEY or at >= len(words) else pattern_of(words[at])


def of_terminal(lines: list[str], result: ParseResult) -> Iterator[Entry]:
    """Entries of the numbered form; lines that belong to none are rejected."""
    printed = read_printed(lines)
    for number in printed.strange:
        result.reject(number, MARK)
    for reply in printed.reply.members:
        entry = _of_reply(reply, lines, result)
        if entry is None:
            result.notes.append(f"Line {reply.line:,}: an entry that is cut or no slow log's was left out.")
        else:
            yield entry
    result.records_lines = printed.read


def _of_reply(reply: Reply, lines: list[str], result: ParseResult) -> Entry | None:
    found = reply.members
    if len(found) < 4 or not found[3].members:
        return None
    values = [*(one.value for one in found[:3]), [one.value for one in found[3].members]]
    command, us = found[3].line, found[2].line
    return entry_of(
        values,
        readers.place(command, lines[command - 1], result),
        readers.place(us, lines[us - 1], result),
    )


def of_pipe(lines: list[str], result: ParseResult) -> Iterator[Entry]:
    """Entries of the unlabelled form, one value a line. How many arguments there are is not written: an entry ends
    where the next one starts, three numbers of which the first is the id before and the second a moment.
    """
    starts = _starts(lines)
    for at in range(starts[0] if starts else len(lines)):
        result.reject(at + 1, MARK)
    for start, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        words = lines[start + 3 : end]
        named = len(words) > 2 and _ADDRESS.match(words[-2])
        bare = len(words) > 1 and _ADDRESS.match(words[-1]) and end == len(lines)  # an editor took the last blank line
        words = words[:-2] if named else words[:-1] if bare else words
        entry = entry_of(
            [int(lines[start]), int(lines[start + 1]), int(lines[start + 2]), words],
            readers.place(start + 4, lines[start + 3], result),
            readers.place(start + 3, lines[start + 2], result),
        )
        if entry is None:
            for at in range(start, end):
                result.reject(at + 1, MARK)
        else:
            result.records_lines += end - start
            yield entry


def _starts(lines: list[str]) -> list[int]:
    """Where entries start: the ids of a slow log go down by one, or the client's address ends the entry before."""
    found: list[int] = []
    for at in range(len(lines) - 3):
        if _starts_entry(lines, at) and (
            not found or int(lines[at]) == int(lines[found[-1]]) - 1 or _ADDRESS.match(lines[at - 2])
        ):
            found.append(at)
    return found


def _starts_entry(lines: list[str], at: int) -> bool:
    three = lines[at : at + 3]
    numbers = all(text.isascii() and text.isdigit() and len(text) < 20 for text in three)
    return numbers and 10**9 <= int(three[1]) < 2**33 and _COMMAND.match(lines[at + 3]) is not None


def of_json(document: JsonText, result: ParseResult) -> Iterator[Entry]:
    """Entries of `redis-cli --json`; the quote ends with the command, before its arguments."""
    for member in document.members(document.start):
        inside = document.members(member.value_at)
        words = document.members(inside[3].value_at) if len(inside) > 3 else []
        entry = None
        if words:
            end = words[0].value_at + len(str(words[0].value)) + 2
            us_place = _quote(document, member.at, inside[2].at, inside[2].value_at + len(str(inside[2].value)), result)
            place = _quote(document, member.at, words[0].at, end, result)
            entry = entry_of([one.value for one in inside], place, us_place)
        if entry is None:
            result.notes.append(f"Line {document.line(member.at):,}: an entry that is no slow log's was left out.")
        else:
            yield entry
    result.blank = sum(not line.strip() for line in document.text.splitlines())
    result.records_lines = result.lines - result.blank


def _quote(document: JsonText, start: int, at: int, end: int, result: ParseResult) -> Place:
    """The text from the entry's start to the end of a value, as far as it stands on the value's line."""
    first = document.text.rfind("\n", start, at) + 1 or start
    return readers.place(document.line(at), document.text[first:end], result)
