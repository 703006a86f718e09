"""What a file is that no parser reads, in words that help the client send the right one."""

import re

import orjson

from telemetry.lookalike_platform import PLATFORM
from telemetry.lookalike_signs import MAGIC, NO_ROWS, TEXT
from telemetry.redaction import redact
from telemetry.source import Head

SIGNS = [*PLATFORM, *TEXT]
# Titles of pages that a server or a log-in put in the place of the export.
_TITLE = re.compile(r"<title[^>]*>\s*([^<]{1,200}?)\s*</title>", re.I)
_REFUSAL = re.compile(r"\b(?:[45]\d\d|sign in|log ?in|unauthori[sz]ed|forbidden|not found|error|denied)\b", re.I)
# Keys of an answer that only says what went wrong, one of which says it.
_SAID_KEYS = frozenset({"error", "errors", "message", "msg", "detail", "reason", "error_description"})
_ERROR_KEYS = frozenset(
    {"error", "errors", "message", "msg", "detail", "details", "status", "statuscode", "code", "reason", "requestid"}
    | {"timestamp", "path", "title", "type", "error_description", "documentation_url", "errortype", "stack"}
)

# What is no name of a column: a number, a moment, an address.
_VALUE = re.compile(r"[-+]?\d[\d.,]*|\d{4}-\d\d-\d\d.*|\S+@\S+\.\S+")


def describe(head: Head) -> str:
    """What the file looks like, as the end of the sentence "This looks like ..."."""
    text = head.text.removeprefix("\ufeff")
    if not text.strip("\x00 \t\r\n"):
        return "a file without text (only NUL bytes or blanks)" if text else "an empty file"
    for known in (_magic, _known_text, _binary, _json, _table):
        if found := known(head):
            return found
    return "text" if head.lines[0].isascii() else "text that is not in a format of an export"


def begins_as_known(head: Head) -> bool:
    """Whether the file is by its first words something else than a table, although commas may stand in it."""
    text = head.text.lstrip("\ufeff \r\n")
    if NO_ROWS.search(text):
        return True
    return _magic(head) is not None or any(pattern.match(text) for pattern, _ in SIGNS)


def _magic(head: Head) -> str | None:
    text = head.text
    if text.startswith("PK\x03\x04"):
        if "[Content_Types].xml" in text[:4096] or "docProps/" in text[:60] or "mimetype" in text[:60]:
            return "an Excel or Word file; save it as CSV and send that"
        return "a zip archive inside another file; unpack it and send what is in it"
    if text[257:262] == "ustar":
        return "a tar archive inside an archive; send what is in it"
    return next((words for magic, words in MAGIC if text.startswith(magic)), None)


def _known_text(head: Head) -> str | None:
    if (title := _TITLE.search(head.text)) and _REFUSAL.search(title[1]):
        said = redact(" ".join(title[1].split()))[0][:80]
        return f'an HTML page that says "{said}"; sign in, fetch the file again and look into it before sending it'
    return next((words for pattern, words in SIGNS if pattern.search(head.text)), None)


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
    keys = {str(key).lower() for key in value} if isinstance(value, dict) else set()
    if isinstance(value, dict) and keys & _SAID_KEYS and keys <= _ERROR_KEYS:
        said = redact(next((str(part) for part in value.values() if isinstance(part, str)), ""))[0][:80]
        return f'an error answer ("{said}"), not an export; correct the address or the token and fetch it again'
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
            if any(_VALUE.fullmatch(column.strip().strip('"')) for column in columns):
                return f"{word} with {len(columns):,} columns and no line of names; export it with a header"
            return f"{word} with {len(columns):,} columns: {_listed(columns)}"
    return None


def _listed(names: list[str]) -> str:
    shown = [re.sub(r"[^\w .%/()[\]-]", "?", redact(name)[0])[:40] for name in names[:8]]
    more = f" and {len(names) - 8:,} more" if len(names) > 8 else ""
    return ", ".join(shown) + more if shown else "none"
