"""Access logs as JSON lines: nginx and Apache (whatever keys were chosen), Caddy, Cloudflare Logpush.

Fields after https://nginx.org/en/docs/http/ngx_http_log_module.html, https://caddyserver.com/docs/logging and
https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests/.
"""

import re
from typing import Any

import orjson

from telemetry.parsers.access_lines import Row
from telemetry.parsers.access_rows import (
    Carrier,
    clock_in,
    first_number_in,
    number_in,
    request_parts,
    row,
    seconds_of_ms,
)
from telemetry.parsers.access_typed import Role

_STATUS = ("status", "status_code", "response_status", "statusCode")
_ADDRESS = ("request_uri", "uri", "path", "url", "request_path")
_METHOD = ("request_method", "method", "verb")
_CLOCK = ("time_iso8601", "time_local", "@timestamp", "timestamp", "time", "msec", "ts")
_SIZE = ("bytes_sent", "body_bytes_sent", "bytes", "size", "response_bytes", "resp_body_size")
_AGENT = ("http_user_agent", "user_agent", "userAgent", "agent")
_CLIENT = ("remote_addr", "client_ip", "remote_ip", "clientip", "client", "ip", "ClientIP")
# Only names whose unit is known: nginx writes seconds, the others say theirs.
_SECONDS = ("request_time", "upstream_response_time", "request_time_s", "duration_s")
_MILLIS = ("request_time_ms", "duration_ms", "response_time_ms", "responseTimeMs", "latency_ms", "elapsed_ms")
_MICROS = ("request_time_us", "duration_us", "response_time_us", "latency_us")
_HINTS = (b"cookie", b"authorization", b"key", b"token")  # far cheaper than the expression
_SECRET = re.compile(
    rb'((?:cookie|authorization|api[-_]?key|token)[^"\\]*"\s*:\s*\[?\s*")((?:[^"\\]|\\.)+)', re.IGNORECASE
)


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _pick(record: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


def _bytes(value: Any) -> bytes:
    return str(value).encode("utf-8", "replace") if isinstance(value, str | int | float) else b""


def _seconds(record: dict[str, Any]) -> bytes:
    for names, factor in ((_SECONDS, 1000.0), (_MILLIS, 1.0), (_MICROS, 0.001)):
        number = first_number_in(_pick(record, names))
        if number is not None:
            return seconds_of_ms(number * factor)
    return b""


def server_row(line: bytes) -> Row | None:
    """A line of nginx or Apache."""
    record = _record(line)
    clock = clock_in(_pick(record, _CLOCK)) if record else None
    if record is None or clock is None:
        return None
    method, address = _bytes(_pick(record, _METHOD)), _bytes(_pick(record, _ADDRESS))
    if not (method and address):
        if isinstance(request := record.get("request"), str):
            method, address = request_parts(_bytes(request))
        elif not all(any(name in record for name in names) for names in (_METHOD, _ADDRESS)):
            return None  # where both are told and one is empty, somebody spoke no HTTP
    status, size, agent = (_bytes(_pick(record, names)) for names in (_STATUS, _SIZE, _AGENT))
    return row(clock, method, address, status, size, agent, _seconds(record), _client(record))


def caddy_row(line: bytes) -> Row | None:
    """A line of Caddy: `duration` is in seconds, unless the log says it with its unit."""
    record = _record(line)
    request = record.get("request") if record else None
    if record is None or not isinstance(request, dict) or "status" not in record:
        return None
    clock = clock_in(record.get("ts"))
    if clock is None:
        return None
    headers = request.get("headers")
    agents = headers.get("User-Agent") if isinstance(headers, dict) else None
    agent = _bytes(agents[0]) if isinstance(agents, list) and agents else b""
    duration = number_in(record.get("duration"))
    seconds = seconds_of_ms(duration * 1000) if duration is not None else b""
    method, address = _bytes(request.get("method")), _bytes(request.get("uri"))
    size, client = _bytes(record.get("size")), _client(request)
    return row(clock, method, address, _status(record["status"]), size, agent, seconds, client)


def _status(value: Any) -> bytes:
    """A status; 0, an answer that never went out, has three digits here."""
    return b"000" if value == 0 else _bytes(value)


def cloudflare_row(line: bytes) -> Row | None:
    """A line of Logpush: the time of the origin is the request's; 0 there means that the edge answered."""
    record = _record(line)
    clock = clock_in(_pick(record, ("EdgeStartTimestamp", "EdgeEndTimestamp"))) if record else None
    if record is None or clock is None:
        return None
    origin = number_in(record.get("OriginResponseDurationMs"))
    return row(
        clock,
        _bytes(record.get("ClientRequestMethod")),
        _bytes(_pick(record, ("ClientRequestURI", "ClientRequestPath"))),
        _status(record.get("EdgeResponseStatus")),
        _bytes(record.get("EdgeResponseBytes")),
        _bytes(record.get("ClientRequestUserAgent")),
        seconds_of_ms(origin) if origin else b"",
        _client(record),
    )


def _client(record: dict[str, Any]) -> bytes:
    return _bytes(_pick(record, _CLIENT))


def _hide(line: bytes) -> bytes:
    lower = line.lower()
    return _SECRET.sub(rb"\1[redacted]", line) if any(hint in lower for hint in _HINTS) else line


def host_of(line: bytes) -> bytes:
    """nginx's $hostname, Elastic's host.name, the pod: a `host` that is a text is what the client asked for."""
    record = _record(line) or {}
    sites = {record.get(name) for name in ("host", "http_host", "server_name") if isinstance(record.get(name), str)}
    inner = [record.get(name) for name in ("host", "kubernetes")]
    known = [value for value in inner if isinstance(value, dict)]
    names = [record.get("hostname"), *(value.get(name) for value in known for name in ("name", "pod_name"))]
    return next((_bytes(name)[:200] for name in names if isinstance(name, str) and name and name not in sites), b"")


_EDGE = "Logpush may be sampled (SampleInterval); times are the origin's, answers of the edge alone have none."
SERVER = Carrier("json", server_row, hide=_hide, host_of=host_of)
CADDY = Carrier("caddy-json", caddy_row, hide=_hide, host_of=host_of)
CLOUDFLARE = Carrier("cloudflare-logpush", cloudflare_row, hide=_hide, notes=(_EDGE,))

_TEXT, _WHOLE, _NUMBER = str | None, int | str | None, int | float | str | None
# What `Typed` reads of a line, and in which types, by carrier.
ROLES: dict[str, dict[str, Role]] = {
    SERVER.name: {
        "clock": Role(_NUMBER, _CLOCK),
        "method": Role(_TEXT, _METHOD),
        "address": Role(_TEXT, _ADDRESS),
        "request": Role(_TEXT, ("request",)),
        "status": Role(_WHOLE, _STATUS),
        "size": Role(_WHOLE, _SIZE),
        "agent": Role(_TEXT, _AGENT),
        "client": Role(_TEXT, _CLIENT),
        "seconds": Role(_NUMBER, _SECONDS),
        "millis": Role(_NUMBER, _MILLIS),
        "micros": Role(_NUMBER, _MICROS),
    },
    CADDY.name: {
        "clock": Role(_NUMBER, ("ts",)),
        "method": Role(_TEXT, ("request.method",)),
        "address": Role(_TEXT, ("request.uri",)),
        "status": Role(_WHOLE, ("status",)),
        "size": Role(_WHOLE, ("size",)),
        "agents": Role(list[str] | None, ("request.headers.User-Agent",)),
        "client": Role(_TEXT, tuple(f"request.{name}" for name in _CLIENT)),
        "seconds": Role(int | float | None, ("duration",)),
    },
    CLOUDFLARE.name: {
        "clock": Role(_NUMBER, ("EdgeStartTimestamp", "EdgeEndTimestamp")),
        "method": Role(_TEXT, ("ClientRequestMethod",)),
        "address": Role(_TEXT, ("ClientRequestURI", "ClientRequestPath")),
        "status": Role(_WHOLE, ("EdgeResponseStatus",)),
        "size": Role(_WHOLE, ("EdgeResponseBytes",)),
        "agent": Role(_TEXT, ("ClientRequestUserAgent",)),
        "client": Role(_TEXT, _CLIENT),
        "origin": Role(int | float | None, ("OriginResponseDurationMs",)),
    },
}
_MARKS: dict[str, tuple[bytes, ...]] = {  # one of these keys stands in a line of the carrier
    CLOUDFLARE.name: (b'"EdgeResponseStatus"',),
    CADDY.name: (b'"request"',),
    SERVER.name: tuple(b'"%b"' % name.encode() for name in _STATUS),
}


def json_carrier(lines: list[bytes]) -> Carrier | None:
    """The carrier that reads at least four of five lines."""
    start = b"\n".join(lines[: 1 + len(lines) // 5])  # among so many at least one is right, if enough are
    for carrier in (CLOUDFLARE, CADDY, SERVER):
        if not any(mark in start for mark in _MARKS[carrier.name]):
            continue
        if not any(map(carrier.row_of, lines[: 1 + len(lines) // 5])):
            continue
        known = sum(1 for line in lines if carrier.row_of(line))
        if known and known >= 0.8 * len(lines):
            return carrier
    return None
