"""Server errors of a route are over the error budget."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import beyond_chance

ENOUGH_REQUESTS = 200


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per route, of whichever log saw more failures. Answers of the 400 range are no errors of the server."""
    rows = [*evidence.having("http.route", "requests"), *evidence.having("function.route", "requests")]
    for row in worst_each(rows, "status_5xx"):
        failed, requests = row.metrics["status_5xx"], row.metrics["requests"]
        if _timeouts(row) > failed / 2:
            continue  # the rules on timeouts answer for these
        if beyond_chance(failed, requests, threshold.value, ENOUGH_REQUESTS):
            yield _hit(row, threshold.value * requests)
        elif requests < ENOUGH_REQUESTS and failed > 1 and failed > threshold.value * requests:
            yield CannotTell(f"a log with at least {ENOUGH_REQUESTS} requests of {row.subject}")


def _timeouts(row: Evidence) -> float:
    if row.kind == "function.route":
        return row.metrics.get("timeouts", 0.0)
    return row.metrics.get("status_504", 0.0)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} answered {told(row, 'status_5xx')} of {told(row, 'requests')} requests with a server error "
        f"(limit {shown(limit, '1')}), more than chance explains."
    )
    told.also(row, "error_share", "status_502", "status_503", "crashes")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} fails too often",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(row.subject,),
    )


RULE = Rule(
    id="PL002",
    slug="error-burst",
    area="platform",
    mechanism="error-burst",
    title="Server errors exceed the error budget",
    needs=(),
    needs_any=(("http.route", "status_5xx"), ("function.route", "status_5xx")),
    threshold=Threshold(
        0.01,
        "share",
        "One request of a hundred, by the lower end of the 95 % interval and from 200 requests on.",
        "Google SRE Workbook, error budgets; awesome-prometheus-alerts, nginx 5xx",
    ),
    degradation=0.6,
    why="Visitors get an error page instead of an answer. On pages that take money each one is an order that may not "
    "come back.",
    fix=(
        "Group the errors by message in the application's log; a few causes make most of them.",
        "Look at when they came: a release, a peak, a partner's outage.",
        "Bound calls to partners with a timeout and a fallback.",
        "Alert on the burn of the error budget (14.4 times over an hour).",
    ),
    first_slice=FirstSlice("Name and mend the most frequent error of the route", 6),
    effort=Effort(0.5, 1.5, 3),
    removes=0.8,
    verify="Server errors of the route stay below one of a thousand over a week.",
    rollback="Roll back to the release before the errors began.",
    references=("Google SRE, Alerting on SLOs https://sre.google/workbook/alerting-on-slos/",),
    check=check,
)
