"""Access logs as JSON lines: nginx and Apache (whatever keys were chosen), Caddy, Cloudflare Logpush.

Fields after https://nginx.org/en/docs/http/ngx_http_log_module.html, https://caddyserver.com/docs/logging and
https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone/http_requests/.
"""

import re
from typing import Any

import orjson

from telemetry.parsers.access_lines import Row
from telemetry.parsers.access_rows import Carrier, clock_of, clock_of_epoch, request_parts, row, seconds_of_ms

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
_SECRET = re.compile(
    rb'("[^"\\]*(?:cookie|authorization|api[-_]?key|token)[^"\\]*"\s*:\s*\[?\s*")((?:[^"\\]|\\.)+)', re.IGNORECASE
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


def _clock(value: Any) -> tuple[bytes, bytes] | None:
    """A time as text, or since 1970 in s, ms, us or ns, told apart by its size."""
    if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
        return clock_of(value.encode("utf-8", "replace"))
    number = _number(value)
    while number is not None and number > 1e11:
        number /= 1000
    return clock_of_epoch(number) if number is not None else None


def _number(value: Any) -> float | None:
    if isinstance(value, str) and len(value) < 40:
        try:
            value = float(value)
        except ValueError:
            return None
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e20
    return float(value) if known else None


def _seconds(record: dict[str, Any]) -> bytes:
    for names, factor in ((_SECONDS, 1000.0), (_MILLIS, 1.0), (_MICROS, 0.001)):
        value = _pick(record, names)
        number = _number(value.split(",")[0].strip() if isinstance(value, str) else value)
        if number is not None and number == number:
            return seconds_of_ms(number * factor)
    return b""


def server_row(line: bytes) -> Row | None:
    """A line of nginx or Apache."""
    record = _record(line)
    clock = _clock(_pick(record, _CLOCK)) if record else None
    if record is None or clock is None:
        return None
    method, address = _bytes(_pick(record, _METHOD)), _bytes(_pick(record, _ADDRESS))
    if not (method and address):
        if not isinstance(request := record.get("request"), str):
            return None
        method, address = request_parts(_bytes(request))
    status, size, agent = (_bytes(_pick(record, names)) for names in (_STATUS, _SIZE, _AGENT))
    return row(clock, method, address, status, size, agent, _seconds(record), _client(record))


def caddy_row(line: bytes) -> Row | None:
    """A line of Caddy: `duration` is in seconds, unless the log says it with its unit."""
    record = _record(line)
    request = record.get("request") if record else None
    if record is None or not isinstance(request, dict) or "status" not in record:
        return None
    clock = _clock(record.get("ts"))
    if clock is None:
        return None
    headers = request.get("headers")
    agents = headers.get("User-Agent") if isinstance(headers, dict) else None
    agent = _bytes(agents[0]) if isinstance(agents, list) and agents else b""
    duration = _number(record.get("duration"))
    seconds = seconds_of_ms(duration * 1000) if duration is not None and duration == duration else b""
    method, address = _bytes(request.get("method")), _bytes(request.get("uri"))
    size, client = _bytes(record.get("size")), _client(request)
    return row(clock, method, address, _status(record["status"]), size, agent, seconds, client)


def _status(value: Any) -> bytes:
    """A status; 0, an answer that never went out, has three digits here."""
    return b"000" if value == 0 else _bytes(value)


def cloudflare_row(line: bytes) -> Row | None:
    """A line of Logpush: the time of the origin is the request's; 0 there means that the edge answered."""
    record = _record(line)
    clock = _clock(_pick(record, ("EdgeStartTimestamp", "EdgeEndTimestamp"))) if record else None
    if record is None or clock is None:
        return None
    origin = _number(record.get("OriginResponseDurationMs"))
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
    return _SECRET.sub(rb"\1[redacted]", line)


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
        known = sum(1 for line in lines if carrier.row_of(line))
        if known and known >= 0.8 * len(lines):
            return carrier
    return None
