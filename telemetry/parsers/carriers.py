"""Look at the start of a file and then read it whole: for formats that come in several carriers."""

import codecs

from telemetry.source import HEAD_BYTES, Head, Source
from telemetry.streams import stream_of


def peeked(source: Source) -> tuple[Head, Source]:
    """The first 64 KB, and a source that still reads from the first byte, with the progress and limits of the other."""
    blocks = source.blocks()
    first = next(blocks, b"")
    complete = len(first) < HEAD_BYTES
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(first[:HEAD_BYTES], final=complete)
    waiting = [first]

    def pull(_: int) -> bytes:
        return waiting.pop() if waiting else next(blocks, b"")  # one block, whatever was asked for

    def pass_on(_: int, records: int) -> None:
        source.records = records

    def leave_open() -> None:
        """Who opened the stream closes it."""

    return Head(source.name, text, complete), Source(source.name, stream_of(pull, leave_open), pass_on)
