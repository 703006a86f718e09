"""The blocks of a Prisma schema: what kind, which name, and their lines with attributes put together.

Grammar: https://www.prisma.io/docs/orm/reference/prisma-schema-reference
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from telemetry.parsers.schema_model import Spot

_OPEN = re.compile(r"\s*(model|view|type|enum|datasource|generator)\s+(\w+)\s*\{\s*(.*)\Z")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//.*|[()\[\]]')
_JOINED = 200  # lines of one entry at most


@dataclass(slots=True)
class Block:
    """One block; `entries` are its lines without comments, an attribute over several lines as one."""

    kind: str
    name: str
    spot: Spot
    entries: list[tuple[Spot, str]] = field(default_factory=list)


class Blocks:
    """Iterate over (number, line); `unread` collects the lines outside of blocks that are no comment."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        self._lines = lines
        self.unread: list[Spot] = []
        self.blank = self.last = 0
        self._open: list[tuple[Spot, str]] = []  # an entry whose brackets are not closed yet
        self._depth = 0
        self._comment = False

    def __iter__(self) -> Iterator[Block]:
        block: Block | None = None
        for number, line in self._lines:
            self.last = number
            self.blank += not line.strip()
            text = self._bare(line).strip()
            if not text:
                continue
            spot = (number, line)
            if block is None:
                block = self._begin(spot, text)
                text = text.rpartition("{")[2].strip() if block else ""
            if block is None or not text:
                continue
            if text.endswith("}") and not self._open and (text == "}" or "{" in line):
                self._entry(block, spot, text[:-1].strip())
                yield block
                block = None
            else:
                self._entry(block, spot, text)
        if block is not None:
            self.unread += [block.spot, *(spot for spot, _ in [*block.entries, *self._open])]

    def _begin(self, spot: Spot, text: str) -> Block | None:
        found = _OPEN.match(text)
        if found is None:
            self.unread.append(spot)
            return None
        return Block(found[1], found[2], spot)

    def _entry(self, block: Block, spot: Spot, text: str) -> None:
        if not text:
            return
        self._open.append((spot, text))
        if self._depth <= 0 or len(self._open) > _JOINED:
            block.entries.append((self._open[0][0], " ".join(part for _, part in self._open)))
            self._open, self._depth = [], 0

    def _bare(self, line: str) -> str:
        """The line without comments; keeps count of the brackets that are open."""
        if self._comment:
            _, end, line = line.partition("*/")
            self._comment = not end
            if not end:
                return ""
        for found in _TOKEN.finditer(line):
            if found[0].startswith("//"):
                return line[: found.start()]
            self._depth += (found[0] in "([") - (found[0] in ")]")
        if "/*" in line and '"' not in line:
            head, _, rest = line.partition("/*")
            self._comment = "*/" not in rest
            return head + rest.partition("*/")[2]
        return line
