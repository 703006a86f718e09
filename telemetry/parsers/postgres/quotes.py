"""Quotes of the file: the first line of a record as it stands there, less what people should not see."""

from collections.abc import Sequence

from telemetry.evidence import Place
from telemetry.parsers.postgres.lines import FOLD
from telemetry.sql import MARK, redact

QUOTE_CHARS = 500
_PLACES = 10_000
# What is kept of a line until it is quoted.
KEPT_BYTES = 1_200


class Quoter:
    """Makes places and counts what was redacted in them, each line once."""

    def __init__(self) -> None:
        self.redacted = 0
        self._made: dict[int, Place] = {}

    def place(self, line: int, text: bytes) -> Place:
        """The line's number and its text: redacted, at most 500 characters, a mark never cut in two."""
        made = self._made.get(line)
        if made is None:
            head = text[:KEPT_BYTES].partition(FOLD)[0].partition(b"\n")[0].decode("utf-8", "replace")
            clean, count = redact(head.replace("\0", "\ufffd"))  # databases refuse NUL
            self.redacted += count
            made = Place(line, _cut(clean))
            if len(self._made) < _PLACES:
                self._made[line] = made
        return made

    def places(self, marks: Sequence[tuple[str, int, bytes]]) -> dict[str, Place]:
        """Places by metric."""
        return {metric: self.place(line, text) for metric, line, text in marks}


def _cut(text: str) -> str:
    if len(text) <= QUOTE_CHARS:
        return text
    cut = text[:QUOTE_CHARS]
    half = cut.rfind("[", QUOTE_CHARS - len(MARK))
    if half >= 0 and MARK.startswith(cut[half:]):
        cut = cut[:half]
    return cut
