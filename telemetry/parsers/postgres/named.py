"""Records whose parts have names: those of jsonlog, and those of csvlog's columns that collectors keep."""

from collections.abc import Mapping
from typing import Any

from telemetry.parsers.postgres.fields import Fields
from telemetry.parsers.postgres.stamps import moment_of

# Part of a record: the names that are used for it, jsonlog's first.
_NAMES: dict[str, tuple[str, ...]] = {
    "severity": ("error_severity",),
    "message": ("message", "event_message"),
    "pid": ("pid", "process_id"),
    "user": ("user", "user_name"),
    "app": ("application_name",),
    "state": ("state_code", "sql_state_code"),
    "detail": ("detail",),
    "context": ("context",),
    "statement": ("statement", "query"),
}
_TIMES = ("log_time", "timestamp")


def named_fields(record: Mapping[str, Any], time: object = None) -> Fields | None:
    """The fields of a record; `time` stands in where it has none of its own. None when it is no record of a server."""
    moment = next((found for name in _TIMES if (found := moment_of(record.get(name)))), None) or moment_of(time)
    parts = {part: _text(record, names) for part, names in _NAMES.items()}
    if moment is None or not parts["severity"]:
        return None
    state = parts.pop("state").decode()
    fields = Fields(moment=moment[0], zone=moment[1], state=state, **parts)
    return fields if fields.sound else None


def _text(record: Mapping[str, Any], names: tuple[str, ...]) -> bytes:
    for name in names:
        value = record.get(name)
        if value not in (None, "") and isinstance(value, str | int):
            return str(value).encode("utf-8", "replace")
    return b""
