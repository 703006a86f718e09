"""HTTP access log: common and combined lines of nginx and Apache, JSON of nginx, Apache and Caddy, W3C extended (IIS,
CloudFront), HAProxy, Application Load Balancer, Cloudflare Logpush. All give the same evidence.
"""

from dataclasses import replace
from datetime import UTC, datetime

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.access_carriers import CarrierLog, carrier_named, carrier_of, terminations
from telemetry.parsers.access_counting import COMBINED, AccessLog, Counts, take
from telemetry.parsers.access_lines import sniff as sniff_combined
from telemetry.parsers.base import Parser
from telemetry.parsers.http_counts import RouteCount, by_class
from telemetry.parsers.http_evidence import chosen, merge_crowded, route_evidence, server_evidence, sign_in_evidence
from telemetry.redaction import redact
from telemetry.source import Head, Source
from telemetry.splitting import Split, next_line

# A median above a minute is no web server but a number in another unit.
_IMPLAUSIBLE_MS = 60_000.0
# So many names in a folder are articles or guesses rather than parts of the application.
_CROWD, _LOST_CROWD = 200, 50
_NOT_TIMED = "No request time with a known unit in this log, so latency is not measured."
_NO_TIME = "No request time in this log, so latency is not measured; add $request_time to log_format and send it again."
_TIMED = "Percentiles are at most 1 % off, however many requests they stand for (a histogram whose bounds grow by 2 %)."
_MANY_CLIENTS = "More than 131,072 clients: their number is an estimate with a standard error of 0.5 %."


def sniff(head: Head) -> bool:
    """Whether four of five lines are requests in one of the forms."""
    return sniff_combined(head) or carrier_of(head) is not None


def start(source: Source) -> str | None:
    """The carrier's name, "" for combined lines; None for W3C logs, whose directives in one part rule the next."""
    carrier = carrier_of(source.head())
    if carrier is None:
        return ""
    return carrier.name if carrier_named(carrier.name) else None


def read(context: str, source: Source) -> Counts:
    """Count routes, statuses, bytes, times (if the log has them), clients and refused sign-ins."""
    carrier = carrier_named(context)
    log = CarrierLog(carrier, source.lines_before) if carrier else AccessLog(source.lines_before)
    return log.read(source)


def join(earlier: Counts, later: Counts) -> Counts:
    """The counts of two parts."""
    earlier.merge(later)
    return earlier


def finish(counts: Counts) -> ParseResult:
    """The evidence of all counts."""
    carrier = None if counts.result.carrier == COMBINED else counts.result.carrier
    result, traffic = counts.result, counts.traffic
    if not traffic.requests:
        raise ParseError("No line of this file is a line of an access log; send it as the web server wrote it.")
    if carrier is None:
        result.records_lines = result.records
        result.carrier = COMBINED if counts.has_agents else "common"
    routes = dict(counts.routes)
    for route, counted in counts.lost.items():
        take(routes, route, counted)
    _note_times(counts, routes, carrier)
    routes = merge_crowded(routes, [(counts.table, _CROWD), (counts.lost_table, _LOST_CROWD)])
    all_ms = sum(counted.total_us for counted in routes.values()) / 1000
    server = server_evidence(routes, traffic, counts.clients, counts.has_agents, result)
    if len(counts.hosts) == 1:
        name = redact(next(iter(counts.hosts)).decode("utf-8", "replace"))[0][:100]
        server = replace(server, attrs={**server.attrs, "host": name})
    result.evidence.append(server)
    result.evidence += [route_evidence(*pair, traffic, all_ms, result) for pair in chosen(routes)]
    result.evidence += [sign_in_evidence(*pair, result) for pair in sorted(counts.sign_ins.items())]
    result.evidence += terminations(counts)
    _summarise(counts, routes, carrier)
    return result


def _note_times(counts: Counts, routes: dict[str, RouteCount], carrier: str | None) -> None:
    """Say why there is no latency, and drop one that cannot be in seconds."""
    notes = counts.result.notes
    timed = [counted for counted in routes.values() if counted.timed]
    if timed and min(counted.times.quantile(0.5) for counted in timed) > _IMPLAUSIBLE_MS:
        for counted in timed:
            counted.timed, counted.max_us, counted.total_us = 0, -1, 0
            counted.times.counts.clear()
            counted.spots.pop("time")
        notes.append("The number behind the agent cannot be seconds (over a minute throughout); latency is left out.")
    elif timed:
        notes.append(_TIMED)
    elif carrier is None and sum(counts.whole_numbers) > len(counts.whole_numbers) / 2:
        notes.append(
            "Lines end in a whole number whose unit the log does not tell (s, ms or us), so latency is left out; "
            "log $request_time (nginx) or %{ms}T with decimals, and say so."
        )
    else:
        notes.append(_NOT_TIMED if carrier else _NO_TIME)


def _summarise(counts: Counts, routes: dict[str, RouteCount], carrier: str | None) -> None:
    result, traffic = counts.result, counts.traffic
    result.totals = {"requests": traffic.requests, **dict(by_class(traffic.statuses)), "bytes": traffic.size}
    form = carrier_named(carrier or "")
    if traffic.first is not None and traffic.last is not None and (form is None or form.zoned):
        result.first = datetime.fromtimestamp(traffic.first, UTC)
        result.last = datetime.fromtimestamp(traffic.last, UTC)
    result.enables.append("Traffic, errors and peaks by route")
    result.enables += ["Latency by route"] if any(counted.timed for counted in routes.values()) else []
    result.notes += form.notes if form else ()
    result.notes += [_MANY_CLIENTS] if counts.clients.level else []
    if not counts.has_agents and carrier:
        result.notes.append("No user agent in this log, so the share of bots is not measured.")
    elif not counts.has_agents:
        result.notes.append("No user agent in this log, so the share of bots is not measured; send the combined form.")


def parse(source: Source) -> ParseResult:
    """Read the whole file."""
    context = start(source)
    carrier = carrier_of(source.head()) if context is None else None
    return finish(CarrierLog(carrier).read(source) if carrier else read(context or "", source))


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
    split=Split(start, next_line, read, join, finish),
)
