"""log_line_prefix: from its escapes to a pattern, and which one a file was written with.

Escapes: https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-LINE-PREFIX
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from telemetry.parsers.postgres.infer import infer_escapes
from telemetry.parsers.postgres.languages import FOREIGN_SEVERITIES
from telemetry.source import Head

PRIMARY = (b"LOG", b"ERROR", b"FATAL", b"PANIC", b"WARNING", b"NOTICE", b"INFO", b"DEBUG")
DETAILS = (b"DETAIL", b"HINT", b"CONTEXT", b"STATEMENT", b"QUERY", b"LOCATION", b"BACKTRACE")
_WORDS = b"|".join([*PRIMARY[:-1], rb"DEBUG[1-5]?", *DETAILS, *sorted(FOREIGN_SEVERITIES, key=len, reverse=True)])
SEVERITY = rb"(?P<severity>" + _WORDS + rb"):  "

STAMP = rb"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]) (?:[01]\d|2[0-3]):[0-5]\d:[0-6]\d"
ZONE = rb" ?(?P<zone>[A-Za-z]{1,5}|[+-]\d\d(?::?\d\d)?)"
_NAME = rb"[^\n]{0,63}?"
_ESCAPES: dict[str, bytes] = {
    "m": rb"(?P<stamp>" + STAMP + rb")[.,]\d{3}" + ZONE,
    "t": rb"(?P<stamp>" + STAMP + rb")" + ZONE,
    "n": rb"(?P<epoch>\d{9,11}\.\d{3})",
    "s": STAMP + rb"(?: ?[A-Za-z+-][\w:]{0,5})?",
    "p": rb"(?P<pid>\d+)",
    "P": rb"\d*",
    "l": rb"\d+",
    "c": rb"(?P<session>[0-9a-f]+\.[0-9a-f]+)",
    "u": rb"(?P<user>" + _NAME + rb")",
    "d": rb"(?P<database>" + _NAME + rb")",
    "a": rb"(?P<app>" + _NAME + rb")",
    "r": rb"(?:\[local\]|[\w.:%-]*(?:\(\d+\))?)",
    "h": rb"(?:\[local\]|[\w.:%/-]*)",
    "L": rb"(?:\[local\]|[\w.:%/-]*)",
    "e": rb"(?P<state>[0-9A-Z]{5})",
    "v": rb"[\d/]*",
    "x": rb"\d*",
    "Q": rb"-?\d*",
    "i": _NAME,
    "b": _NAME,
    "W": rb"(?:\[unknown\]|[^\s\[\](),|]*)",  # ours: a word of an inferred prefix
    "%": rb"%",
}
# Time stamps that a collector puts in front of the server's own line: CloudWatch exports and Heroku's logplex.
_ENVELOPE = rb"(?:\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:Z|[+-]\d\d:\d\d)[ \t](?:app\[[\w.-]+\]: (?:\[[\w-]+\] )*)? ?)?"

# In the order of preference where two fit the sample equally well.
PRESETS = (
    "%m [%p] %q%u@%d app=%a client=%h ",
    "%m [%p] %q%u@%d app=%a ",
    "%m [%p] %q%u@%d ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t:%r:%u@%d:[%p]:",
    "%m:%r:%u@%d:[%p]:",
    "%t:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "%t-%c-",
    "%m-%c-",
    "[%p]: [%l-1] db=%d,user=%u ",
    "%m [%p]: [%l-1] db=%d,user=%u ",
    ' sql_error_code = %e time_ms = "%m" pid="%p" proc_start_time="%s" session_id="%c" vtid="%v" tid="%x" '
    'log_line="%l" %qdatabase="%d" connection_source="%r" user="%u" application_name="%a" ',
    "sql_error_code = %e ",
    "%m [%p][%v] : [%l-1] %q[app=%a] ",
    "%t [%p-%l] %q%u@%d ",
    "%m [%p] %q[user=%u,db=%d,app=%a,host=%h] ",
    "%m [%p] %q[user=%u,db=%d,app=%a] ",
    "%t [%p]: [%l-1] user=%u,db=%d - PG-%e ",
    "%t [%p]: [%l-1] [trx_id=%x] user=%u,db=%d ",
    "%m %r %u %a [%c] [%p] ",
    "pid=%p,user=%u,db=%d,app=%a,client=%h ",
    "%p-%s-%c-%l-%h-%u-%d-%m ",
    "%m [%p][%b][%v][%x] %q[user=%u,db=%d,app=%a] ",
    "%t [%p] %q%u@%d %h ",
    "%t [%p] %q%u@%d ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%t [%p]: [%l-1] %q%u@%d ",
    "%m [%p] ",
    "%t [%p] ",
    "%t [%p]: [%l-1] ",
    "%m ",
    "%t ",
    "[%p] ",
)


@dataclass(frozen=True, slots=True)
class Prefix:
    """`pattern` matches prefix and severity at a line's start; `stamp` is the length of a leading time stamp or 0."""

    escapes: str
    pattern: re.Pattern[bytes]
    stamp: int
    has_pid: bool
    has_time: bool

    @property
    def start(self) -> bytes:
        """What a record's first line begins with: the century where a time stamp leads, else the whole pattern."""
        return b"20" if self.stamp else self.pattern.pattern


def compile_prefix(escapes: str, enveloped: bool = False) -> Prefix:
    """Compile escapes such as "%m [%p] %q%u@%d " to a pattern; `enveloped` allows a collector's stamp in front."""
    body, optional = b"", False
    seen: set[bytes] = set()
    for found in re.finditer(r"%-?\d*([A-Za-z%])|[^%]+|%", escapes):
        letter = found[1]
        if letter == "q":
            body, optional = body + b"(?:", True
        elif letter in _ESCAPES:
            part = _ESCAPES[letter]
            # The same escape twice, or %t beside %m: only the first is captured.
            captured = set(re.findall(rb"\?P<(\w+)>", part))
            body += re.sub(rb"\?P<\w+>", b"?:", part) if captured & seen else part
            seen |= captured
        else:
            body += re.escape(found[0].encode())
    body += b")?" if optional else b""
    envelope = _ENVELOPE if enveloped else b""
    stamp = 0 if enveloped else {"%m": 23, "%t": 19}.get(escapes[:2], 0)
    pattern = re.compile(envelope + body + b" ?" + SEVERITY)
    return Prefix(escapes, pattern, stamp, bool(seen & {b"pid", b"session"}), b"stamp" in seen or b"epoch" in seen)


def find_prefix(sample: list[bytes]) -> Prefix | None:
    """The prefix that reads most lines of a sample, from the presets or inferred; None when no line has a severity."""
    lines = [line for line in sample if _ANYWHERE.search(line[:1000])][:400]
    if not lines:
        return None
    enveloped = sum(bool(_ENVELOPED.match(line)) for line in lines) * 2 > len(lines)
    best = _best_preset(lines, enveloped)
    if _score(best, lines) < len(lines) * 0.95:
        inferred = infer_escapes([_ANYWHERE.split(line, 1)[0] for line in lines])
        guess = compile_prefix(inferred, enveloped)
        best = max((best, guess), key=lambda prefix: _score(prefix, lines))
    return best if _score(best, lines) else None


def _best_preset(lines: list[bytes], enveloped: bool) -> Prefix:
    best, most = compile_prefix(PRESETS[0], enveloped), -1
    for escapes in PRESETS:
        prefix = compile_prefix(escapes, enveloped)
        score = _score(prefix, lines)
        if score == len(lines):
            return prefix
        if score > most:
            best, most = prefix, score
    return best


def _score(prefix: Prefix, lines: list[bytes]) -> int:
    return sum(bool(prefix.pattern.match(line)) for line in lines)


AFTER_SEVERITY = ":  "  # what every carrier of text lines holds; asking for it costs nothing
_ANYWHERE = re.compile(rb"(?:(?<=[^A-Za-z0-9_])|^)(?:" + _WORDS + rb"):  ")
_SEVERITIES = frozenset([*PRIMARY, *(b"DEBUG%d" % level for level in range(1, 6)), *DETAILS, *FOREIGN_SEVERITIES])
_SIZES = sorted(set(map(len, _SEVERITIES)))
_WORD_BYTES = b"_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ENVELOPED = re.compile(_ENVELOPE[:-1])


def has_severity(line: bytes) -> bool:
    """Whether a server's severity stands near the start of a line, whatever is in front of it."""
    return carries_severity(line, 300)


def carries_severity(line: bytes, chars: int = 1000) -> bool:
    """Whether a severity stands anywhere in the first characters of a line."""
    at = line.find(b":  ", 0, chars)
    while at >= 0:  # a look at the words in front of each is far cheaper than the expression for all of them
        for size in _SIZES:
            start = at - size
            if start >= 0 and line[start:at] in _SEVERITIES and not (start and line[start - 1] in _WORD_BYTES):
                return True
        at = line.find(b":  ", at + 1, chars)
    return False


@lru_cache(maxsize=2)
def carrying_lines(head: Head) -> list[bytes]:
    """Those of the first 400 lines that carry a severity: two carriers ask for them."""
    if AFTER_SEVERITY not in head.text:
        return []
    lines = (line.encode("utf-8", "replace") for line in head.lines[:400] if AFTER_SEVERITY in line)
    return [line for line in lines if carries_severity(line)]


def severities(sample: list[bytes]) -> Counter[bytes]:
    """How many lines of a sample carry each severity word, wherever it stands."""
    found = (_ANYWHERE.search(line[:1000]) for line in sample)
    return Counter(match[0][:-3] for match in found if match)
