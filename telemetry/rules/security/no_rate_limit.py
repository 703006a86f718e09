"""A sign-in can be called without limit."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Many failures of one client within a minute and not one answer 429: nothing slowed it down."""
    for row in worst_each(evidence.of("http.auth"), "failures_per_min_max"):
        if row.metrics["failures_per_min_max"] <= threshold.value:
            continue
        routes = [one for one in evidence.having("http.route", "status_429") if one.subject == row.subject]
        if not routes:
            yield CannotTell(f"the access log's statuses of {row.subject}")
        elif all(one.metrics["status_429"] == 0 for one in routes):
            yield _hit(row, routes[0], threshold.value)


def _hit(row: Evidence, route: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"One client failed to sign in at {row.subject} {told(row, 'failures_per_min_max')} times within a minute "
        "(limit "
        f"{shown(limit, '1/min')}) and {told(route, 'status_429')} requests were turned away."
    )
    told.also(row, "failures")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"Nothing limits attempts at {row.subject}",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(row.subject,),
        snippet="# nginx.conf\nlimit_req_zone $binary_remote_addr zone=signin:10m rate=10r/m;\nlimit_req_status 429;\n"
        "# in the location of the sign-in\nlimit_req zone=signin burst=5 nodelay;",
    )


RULE = Rule(
    id="SE002",
    slug="no-rate-limit",
    area="security",
    mechanism="no-rate-limit",
    title="A sign-in has no rate limit",
    needs=(("http.auth", "failures_per_min_max"), ("http.route", "status_429")),
    threshold=Threshold(
        20,
        "1/min",
        "A limiter that lets twenty failures a minute of one client pass, without one answer 429, is not there.",
        "House limit; OWASP API4:2023 asks for a limit and names no number",
    ),
    degradation=0.3,
    why="Nothing slows down a program that tries passwords or floods the sign-in. It is only a matter of time until it "
    "finds one.",
    fix=(
        "Limit the route by client at the edge, ten a minute with a small burst.",
        "Limit by account in the application too, since attackers change addresses.",
        "Answer 429 with Retry-After, and count those answers.",
    ),
    first_slice=FirstSlice("Limit the sign-in by client at the edge", 3),
    effort=Effort(0.25, 0.75, 1.5),
    removes=0.8,
    verify="Twenty quick wrong sign-ins are answered with 429.",
    rollback="Remove the limit from the edge's configuration.",
    references=(
        "OWASP, API4:2023 https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
        "nginx, limit_req https://nginx.org/en/docs/http/ngx_http_limit_req_module.html",
    ),
    check=check,
)
