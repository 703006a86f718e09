"""Server errors of a route are over the error budget."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.known_errors import causes_in
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.load_runs import of_visitors
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import beyond_chance

ENOUGH_REQUESTS = 200
MANY_EVENTS, MANY_USERS = 500.0, 100.0
SHOWN = 5
_OVER = frozenset({"resolved", "ignored", "archived", "muted"})
_MILD = frozenset({"warning", "info", "debug", "log", "sample"})
# What browsers, networks and visitors cause: nobody was refused by the server.
_NOISE = re.compile(
    r"ResizeObserver|Script error|AbortError|ChunkLoadError|Loading (?:CSS )?chunk|Failed to fetch|Load failed"
    r"|NetworkError|Network Error|cancell?ed|NEXT_NOT_FOUND|NEXT_REDIRECT|Not ?Found|\b40[0-9]\b|Hydration"
    r"|Minified React|extension://|Validation|Unauthorized|Forbidden|InvalidCredentials",
    re.I,
)
_COUNTED = (("http.route", "status_5xx"), ("function.route", "status_5xx"))


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per route, of whichever log saw more failures. Answers of the 400 range are no errors of the server."""
    logged, doubts = of_visitors(evidence, "requests")
    yield from doubts
    rows = [*logged, *evidence.having("function.route", "requests")]
    for row in worst_each(rows, "status_5xx"):
        failed, requests = row.metrics["status_5xx"], row.metrics["requests"]
        if _timeouts(row) > failed / 2:
            continue  # the rules on timeouts answer for these
        if beyond_chance(failed, requests, threshold.value, ENOUGH_REQUESTS):
            yield _hit(row, threshold.value * requests)
        elif requests < ENOUGH_REQUESTS and failed > 1 and failed > threshold.value * requests:
            yield CannotTell(f"a log with at least {ENOUGH_REQUESTS} requests of {row.subject}")
    if not any(evidence.has(kind, metric) for kind, metric in _COUNTED):
        yield from _reported(evidence)


def _reported(evidence: EvidenceSet) -> Iterator[Hit | CannotTell]:
    """Without a log of requests: open errors that many met. Of how many requests is unknown, hence no breach."""
    found = [row for row in evidence.having("error.issue", "events", "users") if _is_open(row)]
    rows = sorted(found, key=lambda row: (-row.metrics["events"], row.subject))
    worst: dict[str, Evidence] = {}
    for row in rows:
        worst.setdefault(_where(row), row)
    yield from [_issue(row) for row in worst.values()][:SHOWN]
    if not rows:
        yield CannotTell(" or ".join(f"{kind}.{metric}" for kind, metric in _COUNTED))


def _is_open(row: Evidence) -> bool:
    title = str(row.attrs.get("title") or "")
    over = row.attrs.get("status") in _OVER or row.attrs.get("level") in _MILD
    many = row.metrics["events"] > MANY_EVENTS and row.metrics["users"] >= MANY_USERS
    return many and not over and not _NOISE.search(title) and not causes_in(title)


def _where(row: Evidence) -> str:
    return str(row.attrs.get("route") or row.attrs.get("project") or "the application")


def _issue(row: Evidence) -> Hit:
    told, where, named = Told(), _where(row), bool(row.attrs.get("route"))
    said = f"The error {row.subject} happened {told(row, 'events')} times (limit {shown(MANY_EVENTS, '1')}) and "
    said += f"{told(row, 'users')} people met it; of how many requests, no log was sent that tells it."
    told.also(row, "unhandled", "window_s")
    return Hit(
        subject=Subject("route" if named else "deployment", where),
        title=f"Many people meet an error of {where}",
        said=said,
        cites=told.cites,
        limit=MANY_EVENTS,
        routes=(where,) if named else (),
    )


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
    needs_any=(*_COUNTED, ("error.issue", "events")),
    threshold=Threshold(
        0.01,
        "share",
        "One request of a hundred, by the lower end of the 95 % interval and from 200 requests on. Where only "
        "an error tracker was sent: 500 times and 100 people, which shows no share.",
        "Google SRE Workbook, error budgets; awesome-prometheus-alerts, nginx 5xx; without a share a house limit",
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
