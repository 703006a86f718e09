"""Spans of OTLP JSON, one after the other: a document, or one export request a line.

64-bit numbers are texts in OTLP JSON, ids hex, enumerations numbers (names in older files); `scopeSpans` was called
`instrumentationLibrarySpans` (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). Attributes are read
by their names of both the old and the stable semantic conventions
(https://opentelemetry.io/docs/specs/semconv/http/, https://opentelemetry.io/docs/specs/semconv/database/).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.readers import JsonText, Member
from telemetry.routes import route_of
from telemetry.source import Source

SERVER, CLIENT = 2, 3
_KINDS = {"SPAN_KIND_SERVER": SERVER, "SPAN_KIND_CLIENT": CLIENT}
_ERRORS = (2, "2", "STATUS_CODE_ERROR")
_SCOPES = ("scopeSpans", "instrumentationLibrarySpans")
_VALUES = ("stringValue", "intValue", "doubleValue", "boolValue")
_METHOD = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) ")
_SPAN_ID = re.compile(rb'"spanId"\s*:\s*"')
_IDENTITY = re.compile(r"[\w+/=-]{1,64}", re.ASCII)  # hex; older files write base64
_QUERY_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Span:
    """One operation. `role` is "server", "db", "external" or "" (inner work); `name` its route, query or host."""

    line: int
    trace: str
    id: str
    parent: str
    role: str
    name: str
    system: str  # of a database: "postgresql", "redis"
    start: int  # ns since 1970
    ms: float | None
    status: int  # of HTTP, 0 without one
    error: bool


def spans_of(source: Source, result: ParseResult) -> Iterator[Span]:
    """Every span. `result` counts lines; ParseError when a document is broken."""
    first = source.head().text.lstrip("\ufeff \t\r\n").partition("\n")[0]
    if _request(first.encode()) is None:
        yield from _document(source, result)
        return
    for result.lines, raw in source.lines():
        if not raw.strip():
            result.blank += 1
        elif (request := _request(raw)) is None:
            readers.reject_line(result.lines, raw[:600].decode("utf-8", "replace"), result)
        else:
            result.records_lines += 1
            for record in _records(request):
                if span := span_of(record, result.lines):
                    yield span


def _request(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("resourceSpans"), list) else None


def _records(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in request["resourceSpans"]:
        for name in _SCOPES if isinstance(resource, dict) else ():
            for scope in _list(resource.get(name)):
                yield from _list(scope.get("spans"))


def _list(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _document(source: Source, result: ParseResult) -> Iterator[Span]:
    """One document over several lines; each span stands where its id is written."""
    document = JsonText(source.read())
    result.lines = document.lines
    result.blank = sum(not line.strip() for line in document.text.split("\n")[: result.lines])
    result.records_lines = result.lines - result.blank
    top = Member("", document.value, document.start, document.start)
    for resource in _inside(document, [top], "resourceSpans"):
        for name in _SCOPES:
            for span in _inside(document, _inside(document, [resource], name), "spans"):
                identity = document.member(span.value_at, "spanId") if isinstance(span.value, dict) else None
                found = span_of(span.value, document.line(identity.at)) if identity else None
                if found:
                    yield found


def _inside(document: JsonText, holders: list[Member], name: str) -> list[Member]:
    """The elements of the lists with this name."""
    lists = [document.member(holder.value_at, name) for holder in holders if isinstance(holder.value, dict)]
    return [entry for found in lists if found for entry in document.members(found.value_at)]


def id_quote(head: bytes) -> str:
    """How this file writes the key of a span's id, up to the id itself."""
    found = _SPAN_ID.search(head)
    return found[0].decode() if found else '"spanId":"'


def span_of(record: dict[str, Any], line: int) -> Span | None:
    """A record as a span, None without an id or a start."""
    identity, start, end = (
        record.get("spanId"),
        _ns(record.get("startTimeUnixNano")),
        _ns(record.get("endTimeUnixNano")),
    )
    if not isinstance(identity, str) or not _IDENTITY.fullmatch(identity) or not start:
        return None
    attributes = _attributes(record.get("attributes"))
    kind = record.get("kind")
    role, name, system = _role(attributes, _KINDS.get(str(kind), kind), str(record.get("name") or ""))
    status = _whole(attributes.get("http.response.status_code", attributes.get("http.status_code")))
    parent = str(record.get("parentSpanId") or "")[:64]  # some write a root's as zeros
    ended = record.get("status")
    code = ended.get("code") if isinstance(ended, dict) else None
    return Span(
        line=line,
        trace=str(record.get("traceId") or "")[:64],
        id=identity,
        parent=parent if parent.strip("0") else "",
        role=role,
        name=name,
        system=system,
        start=start,
        ms=(end - start) / 1e6 if end and end >= start else None,
        status=status if 100 <= status <= 599 else 0,
        error=code in _ERRORS or status >= 500,
    )


def _attributes(entries: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in _list(entries):
        value = entry.get("value")
        if isinstance(value, dict):
            found[str(entry.get("key"))] = next((value[name] for name in _VALUES if name in value), None)
    return found


def _role(attributes: dict[str, Any], kind: Any, name: str) -> tuple[str, str, str]:
    """(role, name, database system)."""
    system = _text(attributes, "db.system.name", "db.system")
    query = _text(attributes, "db.query.text", "db.statement")
    if system or query:
        operation = _text(attributes, "db.operation.name", "db.operation")
        return "db", (query or operation or name)[:_QUERY_CHARS], system
    route = _text(attributes, "http.route")
    address = _text(attributes, "url.full", "http.url", "url.path", "http.target")
    method = _text(attributes, "http.request.method", "http.method")
    if kind == SERVER or (route and kind != CLIENT):
        named = _METHOD.sub("", name, count=1) if _METHOD.match(name) else ""
        path = route or address or named
        return (
            ("server", route_of(path if path.startswith(("/", "http")) else f"/{path}"), "") if path else ("", "", "")
        )
    if kind == CLIENT and (method or address or _text(attributes, "rpc.system")):
        host = _text(attributes, "server.address", "net.peer.name", "http.host", "peer.service") or _host(address)
        return "external", host.lower()[:200] or "unknown host", ""
    return "", "", ""


def _text(attributes: dict[str, Any], *names: str) -> str:
    return next((str(attributes[name]) for name in names if attributes.get(name)), "")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _ns(value: Any) -> int:
    """Nanoseconds since 1970, 0 for none or for a moment after 2100."""
    number = _whole(value)
    return number if 0 < number < 4_102_444_800 * 10**9 else 0


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20 else 0


def no_spans() -> ParseError:
    """What to say of a file without a span."""
    return ParseError("This OTLP export holds no span; send traces (resourceSpans), not metrics or logs.", 1)
