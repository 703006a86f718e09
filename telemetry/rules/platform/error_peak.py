"""Within five minutes a relevant part of all requests failed."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.load_runs import TESTED
from telemetry.rules.shapes import Standing, Wording

OVERALL = 0.01  # above it the routes' own errors say it
ENOUGH_REQUESTS, ENOUGH_FAILED = 1_000, 30


def _burst(row: Evidence) -> bool:
    numbers = row.metrics
    enough = numbers.get("requests", 0.0) >= ENOUGH_REQUESTS and numbers.get("status_5xx", 0.0) >= ENOUGH_FAILED
    tested = numbers.get("test_requests", 0.0) > TESTED * numbers.get("requests", 0.0)
    return enough and not tested and numbers.get("error_share", 0.0) <= OVERALL


RULE = Rule(
    id="PL045",
    slug="error-peak",
    area="platform",
    mechanism="error-burst",
    title="Errors come in a burst",
    needs=(("http.server", "error_share_worst_5min"), ("http.server", "status_5xx")),
    threshold=Threshold(
        0.05,
        "share",
        "One request of twenty within five minutes, while the whole log stays below one of a hundred.",
        "Google SRE Workbook, Alerting on SLOs (burn rate); awesome-prometheus-alerts, nginx 5xx of 5 %",
    ),
    degradation=0.6,
    why="For some minutes the shop was down for many visitors, though the average of the day looks fine. What caused "
    "it "
    "can come again.",
    fix=(
        "Find the minute: errors by minute and route, and what began then (release, cron, peak, partner).",
        "Mend that cause, and bound calls to partners with a timeout and a fallback.",
        "Alert on the burn of the error budget over five minutes and an hour.",
    ),
    first_slice=FirstSlice("Name what began in the minute of the burst", 4),
    effort=Effort(0.25, 1, 2),
    removes=0.7,
    verify="No five minutes of a week fail more than one request of a hundred.",
    rollback="Depends on the cause; the alert changes nothing.",
    references=("Google SRE, Alerting on SLOs https://sre.google/workbook/alerting-on-slos/",),
    check=Beyond(
        kind="http.server",
        metric="error_share_worst_5min",
        subject=lambda row: Subject("deployment", "all routes"),
        wording=Wording(
            title="Errors come in a burst",
            said="In the worst five minutes {value} of all requests failed (limit {limit}); over the whole log it was "
            "{error_share}.",
            also=("status_5xx", "requests"),
        ),
        standing=Standing(shared=True),
        where=_burst,
    ),
)
