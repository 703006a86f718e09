"""Look at the start of a file that is about to be read, to choose between the carriers of a format."""

import codecs

from telemetry.source import HEAD_BYTES, Head, Source
from telemetry.streams import peek


def head_of(source: Source) -> Head:
    """The first 64 KB of a source that nothing was read from yet; reading still begins at the first byte."""
    raw, source._stream = peek(source._stream, HEAD_BYTES)
    complete = len(raw) < HEAD_BYTES
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(raw, final=complete)
    return Head(source.name, text, complete)
