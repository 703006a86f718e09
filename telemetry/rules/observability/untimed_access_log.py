"""The access log holds no request times."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One log with times answers for all."""
    if evidence.has("http.route", "p95_ms") or evidence.has("http.server", "p95_ms"):
        return
    row = largest(evidence.of("http.server"), "requests")
    if row is None or row.metrics["requests"] <= threshold.value or row.metrics.get("timed_requests", 0.0) > 0:
        return
    told = Told()
    said = (
        f"The access log holds {told(row, 'requests')} requests (limit {shown(threshold.value, '1')}) and no time for "
        "any of them: how long a page takes is not known."
    )
    told.also(row, "timed_requests", "window_s")
    yield Hit(
        subject=Subject("input", "access log"),
        title="Nobody measures how long requests take",
        said=said,
        cites=told.cites,
        limit=threshold.value,
        shared=True,
        snippet="# nginx.conf\nlog_format timed '$remote_addr - $remote_user [$time_local] \"$request\" $status '\n"
        '    \'$body_bytes_sent "$http_referer" "$http_user_agent" $request_time $upstream_response_time\';\n'
        "access_log /var/log/nginx/access.log timed;",
    )


RULE = Rule(
    id="OB001",
    slug="untimed-access-log",
    area="observability",
    mechanism="missing-route-metrics",
    title="Request times are not measured",
    needs=(("http.server", "requests"),),
    threshold=Threshold(
        59,
        "1",
        "From 59 requests on a p95 could be said, if they were timed.",
        "Order-statistic bound of a p95; Google SRE, the four golden signals",
    ),
    degradation=0.1,
    why="You cannot see which page is slow, so every complaint starts with guessing and no repair can be proven.",
    fix=(
        "Add the request's time, and the time of the service behind it, to the log format.",
        "Reload the proxy; no restart is needed.",
        "Keep rate, errors and duration by route on one page.",
    ),
    first_slice=FirstSlice("Add $request_time to the log format", 1),
    effort=Effort(0.1, 0.5, 1),
    removes=0.9,
    verify="The next access log yields a p95 for each route.",
    rollback="Restore the old log format and reload.",
    references=(
        "nginx, Logging request time https://nginx.org/en/docs/http/ngx_http_log_module.html",
        "Google SRE, The Four Golden Signals https://sre.google/sre-book/monitoring-distributed-systems/",
    ),
    check=check,
    enabler=True,
)
