"""Blocks of bytes as logical lines: a record's first line with its continuation lines folded into it."""

import re
from collections.abc import Iterable, Iterator

# Joins the lines of a record. It cannot stand in the text: PostgreSQL writes none, and stray ones are replaced.
FOLD = b"\x01"
_TABBED = FOLD + b"\t"
# What is kept of a record that goes on over the end of a block, so that an endless one costs no memory.
_CARRY_BYTES = 256 * 1024
_KEEP_BYTES = 128 * 1024


def logical_lines(blocks: Iterable[bytes], start: bytes, plain: bool) -> Iterator[list[bytes]]:
    """Lists of logical lines without their line end. A continuation is what does not begin with the pattern `start`:
    many exports lose the TAB that the server writes in front of it. A `plain` start is compared as it stands, which is
    a hundred times faster: behind a leading time stamp the century tells lines apart."""
    quick = b"\n" + start if plain else b""
    lost_tab = re.compile(rb"\n(?!" + start + rb"|\Z)")
    carry = b""
    for block in blocks:
        text = carry + _clean(block)
        text = text.replace(b"\n\t", _TABBED)
        if not quick or text.count(quick) != text.count(b"\n") - text.endswith(b"\n"):
            text = lost_tab.sub(FOLD, text)
        cut = text.rfind(b"\n", 0, len(text) - 1) + 1
        if cut:
            yield text[: cut - 1].split(b"\n")
        carry = _shortened(text[cut:])
    if carry:
        yield [carry.removesuffix(b"\n").removesuffix(b"\r")]


def _clean(block: bytes) -> bytes:
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    return block.replace(FOLD, b"\x02") if FOLD in block else block


def _shortened(carry: bytes) -> bytes:
    if len(carry) <= _CARRY_BYTES:
        return carry
    # Keep the count of lines, not their text.
    dropped = carry.count(FOLD, _KEEP_BYTES)
    return carry[:_KEEP_BYTES] + _TABBED * dropped + (b"\n" if carry.endswith(b"\n") else b"")
