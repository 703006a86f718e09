"""What stands around an export that was copied from a terminal or a chat, or kept by what ran the program.

A Markdown fence, the prompt and the command, colours, a quoted or indented text, the name that `docker compose logs`
and `kubectl logs --prefix` write before every line, the time that container runtimes add. It is taken off on the way,
line by line, so that a line keeps its number. An export whose own carrier knows the prefix (syslog, log drains) is left
as it is: that prefix is the only place of its time.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import orjson

from telemetry.opened import Opened
from telemetry.source import BLOCK_BYTES, LINE_BYTES, Head
from telemetry.streams import stream_of

LAYERS = 4  # a fence around `docker compose logs --timestamps` in colours
_SAMPLE = 200
_MOST_BLANKS = 80
_SHARE = 0.9  # of the lines must have the prefix: "Attaching to db-1" and a cut line have none
_PROSE = 6  # lines of a chat before or after the fence

Strip = Callable[[bytes], bytes]
Cut = Callable[[bytes], int]
Claimed = Callable[[Head], str | None]
# Formats whose own readers know what syslog or a runtime writes before a line, and take the time from there.
_CARRIED = frozenset({"postgres-log", "pgbouncer-log", "lambda-log"})


@dataclass(frozen=True, slots=True)
class Layer:
    """One thing to take off. `strip` makes of whole lines as many lines; `cut` tells the length of the whole ones at
    the start of a block, 0 for none. `carries` the time, where the lines have none of their own.
    """

    words: str
    strip: Strip
    carries: bool = False
    cut: Cut = lambda block: block.rfind(b"\n") + 1


# -- around the whole ------------------------------------------------------------------------------------------------

_FENCE = re.compile(r"[ \t]*(?:```|~~~)[ \t]*[\w.+-]*[ \t]*\Z")
# Shells, redis-cli, psql, mongosh and the like, PowerShell, cmd.exe; `psql` of a second line ends in "-#" or "'#".
_W = r"[\w.-]{1,100}"  # bounded, because a line may be long and hostile
_PROMPT = (
    rf"(?:(?:\$|❯|➜) (?=\S)|{_W}@{_W}[ :][~/\w.-]{{0,80}} ?[$#%>](?: |\Z)"
    rf"|{_W}:[~/\w.-]{{1,100}} {_W}[$#](?: |\Z)|\[{_W}@{_W} [^\]\n]{{1,80}}\][$#](?: |\Z)"
    rf"|PS [A-Za-z]:[^>\n]{{0,120}}>|[A-Za-z]:\\[^>\n]{{0,120}}>"
    rf"|(?:{_W}|\[[\da-f:]{{2,40}}\]):\d{{2,5}}(?:\[\d{{1,3}}\])?(?:\(TX\))?> ?"
    rf"|redis \S{{1,200}}\.sock(?:\[\d{{1,3}}\])?> ?|not connected> ?|\w[\w.-]{{0,62}}[=\-'\"(*][!*^]?[#>](?: |\Z))"
)
_PROMPT_LINE = re.compile(_PROMPT)
_SAID = re.compile(
    r"psql \(\d[^)]*\)\Z|Type \"help\" for help\.|SSL connection \(|Timing is o|Expanded display is|Pager usage is"
    r"|Null display is|You are now connected to|Output format is|WARNING: psql major version|Password for user"
    r"|Border style is|Warning: Using a password|AUTH failed"
)
_PROMPT_BYTES = re.compile(rb"^" + _PROMPT.replace(r"\Z", "$").encode() + rb"[^\n]*", re.M)
_SAID_BYTES = re.compile(rb"^(?:" + _SAID.pattern.replace(r"\Z", r"\r?$").encode() + rb")[^\n]*", re.M)


def _fence(lines: list[str], complete: bool) -> Layer | None:
    """One fenced block with a few words of a chat around it."""
    at = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    if not at or at[0] > _PROSE or len(at) > 2 or (complete and len(at) == 2 and len(lines) - at[1] - 1 > _PROSE):
        return None
    return Layer("a Markdown fence", _Fenced(at[0]))


@dataclass(slots=True)
class _Fenced:
    """Keeps what is inside the fence; begins anew for each stream, because it counts."""

    opening: int

    def __call__(self, block: bytes) -> bytes:
        """For a head, which is one block."""
        return self.begin()(block)

    def begin(self) -> Strip:
        """The same for a stream of blocks."""
        opening, line, closed = self.opening, 0, False

        def strip(block: bytes) -> bytes:
            nonlocal line, closed
            kept: list[bytes] = []
            for text in block.splitlines(keepends=True):
                closing = line > opening and _FENCE.match(text.decode("utf-8", "replace").rstrip("\r\n"))
                closed = closed or bool(closing)
                kept.append(_ended(text) if line <= opening or closed else text)
                line += 1
            return b"".join(kept)

        return strip


@dataclass(slots=True)
class _After(_Fenced):
    """Keeps what follows a line."""

    def begin(self) -> Strip:
        """As for a fence."""
        left = self.opening + 1

        def strip(block: bytes) -> bytes:
            nonlocal left
            lines = block.splitlines(keepends=True)
            gone, left = min(left, len(lines)), left - min(left, len(lines))
            return b"".join([*map(_ended, lines[:gone]), *lines[gone:]])

        return strip


def _ended(text: bytes) -> bytes:
    return b"\n" if text.endswith(b"\n") else b""


_QUERY = re.compile(r"\s*(?:select|with|explain|show|table)\b", re.I)
_QUERY_LINES = 60


def _statement(lines: list[str]) -> Layer | None:
    """A query and its semicolon before the answer."""
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if not lines or not _QUERY.match(lines[first]):
        return None
    last = next((at for at, line in enumerate(lines[:_QUERY_LINES]) if line.rstrip().endswith(";")), None)
    return None if last is None else Layer("the query", _After(last))


def _terminal(lines: list[str]) -> Layer | None:
    """A prompt with its command before the output, as copied from a terminal."""
    first = next((line for line in lines if line.strip()), "")
    if not _PROMPT_LINE.match(first) and not _SAID.match(first):
        return None
    return Layer("the prompt and the command", lambda block: _SAID_BYTES.sub(b"", _PROMPT_BYTES.sub(b"", block)))


# -- before every line -----------------------------------------------------------------------------------------------

_STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)"
_CRI = _STAMP + r" std(?:out|err) [FP] "
_SYSLOG = (
    r"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|"
    + _STAMP
    + r") [\w.:-]{1,253} [\w./@-]{1,100}(?:\[\d{1,10}\])?: "
    r"|<\d{1,3}>1 " + _STAMP + r" \S+ \S+ \S+ \S+ (?:-|\[[^\]\n]*\]) (?:" + "\ufeff" + r")?"
)
_ANSI = r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x07\x1b\n]*(?:\x07|\x1b\\)"
_NAMED = {  # the name is group 1
    "the container's name": r"([a-zA-Z][\w.-]{0,100}?)(?:[-_]\d{1,6})? {1,80}\| ?",
    "the pod's name": r"\[pod/[\w.-]{1,253}/([\w.-]{1,253})\] ",
}
_OF_SYSLOG = "the prefix of syslog"  # which also numbers the parts of a message
_OF_TS = "the time before each line"  # of whatever kept the output; many a log has it of its own
_RECORD = re.compile(r"-\[ RECORD \d")  # psql's expanded form has the columns' names before the bar
_PREFIXES = {
    "the runtime's time and stream": _CRI,
    # Not that of Heroku's logplex, which names the process behind it.
    "the runtime's time": _STAMP + r" (?!(?:app|heroku)\[[\w.-]{1,100}\]: )",
    _OF_SYSLOG: _SYSLOG,
    "the marks of a quoted text": r"> ?|[ \t]+\| ?",
    _OF_TS: r"(?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2} [ \d]\d) \d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: |$)",
}
_PARTIAL = re.compile(_STAMP.encode() + rb" std(?:out|err) P ")
_DATED = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:|\d\d/[A-Z][a-z]{2}/\d{4}:|\d{4}/\d\d/\d\d |\"(?:time|timestamp|ts|date|@timestamp)\""
)


def _prefixed(lines: list[str]) -> Iterator[Layer]:
    """Prefixes that nearly all lines have."""
    if any("\x1b[" in line or "\x1b]" in line for line in lines):
        code = re.compile(_ANSI.encode())
        yield Layer("colours", lambda block: code.sub(b"", block))
    for words, pattern in _NAMED.items():
        yield from _named(words, pattern, lines)
    for words, pattern in _PREFIXES.items():
        if not _have(re.compile(pattern), lines):
            continue
        if pattern is _CRI:
            yield Layer(words, _join_parts, True, _after_whole(_PARTIAL))
        else:
            yield Layer(words, _taking(pattern), ":" in pattern)
    if _have(_DOCKER, lines):
        yield Layer("the runtime's JSON", _docker, True, _after_whole(_DOCKER_PART))
    if indent := _indent(lines):
        yield Layer("the indentation", _taking(indent))


def _taking(pattern: str) -> Strip:
    prefix = re.compile(b"^(?:" + pattern.encode() + b")", re.M)
    return lambda block: prefix.sub(b"", block)


def _have(prefix: re.Pattern[str], lines: list[str]) -> bool:
    filled = [line for line in lines if line.strip()]
    if not any(map(prefix.match, filled[:5])):
        return False
    return sum(map(bool, map(prefix.match, filled))) >= _SHARE * len(filled)


def _named(words: str, pattern: str, lines: list[str]) -> Iterator[Layer]:
    """A layer for each name: the lines of the others are no part of its export."""
    prefix = re.compile(pattern)
    if not _have(prefix, lines) or any(map(_RECORD.match, lines)):
        return
    names = Counter(found[1] for line in lines if (found := prefix.match(line)))
    for name, count in names.most_common(20):
        if count == names.total():
            yield Layer(words, _taking(pattern))
        else:
            yield Layer(f"the lines of all but {name}, and its name", _only(pattern, name.encode()))


def _only(pattern: str, name: bytes) -> Strip:
    prefix = re.compile(b"^(?:" + pattern.encode() + b")([^\n]*)", re.M)
    return lambda block: prefix.sub(lambda found: found[2] if found[1] == name else b"", block)


def _indent(lines: list[str]) -> str:
    """The blanks, two at least or a tab, that all lines begin with."""
    filled = [line for line in lines if line.strip()]
    first = re.match(r"[ \t]*", filled[0]) if filled else None
    blanks = first[0][:_MOST_BLANKS] if first else ""
    while blanks and not all(line.startswith(blanks) for line in filled):
        blanks = blanks[:-1]
    return blanks if len(blanks) >= 2 or blanks == "\t" else ""


# A long line comes in parts: they are joined, and as many empty lines follow, so that lines keep their numbers.
_DOCKER = re.compile(r'\{"log":"(?:[^"\\]|\\.)*"')
_DOCKER_PART = re.compile(rb'\{"log":"(?:[^"\\\n]|\\[^n\n])*","')


def _after_whole(partial: re.Pattern[bytes]) -> Cut:
    """The end of the last line that needs no other."""

    def cut(block: bytes) -> int:
        end = block.rfind(b"\n") + 1
        while end and partial.match(block, start := block.rfind(b"\n", 0, end - 1) + 1):
            end = start
        return end

    return cut


def _join_parts(block: bytes) -> bytes:
    cri, owed, lines = re.compile(_CRI.encode()), 0, []
    for line in block.split(b"\n"):
        found = cri.match(line)
        lines.append(line[found.end() :] if found else line)
        if found and found[0].endswith(b"P "):
            owed += 1
            continue
        lines.append(b"\n" * (owed + 1))
        owed = 0
    return b"".join(lines)[:-1]


def _docker(block: bytes) -> bytes:
    """Lines of the json-file driver of Docker: {"log": text with its line end, "stream": ..., "time": ...}."""
    owed, lines = 0, []
    for line in block.split(b"\n"):
        text = _logged(line)
        lines.append(text.removesuffix(b"\n").replace(b"\n", b" ") if line.startswith(b"{") else text)
        if line.startswith(b"{") and not text.endswith(b"\n"):
            owed += 1
            continue
        lines.append(b"\n" * (owed + 1))
        owed = 0
    return b"".join(lines)[:-1]


def _logged(line: bytes) -> bytes:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return line
    text = found.get("log") if isinstance(found, dict) else None
    return text.encode("utf-8", "replace") if isinstance(text, str) else line


# -- forms of the whole ----------------------------------------------------------------------------------------------

_RULE = re.compile(r"\|(?: *:?-{2,}:? *\|)+\s*\Z")


def _pretty(head: Head) -> Layer | None:
    """Objects one after the other over many lines, as jq prints what were JSON lines: each on one line again."""
    if not head.plain.startswith("{\n") or "\n}\n{\n" not in head.plain:
        return None
    return Layer("the line breaks in its JSON", _compact, cut=_after_object)


def _after_object(block: bytes) -> int:
    end = block.rfind(b"\n}\n")
    return end + 3 if end >= 0 else 0


def _compact(block: bytes) -> bytes:
    """Each object on its first line, and as many empty lines as it had more."""
    parts = block.split(b"\n}\n")
    whole = [_joined(part + b"\n}") for part in parts[:-1]]
    last = _joined(parts[-1]) if parts[-1].endswith(b"\n}") else parts[-1]
    return b"\n".join([*whole, last])


def _joined(text: bytes) -> bytes:
    lines = text.split(b"\n")
    return b" ".join(map(bytes.strip, lines)) + b"\n" * (len(lines) - 1)


def _markdown(lines: list[str]) -> Layer | None:
    """A table of Markdown, as trackers and chats show one: CSV again."""
    filled = [line for line in lines if line.strip()][:2]
    if len(filled) < 2 or not _RULE.match(filled[1]) or filled[0].count("|") != filled[1].count("|"):
        return None
    return Layer("the bars of a Markdown table", lambda block: b"\n".join(map(_csv_line, block.split(b"\n"))))


def _csv_line(line: bytes) -> bytes:
    text = line.strip()
    if not text.startswith(b"|") or not text.endswith(b"|") or _RULE.match(text.decode("utf-8", "replace")):
        return b"" if text.startswith(b"|") else line
    cells = (cell.strip() for cell in re.split(rb"(?<!\\)\|", text[1:-1]))
    return b",".join(b'"%b"' % cell.replace(b"\\|", b"|").replace(b'"', b'""') for cell in cells)


# -- taking off ------------------------------------------------------------------------------------------------------


def layers_of(head: Head) -> list[Layer]:
    """What may be taken off next: the whole text's, else one or more readings of what stands before every line."""
    lines = head.whole_lines
    around = (
        _fence(lines, head.complete)
        or _terminal(lines)
        or _statement(lines)
        or _pretty(head)
        or _markdown(lines[:_SAMPLE])
    )
    return [around] if around else list(_prefixed(lines[:_SAMPLE]))


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
    if layer.words == _OF_SYSLOG and " haproxy[" in head.text[:2_000]:
        return True
    if layer.words == _OF_TS:
        return claimed(head) is not None
    return (layer.words == _OF_SYSLOG or not _dated(inner)) and claimed(head) in _CARRIED


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
    strip = layer.strip.begin() if isinstance(layer.strip, _Fenced) else layer.strip
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
