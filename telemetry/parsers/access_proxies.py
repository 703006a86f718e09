"""Access logs of proxies in forms of their own: Envoy (and Istio), Traefik's JSON, the router of Heroku.

Envoy: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage (default format) and
https://istio.io/latest/docs/tasks/observability/logs/access-log/; times in ms. Traefik: https://doc.traefik.io/traefik/
observability/access-logs/; nanoseconds. Heroku: https://devcenter.heroku.com/articles/http-routing#heroku-router-log-format.
"""

import re

import orjson

from telemetry.parsers.access_lines import Row
from telemetry.parsers.access_rows import Carrier, clock_in, clock_of, number_in, request_parts, row, seconds_of_ms

_ENVOY = re.compile(
    rb'\[(?P<clock>\d{4}-\d\d-\d\dT[\d:.]+Z)\] "(?P<request>[^"]*)" (?P<status>\d{1,3}) \S+ '
    rb'(?:\S+ \S+ "[^"]*" )?\d+ (?P<size>\d+) (?P<taken>\d{1,12}) \S+ "(?P<client>[^",]*)[^"]*" "(?P<agent>[^"]*)" '
)
_HEROKU = re.compile(
    rb"(?P<clock>\d{4}-\d\d-\d\dT\S{8,22}) heroku\[router\]: .*?\bmethod=(?P<method>[A-Z]+) "
    rb'path="(?P<path>[^"\s]*)"?.*? fwd="?(?P<client>[^",\s]*)[^"\s]*"?.*? connect=(?P<connect>\d*)(?:ms)? '
    rb"service=(?P<service>\d*)(?:ms)? status=(?P<status>\d{3}) bytes=(?P<size>\d*)"
)
_LOGPLEX = re.compile(rb"\d{4}-\d\d-\d\dT\S{8,22} (?:app|heroku)\[(?!router)[\w.-]+\]:")


def envoy_row(line: bytes) -> Row | None:
    """A line of Envoy's default format; a status of 0 is an answer that never went out."""
    found = _ENVOY.match(line)
    clock = clock_of(found["clock"]) if found else None
    if found is None or clock is None:
        return None
    method, address = request_parts(found["request"])
    status, client = found["status"].rjust(3, b"0"), found["client"].strip().removeprefix(b"-")
    seconds = seconds_of_ms(float(found["taken"]))
    return row(clock, method, address, status, found["size"], found["agent"], seconds, client)


def traefik_row(line: bytes) -> Row | None:
    """A line of Traefik's JSON."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict) or "RequestMethod" not in record:
        return None
    clock = clock_in(record.get("StartUTC") or record.get("time"))
    taken = number_in(record.get("Duration"))
    if clock is None:
        return None

    def text(name: str) -> bytes:
        return str(record.get(name, "")).encode("utf-8", "replace")

    seconds = seconds_of_ms(taken / 1e6) if taken is not None else b""
    status, agent = text("DownstreamStatus").rjust(3, b"0"), text("request_User-Agent")
    size, client = text("DownstreamContentSize"), text("ClientHost")
    return row(clock, text("RequestMethod"), text("RequestPath"), status, size, agent, seconds, client)


def heroku_row(line: bytes) -> Row | None:
    """A line of the router: connecting to the dyno and its service are the time of a request."""
    found = _HEROKU.match(line)
    clock = clock_of(found["clock"]) if found else None
    if found is None or clock is None:
        return None
    taken = [int(part) for part in (found["connect"], found["service"]) if part]
    seconds = seconds_of_ms(float(sum(taken))) if taken else b""
    size, client = found["size"] or b"0", found["client"]
    return row(clock, found["method"], found["path"], found["status"], size, b"", seconds, client)


def _is_logplex(line: bytes) -> bool:
    """What the application and other parts of the platform wrote, which stands in the same log."""
    return _LOGPLEX.match(line) is not None


ENVOY = Carrier("envoy", envoy_row)
TRAEFIK = Carrier("traefik-json", traefik_row)
HEROKU = Carrier("heroku-router", heroku_row, is_comment=_is_logplex)
PROXIES = (ENVOY, TRAEFIK, HEROKU)


def proxy_carrier(lines: list[bytes]) -> Carrier | None:
    """The carrier that reads at least four of five lines; of Heroku's log also a third, if the rest is the platform's.

    A log of Heroku in which PostgreSQL writes is left to the reader of that.
    """
    for carrier in PROXIES:
        own = [line for line in lines if not carrier.is_comment(line)]
        known = sum(1 for line in own if carrier.row_of(line))
        if known and known >= 0.8 * len(own) and 3 * known >= len(lines):
            return carrier
    return None
