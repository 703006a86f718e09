"""Access logs of proxies in forms of their own: Envoy (and Istio), Traefik's JSON.

Envoy: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage (default format) and
https://istio.io/latest/docs/tasks/observability/logs/access-log/; times in ms. Traefik: https://doc.traefik.io/traefik/
observability/access-logs/; nanoseconds.
"""

import re

import orjson

from telemetry.parsers.access_lines import Row
from telemetry.parsers.access_rows import Carrier, clock_in, clock_of, number_in, request_parts, row, seconds_of_ms

_ENVOY = re.compile(
    rb'\[(?P<clock>\d{4}-\d\d-\d\dT[\d:.]+Z)\] "(?P<request>[^"]*)" (?P<status>\d{1,3}) \S+ '
    rb'(?:\S+ \S+ "[^"]*" )?\d+ (?P<size>\d+) (?P<taken>\d{1,12}) \S+ "(?P<client>[^",]*)[^"]*" "(?P<agent>[^"]*)" '
)


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


ENVOY = Carrier("envoy", envoy_row)
TRAEFIK = Carrier("traefik-json", traefik_row)
PROXIES = (ENVOY, TRAEFIK)


def proxy_carrier(lines: list[bytes]) -> Carrier | None:
    """The carrier that reads at least four of five lines."""
    for carrier in PROXIES:
        known = sum(1 for line in lines if carrier.row_of(line))
        if known and known >= 0.8 * len(lines):
            return carrier
    return None
