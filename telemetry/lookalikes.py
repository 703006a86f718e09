"""What a file is that no parser reads, in words that help the client send the right one."""

import re

import orjson

from telemetry.redaction import redact
from telemetry.source import Head

# First characters of the decoded head; binary bytes that are not UTF-8 arrive as U+FFFD.
_BINARY: list[tuple[str, str]] = [
    ("%PDF-", "a PDF document; send the export itself as text, not a printout"),
    ("\ufffdPNG", "a PNG image; send the export as text, not a picture of it"),
    ("\ufffd\ufffd\ufffd\ufffd\x00\x10JFIF", "a JPEG image; send the export as text, not a picture of it"),
    ("GIF8", "a GIF image; send the export as text, not a picture of it"),
    ("\ufffd\ufffd\x11\u0871", "an old Excel or Word file; save it as CSV and send that"),
    ("7z\ufffd\ufffd", "a 7-Zip archive; send the files as .zip or .gz"),
    ("Rar!", "a RAR archive; send the files as .zip or .gz"),
    ("PGDMP", "a pg_dump archive, which holds data; send statistics and logs instead, never a dump"),
    ("REDIS0", "a Redis RDB dump, which holds data; send the output of INFO everything instead"),
    ("SQLite format 3", "an SQLite database; send the export as text"),
    ("\x7fELF", "a program; send the export as text"),
    ("PAR1", "a Parquet file; send the export as CSV or JSON lines"),
]
_TEXT: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"\A\s*(?:<!doctype html|<html)", re.I), "an HTML page; send the file behind it, not the page"),
    (re.compile(r"\A\s*<\?xml"), "an XML document"),
    (re.compile(r"\[index\.search\.slowlog[.\]]"), "an Elasticsearch slow log, which is not read yet"),
    (re.compile(r"^pika_version:", re.M), "INFO of Pika, which is neither Redis nor Valkey"),
    (re.compile(r"^# Time: \d{4}-.*\n# User@Host:", re.M), "a MySQL slow query log; only PostgreSQL logs are read"),
    (re.compile(r"\A(?:--\n-- PostgreSQL database dump|--\n\n-- Dumped)"), "a pg_dump of a database in SQL"),
    (
        re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[(?:error|warn|notice|crit)\]", re.M),
        "an nginx error log; send the access log",
    ),
    (
        re.compile(r"^Traceback \(most recent call last\)|^\s+at \S+ \(\S+:\d+:\d+\)", re.M),
        "an application's error output",
    ),
]


def describe(head: Head) -> str:
    """What the file looks like, as the end of the sentence "This looks like ..."."""
    text = head.text.removeprefix("\ufeff")
    if not text.strip("\x00 \t\r\n"):
        return "a file without text (only NUL bytes or blanks)" if text else "an empty file"
    for known in (_magic, _known_text, _binary, _json, _table):
        if found := known(head):
            return found
    return "text" if head.lines[0].isascii() else "text that is not in a format of an export"


def _magic(head: Head) -> str | None:
    text = head.text
    if text.startswith("PK\x03\x04"):
        if "[Content_Types].xml" in text[:4096] or "mimetype" in text[:60]:
            return "an Excel or Word file; save it as CSV and send that"
        return "a zip archive inside another file; unpack it and send what is in it"
    if text[257:262] == "ustar":
        return "a tar archive inside an archive; send what is in it"
    return next((words for magic, words in _BINARY if text.startswith(magic)), None)


def _known_text(head: Head) -> str | None:
    return next((words for pattern, words in _TEXT if pattern.search(head.text)), None)


def _binary(head: Head) -> str | None:
    """More than one character in twenty is no text."""
    strange = head.text.count("\ufffd") + head.text.count("\x00")
    return "binary content; send the export as text" if strange > len(head.text) / 20 else None


def _json(head: Head) -> str | None:
    """JSON, whole or one document a line, with its first keys."""
    start = head.text.lstrip()[:1]
    if start not in ("{", "["):
        return None
    first = next(line for line in head.lines if line.strip())
    for text, form in ((head.text, "JSON"), (first, "JSON lines")):
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            continue
        return _shape(value, form)
    keys = re.findall(r'"([^"\\\n]{1,40})"\s*:', head.text)[:6]
    return f"JSON that is cut off or damaged, with keys {_listed(keys)}" if keys else None


def _shape(value: object, form: str) -> str:
    if isinstance(value, list):
        inner = _shape(value[0], "JSON") if value else "nothing in it"
        return f"{form}: a list of {len(value):,}, the first {inner}"
    if isinstance(value, dict):
        return f"{form} object with keys {_listed(list(value))}"
    return f"{form}: a single value"


def _table(head: Head) -> str | None:
    """CSV with its columns, if the first two lines have the same number of fields."""
    lines = [line for line in head.whole_lines if line.strip()][:2] or head.lines[:1]
    for mark, word in ((",", "CSV"), ("\t", "CSV separated by tabs"), (";", "CSV separated by semicolons")):
        counts = [line.count(mark) for line in lines]
        if min(counts) >= 1 and (len(lines) == 1 or counts[0] == counts[1]):
            columns = lines[0].split(mark)
            return f"{word} with {len(columns):,} columns: {_listed(columns)}"
    return None


def _listed(names: list[str]) -> str:
    shown = [re.sub(r"[^\w .%/()[\]-]", "?", redact(name)[0])[:40] for name in names[:8]]
    more = f" and {len(names) - 8:,} more" if len(names) > 8 else ""
    return ", ".join(shown) + more if shown else "none"
