"""What stands before every line of an export: names of containers, times of runtimes, syslog, colours, blanks."""

import re
from collections import Counter
from collections.abc import Iterator

import orjson

from telemetry.wrapping.layer import Cut, Layer, Strip

_MOST_BLANKS = 80
_SHARE = 0.9  # of the lines must have the prefix: "Attaching to db-1" and a cut line have none

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
OF_SYSLOG = "the prefix of syslog"  # which also numbers the parts of a message
OF_TS = "the time before each line"  # of whatever kept the output; many a log has it of its own
_RECORD = re.compile(r"-\[ RECORD \d")  # psql's expanded form has the columns' names before the bar
_PREFIXES = {
    "the runtime's time and stream": _CRI,
    # Not that of Heroku's logplex, which names the process behind it.
    "the runtime's time": _STAMP + r" (?!(?:app|heroku)\[[\w.-]{1,100}\]: )",
    OF_SYSLOG: _SYSLOG,
    "the marks of a quoted text": r"> ?|[ \t]+\| ?",
    OF_TS: r"(?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2} [ \d]\d) \d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: |$)",
}
_PARTIAL = re.compile(_STAMP.encode() + rb" std(?:out|err) P ")


def prefixed(lines: list[str]) -> Iterator[Layer]:
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
