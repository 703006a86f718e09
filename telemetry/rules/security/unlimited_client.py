"""One client takes a large part of all requests, and nobody is ever turned away."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each

ENOUGH_REQUESTS = 10_000
# Behind a proxy that hides addresses a log holds a handful of clients, each of which is many.
ENOUGH_CLIENTS = 100


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Only where the log tells clients apart, and not one answer was 429."""
    needed = ("client_share_max", "clients", "requests", "status_429")
    for row in worst_each(evidence.having("http.server", *needed), "client_share_max"):
        if row.metrics["client_share_max"] <= threshold.value or row.metrics["status_429"] > 0:
            continue
        if row.metrics["requests"] < ENOUGH_REQUESTS or row.metrics["clients"] < ENOUGH_CLIENTS:
            yield CannotTell("an access log with the addresses of at least a hundred clients and 10,000 requests")
        else:
            yield _hit(row, threshold.value)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"One client sent {told(row, 'client_share_max')} of {told(row, 'requests')} requests (limit "
        f"{shown(limit, 'share')}), among {told(row, 'clients')} clients, and {told(row, 'status_429')} requests were "
        "turned away."
    )
    return Hit(
        subject=Subject("route", "all routes"),
        title="One client takes what it likes",
        said=said,
        cites=told.cites,
        limit=limit,
        snippet="# nginx.conf\nlimit_req_zone $binary_remote_addr zone=all:20m rate=20r/s;\nlimit_req_status 429;\n"
        "# in the server\nlimit_req zone=all burst=60 nodelay;",
    )


RULE = Rule(
    id="SE017",
    slug="unlimited-client",
    area="security",
    mechanism="no-rate-limit",
    title="One client takes most, and is never limited",
    needs=(("http.server", "client_share_max"), ("http.server", "status_429")),
    threshold=Threshold(
        0.3,
        "share",
        "Among a hundred clients or more, one that sends three requests in ten is a program; a limiter would have "
        "answered 429 at least once.",
        "House limit; OWASP API4:2023 asks for a limit and names no number",
    ),
    degradation=0.3,
    why="One crawler or partner decides how fast the service is for everyone else, and nothing stops it from asking "
    "for more.",
    fix=(
        "Find out who it is: a partner gets an agreed rate, a crawler is told to slow down.",
        "Limit every client at the edge, well above what a person or a shared office needs.",
        "Answer 429 with Retry-After, and count those answers.",
    ),
    first_slice=FirstSlice("Limit every client at the edge", 3),
    effort=Effort(0.25, 0.5, 1.5),
    removes=0.8,
    verify="The largest client's share falls below the limit, and 429 appears in the log.",
    rollback="Remove the limit from the edge's configuration.",
    references=(
        "OWASP, API4:2023 https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
        "nginx, limit_req https://nginx.org/en/docs/http/ngx_http_limit_req_module.html",
    ),
    check=check,
)
