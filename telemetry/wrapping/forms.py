"""An export in another form: JSON lines that jq printed over many lines, a table of Markdown."""

import re

from telemetry.source import Head
from telemetry.wrapping.layer import Layer

_RULE = re.compile(r"\|(?: *:?-{2,}:? *\|)+\s*\Z")


def pretty(head: Head) -> Layer | None:
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


def markdown(lines: list[str]) -> Layer | None:
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
