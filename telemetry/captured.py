"""The time of an export whose own format has no place for one: a first line "# captured_at 2026-01-05T10:00:00Z".

The documented commands write it in front of what a console or an address answers. It is a comment in the Prometheus
text format; everywhere else the reader sees a blank line in its place, so that lines are counted as they lie there.
"""

import re
from datetime import datetime

from telemetry.source import Head

# What the commands call to write it; read-only and the same in every shell.
STAMP = "date -u '+# captured_at %Y-%m-%dT%H:%M:%SZ'"
_LINE = re.compile(
    r"# ?captured_at[ =:]{1,2}(\d{4}-\d\d-\d\d[T ][\d:.]{5,15} ?(?:Z|[+-]\d\d(?::?\d\d)?))[ \t]*(?=\r?\n)"
)


def captured(head: Head) -> tuple[Head, datetime | None, int]:
    """(the head with the line blanked, when the file says it was made, bytes of the line); as it was without one."""
    found = _LINE.match(head.text)
    moment = _moment(found[1]) if found else None
    if found is None or moment is None:
        return head, None, 0
    return Head(head.name, " " * found.end() + head.text[found.end() :], head.complete), moment, found.end()


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
