"""What stands around an export that was copied from a terminal or a chat, or kept by what ran the program.

A Markdown fence, the prompt and the command, colours, a quoted or indented text, the name that `docker compose logs`
and `kubectl logs --prefix` write before every line, the time that container runtimes add. It is taken off on the way,
line by line, so that a line keeps its number. An export whose own carrier knows the prefix (syslog, log drains) is left
as it is: that prefix is the only place of its time.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from telemetry.opened import Opened
from telemetry.source import BLOCK_BYTES, LINE_BYTES, Head
from telemetry.streams import stream_of
from telemetry.wrapping.around import Fenced, fence, statement, terminal
from telemetry.wrapping.before_lines import OF_SYSLOG, OF_TS, prefixed
from telemetry.wrapping.forms import markdown, pretty
from telemetry.wrapping.layer import Cut, Layer

LAYERS = 4  # a fence around `docker compose logs --timestamps` in colours
_SAMPLE = 200

Claimed = Callable[[Head], str | None]
# Formats whose own readers know what syslog or a runtime writes before a line, and take the time from there.
_CARRIED = frozenset({"postgres-log", "pgbouncer-log", "lambda-log"})
_DATED = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:|\d\d/[A-Z][a-z]{2}/\d{4}:|\d{4}/\d\d/\d\d |\"(?:time|timestamp|ts|date|@timestamp)\""
)


def layers_of(head: Head) -> list[Layer]:
    """What may be taken off next: the whole text's, else one or more readings of what stands before every line."""
    lines = head.whole_lines
    around = (
        fence(lines, head.complete) or terminal(lines) or statement(lines) or pretty(head) or markdown(lines[:_SAMPLE])
    )
    return [around] if around else list(prefixed(lines[:_SAMPLE]))


def bare(opened: Opened, claimed: Claimed) -> tuple[Opened, list[str]]:
    """The file without what stands around its export, and what was taken off; itself when it is claimed as it is.

    `claimed` gives the one format that is recognised in a head.
    """
    found = _inside(opened.head(), claimed, LAYERS)
    if not found:
        return opened, []
    inner = replace(opened, open=lambda: _stripped(opened.open(), found), plain=None)
    return inner, [layer.words for layer in found]


def _inside(head: Head, claimed: Claimed, left: int) -> list[Layer]:
    """The layers to take off, the outermost first; none when nothing claims what is inside."""
    for layer in layers_of(head) if left else []:
        inner = _head(head, layer)
        if layer.carries and _is_own(head, inner, layer, claimed):
            return []
        if (deeper := _inside(inner, claimed, left - 1)) or claimed(inner):
            return [layer, *deeper]
    return []


def _is_own(head: Head, inner: Head, layer: Layer, claimed: Claimed) -> bool:
    """Whether what stands before the lines is a part of the format."""
    if layer.words == OF_SYSLOG and " haproxy[" in head.text[:2_000]:
        return True
    if layer.words == OF_TS:
        return claimed(head) is not None
    return (layer.words == OF_SYSLOG or not _dated(inner)) and claimed(head) in _CARRIED


def _dated(head: Head) -> bool:
    filled = [line for line in head.lines[:20] if line.strip()]
    return any(_DATED.search(line[:300]) for line in filled[:5])


def _head(head: Head, layer: Layer) -> Head:
    text = layer.strip(head.text.replace("\r\n", "\n").encode("utf-8", "replace")).decode("utf-8", "replace")
    return Head(head.name, text, head.complete)


def _stripped(stream: BinaryIO, layers: list[Layer]) -> BinaryIO:
    for layer in layers:
        stream = _without(stream, layer)
    return stream


def _without(stream: BinaryIO, layer: Layer) -> BinaryIO:
    strip = layer.strip.begin() if isinstance(layer.strip, Fenced) else layer.strip
    blocks = (strip(block) for block in _whole_lines(stream, layer.cut))
    ready = b""

    def pull(size: int) -> bytes:
        nonlocal ready
        while not ready:
            block = next(blocks, None)
            if block is None:
                return b""
            ready = block
        part, ready = ready[:size], ready[size:]
        return part

    return stream_of(pull, stream.close)


def _whole_lines(stream: BinaryIO, cut: Cut) -> Iterator[bytes]:
    """Blocks that end where `cut` says; what has no such end for too long is passed on as it comes."""
    rest = b""
    while block := stream.read(BLOCK_BYTES):
        rest += block.replace(b"\r\n", b"\n")
        end = cut(rest) or (len(rest) if len(rest) > LINE_BYTES else 0)
        if end:
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest
