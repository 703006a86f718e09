"""SQL text as statements with their lines: strings, comments and psql's own commands told apart, COPY data skipped."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_CHARS = 1_000_000  # of one statement that are kept
_TOKEN = re.compile(r"--|/\*|'|\"|\$(?:[^\W\d]\w*)?\$|;|[()]")
_ESCAPED = re.compile(r"\\.|''|'|\\\Z")
_NESTED = re.compile(r"/\*|\*/")
_LEAD = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*+", re.S)
_RULE = re.compile(r"\s*create\s+(?:or\s+replace\s+)?rule\b", re.I)
_ATOMIC = re.compile(r"\bbegin\s+atomic\b", re.I)
_COPY = re.compile(r"\s*copy\s.*\bfrom\s+stdin\b", re.I | re.S)
_BODY = re.compile(r"do\s+(?:language\s+\w+\s+)?(?P<quote>\$\w*\$)(?P<body>.*)(?P=quote)", re.I | re.S)
_INNER = re.compile(
    r"(?:\A|;|\b(?:begin|then|else))(?:\s|--[^\n]*\n)*+((?:alter\s+table|create\s+(?:unique\s+)?index|create\s+table)\b"
    r"[^;]{1,20000});",
    re.I,
)
# What pg_dump writes above every object; inside a string it says that the string was never closed.
_DUMP_HEADING = re.compile(r"-- (?:Data for )?Name: .*; Type: ")


@dataclass(frozen=True, slots=True)
class Statement:
    """`line` is that of its first word, `first` and `last` those of its text; a `cut` one has no end."""

    line: int
    text: str
    first: int
    last: int
    cut: bool = False


def inside_do(statement: Statement) -> Iterator[Statement]:
    """The definitions inside a DO block, which tools write to survive a second run; what it EXECUTEs is not seen."""
    body = _BODY.match(statement.text)
    for found in _INNER.finditer(body["body"]) if body else ():
        line = statement.line + statement.text.count("\n", 0, body.start("body") + found.start(1)) if body else 0
        yield Statement(line, found[1], line, line + found[1].count("\n"))


class Statements:
    """Iterate over (number, line); `copied` counts the lines of COPY data, `blank` the empty lines outside of it."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        self._lines = lines
        self.copied = self.blank = self.last = 0
        self._kept: list[str] = []
        self._size = self._first = 0
        self._mode = ""  # what is open: a quote, "e'" for an escaped string, "/*", or a dollar quote
        self._depth = self._parens = 0
        self._copying = False

    def __iter__(self) -> Iterator[Statement]:
        for number, line in self._lines:
            self.last = number
            if self._copying:
                self._copying = line != "\\."
                self.copied += self._copying
                continue
            self.blank += not line.strip()
            if self._mode not in ("", "/*") and _DUMP_HEADING.match(line):
                yield from self._close(number - 1, cut=True)
            if not self._mode and line.startswith("\\"):
                continue
            yield from self._read(number, line)
        yield from self._close(self.last, cut=True)

    def _read(self, number: int, line: str) -> Iterator[Statement]:
        start = at = 0
        while True:
            at = self._step(line, at)
            if at < 0:
                break
            if line[at - 1] == ";" and not self._mode and self._ends(line[start : at - 1]):
                self._keep(number, line[start:at])
                yield from self._close(number)
                start = at
        rest = line[start:]
        if self._kept or (rest.strip() and not (rest.lstrip().startswith("--") and not self._mode)):
            self._keep(number, rest)

    def _step(self, line: str, at: int) -> int:
        """The offset behind the next mark that opens, closes or ends something; -1 at the end of the line."""
        if self._mode == "":
            return self._open(line, at)
        if self._mode == "/*":
            found = _NESTED.search(line, at)
            if found is not None:
                self._depth += 1 if found[0] == "/*" else -1
                self._mode = "/*" if self._depth else ""
            return found.end() if found else -1
        if self._mode == "e'":
            found = _ESCAPED.search(line, at)
            if found is not None and found[0] == "'":
                self._mode = ""
            return found.end() if found else -1
        close = line.find(self._mode, at)
        if close < 0:
            return -1
        end, self._mode = close + len(self._mode), ""
        return end

    def _open(self, line: str, at: int) -> int:
        found = _TOKEN.search(line, at)
        if found is None or found[0] == "--":
            return -1
        mark, before = found[0], line[max(found.start() - 2, 0) : found.start()]
        if mark == "'":
            self._mode = "e'" if re.search(r"(?:\A|\W)[eE]\Z", before) else "'"
        elif mark in ('"', "/*"):
            self._mode, self._depth = mark, 1
        elif mark.startswith("$") and not re.search(r"[\w$]\Z", before):
            self._mode = mark
        elif mark in "()":
            self._parens += 1 if mark == "(" else -1
        return found.end()

    def _ends(self, rest: str) -> bool:
        """Whether a semicolon ends the statement: not inside the actions of a rule or the body of a function."""
        head = "\n".join([*self._kept[:40], rest])
        if self._parens > 0 and _RULE.match(head):
            return False
        return not (_ATOMIC.search(head) and not re.search(r"\bend\s*\Z", rest, re.I))

    def _keep(self, number: int, text: str) -> None:
        if not self._kept:
            self._first = number
        self._size += len(text) + 1
        if self._size <= MAX_CHARS:
            self._kept.append(text)

    def _close(self, last: int, cut: bool = False) -> Iterator[Statement]:
        text, cut = "\n".join(self._kept), cut or self._size > MAX_CHARS
        self._kept, self._size, self._mode, self._parens = [], 0, "", 0
        found = _LEAD.match(text)
        lead = found.end() if found else 0
        if not text[lead:].strip(" \t\n;"):
            return
        self._copying = not cut and bool(_COPY.match(text[lead:]))
        yield Statement(self._first + text.count("\n", 0, lead), text[lead:], self._first, last, cut)
