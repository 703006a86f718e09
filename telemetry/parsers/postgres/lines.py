"""Blocks of bytes as whole records: a record's first line with its continuation lines."""

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from telemetry.source import LINE_BYTES

# Joins the lines of a record where it is looked at. It cannot stand in the text: PostgreSQL writes none, and stray ones
# are replaced.
FOLD = b"\x01"
TABBED = FOLD + b"\t"
# Of a record above the size at which lines are left out too, its beginning is kept and the count of its lines.
_KEEP_BYTES = 128 * 1024
_GROUP = re.compile(rb"\?P<\w+>")


def whole_records(blocks: Iterable[bytes], start: bytes) -> Iterator[bytes]:
    """Blocks that end where a record ends, with its LF.

    A continuation is what begins with a TAB, or does not begin with the pattern `start`: many exports lose the TAB that
    the server writes in front of it.
    """
    begin = beginning(start)
    carry, over = b"", False
    for block in blocks:
        text = carry + _clean(block)
        last = text.rfind(b"\n")
        while last >= 0 and not begin.match(text, last):
            last = text.rfind(b"\n", 0, last)
        carry = text[last + 1 :]
        if last >= 0:
            if over or last > LINE_BYTES:  # only the first record can be longer than a block
                found = begin.search(text)
                first = found.start() + 1 if found else last + 1
                yield _shortened(text[:first]) if over or first > LINE_BYTES else text[:first]
                text, last = text[first:], last - first
            yield text[: last + 1]
            over = False
        if over or len(carry) > LINE_BYTES:
            carry, over = _shortened(carry), True
    if carry:
        yield carry.removesuffix(b"\n").removesuffix(b"\r") + b"\n"


def logical_lines(blocks: Iterable[bytes], start: bytes) -> Iterator[list[bytes]]:
    """The records of `whole_records`, each without its last LF."""
    begin = beginning(start)
    for records in whole_records(blocks, start):
        yield begin.split(records[:-1])


@contextmanager
def many_objects() -> Iterator[None]:
    """While the records of a block are looked at nobody searches them for cycles, for they have none."""
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


def folded(line: bytes) -> bytes:
    """A record with its line ends out of the way of those in its text."""
    return line.replace(b"\n", FOLD)


def beginning(start: bytes) -> re.Pattern[bytes]:
    """The line end in front of a record. The search runs from one to the next, so a short `start` costs nothing."""
    return re.compile(rb"\n(?!\t)(?=" + _GROUP.sub(b"?:", start) + rb")")


def _clean(block: bytes) -> bytes:
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    return block.replace(FOLD, b"\x02") if FOLD in block else block


def _shortened(record: bytes) -> bytes:
    """The same wherever blocks end: what was shortened and goes on is shortened again to what the whole would be."""
    if len(record) <= _KEEP_BYTES:
        return record
    ends = record.endswith(b"\n")
    dropped = record.count(b"\n", _KEEP_BYTES) - ends
    return record[:_KEEP_BYTES] + b"\n\t" * dropped + b"\n" * ends
