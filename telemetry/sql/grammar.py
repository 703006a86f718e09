"""PostgreSQL's own grammar (libpg_query by postgast), with a way out for what it cannot read."""

import re
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import postgast
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from telemetry.sql.keys import literal_key, without_comments

# libpg_query recurses on the C stack: 30,000 chained operators end the process. A third of that in characters is safe
# with the usual 8 MB; longer statements are compacted first, and are their key when that is not enough.
_GRAMMAR_CHARS = 10_000
_CACHE_KEYS = 50_000
_QUERY_CHARS = 2_000
_UNREADABLE = (postgast.PgQueryError, UnicodeEncodeError, DecodeError)
_SPACE = re.compile(r"\s+")
_fingerprints: dict[bytes, str] = {}


@lru_cache(maxsize=500)  # what waits, spills or fails is mostly the same few statements
def fingerprint(sql: str) -> str:
    """16 hex digits that are equal for statements that differ only in literals, list lengths, comments and spacing.

    Where the grammar fails (truncated text, other placeholders) it is a hash of the text without its literals.
    """
    key = literal_key(sql.encode("utf-8", "replace"))
    known = _fingerprints.get(key)
    if known is None:
        if len(_fingerprints) >= _CACHE_KEYS:
            _fingerprints.clear()
        known = _fingerprints[key] = fingerprint_of(sql, key)
    return known


def fingerprint_of(sql: str, key: bytes) -> str:
    """As `fingerprint`, without its cache, for callers that keep families by `literal_key` themselves."""
    for text in (sql, compact(key)):
        if len(text) > _GRAMMAR_CHARS or not text.strip() or "\0" in text:
            continue
        try:
            return str(postgast.fingerprint(text).hex).zfill(16)
        except _UNREADABLE:
            continue
    return blake2b(b" ".join(key.split()), digest_size=8).hexdigest()


def compact(key: bytes) -> str:
    """A literal key as text that the grammar can read."""
    return key.decode("utf-8", "replace").replace("?", "$1")


def normalize(sql: str) -> str:
    """One line with literals as $n and without comments, at most 2,000 characters. Never holds a literal."""
    bare = without_comments(sql)
    text = literal_key(bare.encode("utf-8", "replace")).decode("utf-8", "replace")
    if len(bare) <= _GRAMMAR_CHARS and "\0" not in bare:
        with suppress(*_UNREADABLE):
            text = postgast.normalize(bare)
    return _SPACE.sub(" ", text).strip()[:_QUERY_CHARS]


def syntax_tree(sql: str) -> Any | None:
    """The first statement's node, or None when the grammar cannot read the text."""
    for text in (sql, compact(literal_key(sql.encode("utf-8", "replace")))):
        if len(text) > _GRAMMAR_CHARS or "\0" in text:
            continue
        try:
            statements = postgast.parse(text).stmts
        except _UNREADABLE:
            continue
        return statements[0].stmt if statements else None
    return None
