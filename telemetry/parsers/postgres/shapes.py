"""Records of managed services as JSON: which service wrote an object, and where the server's own words are in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from telemetry.parsers.postgres.enveloped import Entry, EnvelopeReader
from telemetry.parsers.postgres.named import named_fields
from telemetry.parsers.postgres.prefix import has_severity
from telemetry.parsers.postgres.stamps import moment_of

Object = Mapping[str, Any]
Take = Callable[[EnvelopeReader, int, bytes, Object], bool]


@dataclass(frozen=True)
class Shape:
    """`fits` knows an object; `path` leads to its message, for the line of a record that spans several.

    `take` gives it to the reader and says whether it was a record of the server. `host` names the server, "" where the
    object does not.
    """

    carrier: str
    path: tuple[str, ...]
    fits: Callable[[Object], bool]
    take: Take
    host: Callable[[Object], str] = lambda record: ""


def _inner(value: object, name: str) -> Object:
    """A member that is an object, or the first of a list as BigQuery wraps it."""
    found = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> bytes:
    return value.encode("utf-8", "replace") if isinstance(value, str) else b""


def _plain(key: str, *times: str) -> Take:
    """A service that passes the server's line on as it stood."""

    def take(reader: EnvelopeReader, number: int, raw: bytes, record: Object) -> bool:
        text = _text(record.get(key))
        stamp = next((found for name in times if (found := moment_of(record.get(name)))), None)
        if text:
            reader.take(Entry(number, raw, text.rstrip(b"\r\n"), stamp))
        return bool(text)

    return take


def _azure(reader: EnvelopeReader, number: int, raw: bytes, record: Object) -> bool:
    """Flexible servers write the whole line into `message`; single ones take prefix and severity out of it."""
    inner = _inner(record, "properties")
    text = _text(inner.get("message"))
    if record.get("category") != "PostgreSQLLogs" or not text:
        return False
    if not has_severity(text):
        level = _text(inner.get("errorLevel")) or b"LOG"
        text = _text(inner.get("prefix")) + level + b":  " + text
    stamp = moment_of(inner.get("timestamp")) or moment_of(record.get("time"))
    reader.take(Entry(number, raw, text, stamp, _text(str(inner.get("processId", ""))), _text(inner.get("detail"))))
    return True


def _cloudnative(reader: EnvelopeReader, number: int, raw: bytes, record: Object) -> bool:
    fields = named_fields(_inner(record, "record"), record.get("ts")) if record.get("logger") == "postgres" else None
    if fields:
        reader.take_fields(number, raw, fields)
    return fields is not None


def _supabase(reader: EnvelopeReader, number: int, raw: bytes, record: Object) -> bool:
    parsed = _inner(_inner(record, "metadata"), "parsed") or record
    fields = named_fields({**parsed, "message": record.get("event_message")}, record.get("timestamp"))
    if fields:
        reader.take_fields(number, raw, fields)
    return fields is not None


def _word(record: Object, *names: str) -> str:
    """The first of these members that is a text, "" without one."""
    return next((value for name in names if isinstance(value := record.get(name), str) and value), "")


def _azure_host(record: Object) -> str:
    """Single servers name themselves, flexible ones end their resource's path with the name, in capitals."""
    return (_word(record, "LogicalServerName") or _word(record, "resourceId").rpartition("/")[2]).lower()


def _cloudnative_host(record: Object) -> str:
    return _word(record, "logging_pod") or _word(_inner(record, "kubernetes"), "pod_name")


def _is_cloudwatch(record: Object) -> bool:
    return isinstance(record.get("timestamp"), int) and isinstance(record.get("message"), str)


SHAPES: tuple[Shape, ...] = (
    Shape(
        "cloud-sql",
        ("textPayload",),
        lambda record: _inner(record, "resource").get("type") == "cloudsql_database",
        _plain("textPayload", "timestamp"),
        lambda record: _word(_inner(_inner(record, "resource"), "labels"), "database_id"),
    ),
    Shape(
        "azure",
        ("properties", "message"),
        lambda record: record.get("category") == "PostgreSQLLogs" and bool(_inner(record, "properties")),
        _azure,
        _azure_host,
    ),
    Shape(
        "cloudnativepg",
        ("record", "message"),
        lambda record: record.get("logger") == "postgres" and "error_severity" in _inner(record, "record"),
        _cloudnative,
        _cloudnative_host,
    ),
    Shape(
        "supabase",
        ("event_message",),
        lambda record: (
            "event_message" in record
            and ("error_severity" in record or "error_severity" in _inner(_inner(record, "metadata"), "parsed"))
        ),
        _supabase,
        lambda record: _word(_inner(record, "metadata"), "host"),
    ),
    Shape(
        "planetscale",
        ("_msg",),
        lambda record: "_msg" in record and any(key.startswith("planetscale.") for key in record),
        _plain("_msg", "_time"),
        lambda record: _word(record, "planetscale.pod"),
    ),
    Shape(
        "cloudwatch",
        ("message",),
        lambda record: _is_cloudwatch(record) and has_severity(_text(record["message"])),
        _plain("message", "timestamp"),
        lambda record: _word(record, "logStreamName"),
    ),
    Shape(
        "cloudwatch",
        ("@message",),
        lambda record: "@timestamp" in record and has_severity(_text(record.get("@message"))),
        _plain("@message", "@timestamp"),
        lambda record: _word(record, "@logStream"),
    ),
)
# Where a document or a line keeps its records.
LISTS = ("records", "events", "logEvents", "results", "entries", "result", "data")


def shape_of(record: object) -> Shape | None:
    """Which service wrote this object."""
    return next((shape for shape in SHAPES if shape.fits(record)), None) if isinstance(record, Mapping) else None


def listed(value: object) -> tuple[str, list[Any]]:
    """The records of a document and the key under which they stand, "" for a list or a single record."""
    if isinstance(value, list):
        return "", value
    if isinstance(value, Mapping):
        for name in LISTS:
            if isinstance(value.get(name), list):
                return name, value[name]
    return "", [value]
