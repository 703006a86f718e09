"""From a key to the pattern it belongs to: `user:17:cart` is `user:*:cart`. Keys hold ids, tokens and addresses.

Redis knows no namespaces; the colon between words is the convention of its documentation
(https://redis.io/docs/latest/develop/using-commands/keyspace/).
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from telemetry.redaction import MARK
from telemetry.routes import is_identifier

PATTERN_CHARS = 120
# More different words than this in one place, everything else alike, are names of things rather than of kinds.
MANY_WORDS = 12

_WHOLE = re.compile(
    r"[\w.+-]{1,64}(?:@|%40)[\w.-]{1,200}|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])"
    r"|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)
_PART = re.compile(r"([:/|#.{}\s,;=?&\[\]()\"'\\])")
_WORDS_ID = re.compile(r"((?:[A-Za-z]{2,20}[-_])+)([0-9a-fA-F]*\d[0-9a-fA-F]*)\Z")
_HEX = re.compile(r"(?=.*\d)[0-9a-fA-F]{8,}\Z")
_TOKEN = re.compile(r"(?=.*[a-z])(?=.*[A-Z])[\w+=~-]{16,}\Z")
_STARS = re.compile(r"\*(?:[-_.,:]?\*)+")


def pattern_of(key: str) -> str:
    """The key with everything that names one thing replaced by `*`; at most 120 characters."""
    text = _WHOLE.sub("*", key[: 4 * PATTERN_CHARS])
    parts = [_part(part) if at % 2 == 0 else part for at, part in enumerate(_PART.split(text))]
    pattern = _STARS.sub("*", "".join(parts))
    return pattern if len(pattern) <= PATTERN_CHARS else pattern[: PATTERN_CHARS - 1].rstrip("*") + "*"


def _part(part: str) -> str:
    if named := _WORDS_ID.match(part):
        return named[1] + "*"
    unprintable = not part.isprintable() or "\ufffd" in part
    if unprintable or is_identifier(part) or _HEX.match(part) or _TOKEN.match(part) or len(part) > 40:
        return "*"
    return part


def masked(pattern: str) -> str:
    """The pattern as it may stand in a quote: what is replaced reads `[redacted]`, the rest is the key's own text."""
    return pattern.replace("*", MARK)


def folded(patterns: Iterable[str]) -> dict[str, str]:
    """Each pattern and the broader one it belongs to: `user:ann`, `user:ben` ... become `user:*` when they are many.

    A part is replaced when more than 12 patterns differ in it alone; the first part, the name of the kind, is kept.
    """
    current = {pattern: pattern for pattern in patterns}
    depth = max((pattern.count(":") for pattern in current), default=0)
    for at in range(depth, 0, -1):
        words: dict[str, set[str]] = defaultdict(set)
        for pattern in set(current.values()):
            parts = pattern.split(":")
            if len(parts) > at:
                words[_starred(parts, at)].add(parts[at])
        for original, pattern in current.items():
            parts = pattern.split(":")
            if len(parts) > at and len(words[broad := _starred(parts, at)]) > MANY_WORDS:
                current[original] = broad
    return {original: _STARS.sub("*", pattern) for original, pattern in current.items()}


def _starred(parts: list[str], at: int) -> str:
    return ":".join([*parts[:at], "*", *parts[at + 1 :]])
