"""A statement without its literals, made without a grammar: a cheap key in front of the real fingerprint."""

import re
from urllib.parse import unquote_plus

# A number or a $n parameter that is no part of a word or of a quoted name.
_NUMBER = re.compile(rb"[$0-9](?<![\w\"$].)[\w.]*")
_LIST = re.compile(rb"(?i)\b(in|array)\s*([(\[])\s*\?(?:\s*,\s*\?)+")
# Rows of VALUES that look alike without their literals; possessive, so that broken text costs no backtracking.
_ROWS = re.compile(rb"(?i)(\bvalues\s*+)(\((?:[^()]++|\([^()]*+\))*+\))(?:\s*+,\s*+\2)+")
# Where literals, comments and quoted names can hide each other, they are told apart from left to right.
_HARD = re.compile(
    rb"(?P<name>\"[^\"]*\"?)|(?P<escaped>\b[eE]'(?:[^'\\]|\\.|'')*'?)|(?P<text>'(?:[^']|'')*'?)"
    rb"|(?P<comment>/\*.*?(?:\*/|\Z)|--[^\n]*)|(?P<dollar>\$(?P<tag>[A-Za-z_]*)\$.*?(?:\$(?P=tag)\$|\Z))",
    re.S,
)
_HARD_TEXT = re.compile(_HARD.pattern.decode(), re.S)
_PAIR = re.compile(r"([A-Za-z_][\w.-]*)\s*[=:]\s*(?:'([^']*)'|([^\s,;*'][^\s,;*]*))")
# Tags that differ on every call say nothing about the family.
_PER_CALL = ("trace", "span", "request_id", "request-id", "requestid", "session", "job_id", "jid")


def literal_key(sql: bytes) -> bytes:
    """The statement with `?` for every literal and parameter, and one element for IN and VALUES lists of any length.

    Statements with equal keys belong to one family; one family may have several keys (spacing, sign, NULL).
    """
    if b"/*" in sql or b"--" in sql or b"\\" in sql or b"$$" in sql:
        sql = _HARD.sub(_blank, sql)
    elif b"'" in sql:
        sql = b"?".join(sql.split(b"'")[::2])
    key = _NUMBER.sub(b"?", sql)
    if b"?," in key or b"? ," in key:
        key = _LIST.sub(rb"\1 \2?", key)
    if b")," in key or b") ," in key:
        key = _ROWS.sub(rb"\1\2", key)
    return key


def _blank(found: re.Match[bytes]) -> bytes:
    if found["name"] is not None:
        return found["name"]
    return b" " if found["comment"] is not None else b"?"


def without_comments(sql: str) -> str:
    """The statement with every comment replaced by a space; text inside literals and quoted names stays."""
    if "/*" not in sql and "--" not in sql:
        return sql
    return _HARD_TEXT.sub(lambda found: " " if found["comment"] is not None else found[0], sql).strip()


def comment_tags(sql: str) -> dict[str, str]:
    """Tags of sqlcommenter, marginalia or `/* route=/api/x */` comments: lower-case names, at most ten, 120 characters.

    See https://google.github.io/sqlcommenter/spec/ for the percent encoding. Tags that differ per call are left out.
    """
    tags: dict[str, str] = {}
    for found in _HARD_TEXT.finditer(sql) if "/*" in sql else ():
        for name, quoted, bare in _PAIR.findall((found["comment"] or "").strip("/*- ")):
            if len(tags) < 10 and not any(word in name.lower() for word in _PER_CALL):
                tags[name.lower()] = unquote_plus(quoted or bare)[:120]
    return tags
