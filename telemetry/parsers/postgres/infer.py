"""A log_line_prefix nobody told us: the structure that most lines share, written back as escapes."""

import re
from collections import Counter

_VALUE = r"(?:\[local\]|\[unknown\]|[^\s,\]\[)\"|;]*)"
_TOKENS = re.compile(
    r"(?P<m>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d{3} ?(?:[A-Za-z]{1,5}\b|[+-]\d\d(?::?\d\d)?))"
    r"|(?P<t>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ?(?:[A-Za-z]{1,5}\b|[+-]\d\d(?::?\d\d)?))"
    r"|(?P<n>\b\d{10}\.\d{3}\b)"
    r"|(?P<key>\b[^\W\d]\w*\s?=\s?\"?)(?P<value>" + _VALUE + r")"
    r"|(?P<c>\b[0-9a-f]{6,}\.[0-9a-f]+\b)"
    r"|(?P<ud>[\w.$\[\]-]+@[\w.$\[\]-]+)"
    r"|(?P<r>\[local\]|\d+\.\d+\.\d+\.\d+(?:\(\d+\))?)"
    r"|(?P<v>\b\d+/\d+\b)"
    r"|(?P<number>\d+)"
    r"|(?P<percent>%)"
    r"|(?P<W>\[unknown\]|[^\W\d][\w.$-]*)"
)
_EMPTY = re.compile("%[Wuadre]")
_KEYS = (
    ("p", ("pid", "p", "process", "process_id")),
    ("u", ("user", "usr", "u", "username", "user_name")),
    ("d", ("db", "database", "d", "dbname", "database_name")),
    ("a", ("app", "application", "application_name", "a", "appname")),
    ("r", ("client", "host", "h", "r", "remote", "ip", "client_addr")),
    ("e", ("state", "sqlstate", "code", "error", "sql_error_code")),
)


def infer_escapes(heads: list[bytes]) -> str:
    """Escapes for what stands before the severity, by the majority of the lines; `%q` before what some lines lack."""
    counts = Counter(_escapes(head.decode("utf-8", "replace")) for head in heads)
    ranked = [escapes for escapes, _ in counts.most_common()]
    for other in ranked[1:]:
        if _EMPTY.sub("", ranked[0]) == _EMPTY.sub("", other):  # one has a field that is empty in the other
            return max(ranked[0], other, key=len)
        short, full = sorted((ranked[0], other), key=lambda escapes: len(_EMPTY.sub("", escapes)))
        if (cut := _end_of(short, full)) is not None:
            return full[:cut] + "%q" + full[cut:]
    return ranked[0]


def _end_of(short: str, full: str) -> int | None:
    """Where in `full` a background process stops that writes only `short`; its empty fields do not show."""
    bare = _EMPTY.sub("", short)
    if not bare.strip():
        return None
    return next((cut for cut in range(len(full)) if _EMPTY.sub("", full[:cut]) == bare), None)


def _escapes(head: str) -> str:
    numbers = 0
    parts: list[str] = []
    end = 0
    for found in _TOKENS.finditer(head):
        parts.append(head[end : found.start()])
        end = found.end()
        kind = found.lastgroup or ""
        if kind == "value":
            parts.append(found["key"] + _named(found["key"].strip(' ="').lower()))
        elif kind == "number":
            # The first bare number of a prefix is the process in every prefix of the field that has one.
            parts.append("%l" if numbers or "%p" in "".join(parts) else "%p")
            numbers += 1
        else:
            parts.append({"ud": "%u@%d", "percent": "%%"}.get(kind, f"%{kind}"))
    return "".join(parts) + head[end:].replace("%", "%%")


def _named(key: str) -> str:
    return next(("%" + letter for letter, names in _KEYS if key in names), "%W")
