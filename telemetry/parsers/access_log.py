"""HTTP access log: common and combined lines of nginx and Apache, JSON of nginx, Apache and Caddy, W3C extended (IIS,
CloudFront), HAProxy, Application Load Balancer, Cloudflare Logpush. All give the same evidence.
"""

from datetime import UTC, datetime

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.access_carriers import CarrierLog, carrier_of
from telemetry.parsers.access_counting import AccessLog
from telemetry.parsers.access_lines import sniff as sniff_combined
from telemetry.parsers.base import Parser
from telemetry.parsers.http_counts import by_class
from telemetry.parsers.http_evidence import chosen, merge_crowded, route_evidence, server_evidence, sign_in_evidence
from telemetry.parsers.http_head import head_of
from telemetry.source import Head, Source

# A median above a minute is no web server but a number in another unit.
_IMPLAUSIBLE_MS = 60_000.0
_NOT_TIMED = "No request time with a known unit in this log, so latency is not measured."
_NO_TIME = "No request time in this log, so latency is not measured; add $request_time to log_format and send it again."


def sniff(head: Head) -> bool:
    """Whether four of five lines are requests in one of the forms."""
    return sniff_combined(head) or carrier_of(head) is not None


def parse(source: Source) -> ParseResult:
    """Count routes, statuses, bytes, times (if the log has them) and refused sign-ins."""
    carrier = carrier_of(head_of(source))
    log = CarrierLog(carrier) if carrier else AccessLog()
    log.read(source)
    result = log.result
    if not log.traffic.requests:
        raise ParseError("No line of this file is a line of an access log; send it as the web server wrote it.")
    result.records_lines = result.records_lines or result.records
    _note_times(log)
    routes = merge_crowded(log.routes, (log.table, log.lost))
    all_ms = sum(counted.total_ms for counted in routes.values())
    result.evidence.append(server_evidence(routes, log.traffic, log.has_agents, result))
    result.evidence += [route_evidence(*pair, log.traffic, all_ms, result) for pair in chosen(routes)]
    result.evidence += [sign_in_evidence(*pair, result) for pair in sorted(log.sign_ins.items())]
    if isinstance(log, CarrierLog):
        result.evidence += log.terminations()
    _summarise(log)
    return result


def _note_times(log: AccessLog) -> None:
    """Say why there is no latency, and drop one that cannot be in seconds."""
    notes = log.result.notes
    timed = [counted for counted in log.routes.values() if counted.timed]
    if timed and min(counted.times.quantile(0.5) for counted in timed) > _IMPLAUSIBLE_MS:
        for counted in timed:
            counted.timed, counted.max_ms, counted.total_ms = 0, -1.0, 0.0
            counted.times.counts.clear()
            counted.spots.pop("time")
        notes.append("The number behind the agent cannot be seconds (over a minute throughout); latency is left out.")
    elif not timed and log.whole_numbers:
        notes.append(
            "Lines end in a whole number whose unit the log does not tell (s, ms or us), so latency is left out; "
            "log $request_time (nginx) or %{ms}T with decimals, and say so."
        )
    elif not timed:
        notes.append(_NOT_TIMED if isinstance(log, CarrierLog) else _NO_TIME)


def _summarise(log: AccessLog) -> None:
    result, traffic = log.result, log.traffic
    result.totals = {"requests": traffic.requests, **dict(by_class(traffic.statuses)), "bytes": traffic.size}
    zoned = log.carrier.zoned if isinstance(log, CarrierLog) else True
    if traffic.first is not None and traffic.last is not None and zoned:
        result.first = datetime.fromtimestamp(traffic.first, UTC)
        result.last = datetime.fromtimestamp(traffic.last, UTC)
    timed = any(counted.timed for counted in log.routes.values())
    result.enables.append("Traffic, errors and peaks by route")
    result.enables += ["Latency by route"] if timed else []
    if not log.has_agents and isinstance(log, CarrierLog):
        result.notes.append("No user agent in this log, so the share of bots is not measured.")
    elif not log.has_agents:
        result.notes.append("No user agent in this log, so the share of bots is not measured; send the combined form.")


PARSER = Parser(
    id="access-log",
    title="HTTP access log",
    how_to_export="gzip -c /var/log/nginx/access.log > access.log.gz   "
    '# first, for latency: log_format timed \'$remote_addr - $remote_user [$time_local] "$request" $status '
    '$body_bytes_sent "$http_referer" "$http_user_agent" $request_time\';',
    looks_for='lines such as: 203.0.113.7 - - [12/Nov/2025:14:05:09 +0000] "GET / HTTP/1.1" 200 512, JSON '
    "lines of nginx or Caddy, W3C extended of IIS, HAProxy, load balancer, Logpush",
    kinds=("http.route", "http.server", "http.auth", "http.termination"),
    sniff=sniff,
    parse=parse,
)
