"""A third party holds requests, or fails them."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import beyond_chance, first_of

ENOUGH_CALLS = 59
FAILED = 0.05
ENOUGH_TO_FAIL = 100
FEW = 5
HALF = 0.5  # of a route's time


def _slow(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Slow calls, and routes that spend half of their time outside where these are known."""
    for row in worst_each(evidence.having("trace.external", "calls"), "p95_ms"):
        if row.metrics["p95_ms"] <= threshold.value:
            continue
        if row.metrics["calls"] < ENOUGH_CALLS:
            yield CannotTell(f"traces with at least {ENOUGH_CALLS} calls of {row.subject}")
        else:
            yield _hit(row, _held(evidence, row), threshold.value)


def _failing(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    for row in worst_each(evidence.having("trace.external", "calls"), "errors"):
        errors, calls = row.metrics["errors"], row.metrics["calls"]
        if errors >= FEW and beyond_chance(errors, calls, FAILED, ENOUGH_TO_FAIL):
            told, limit = Told(), FAILED * row.metrics["calls"]
            said = (
                f"{told(row, 'errors')} of {told(row, 'calls')} calls of {row.subject} failed (limit "
                f"{shown(limit, '1')}), more than chance explains."
            )
            told.also(row, "error_share", "p95_ms")
            yield Hit(
                subject=Subject("external host", row.subject),
                title=f"{row.subject} fails requests",
                said=said,
                cites=told.cites,
                limit=limit,
                breach=True,
                routes=tuple(row.attrs.get("routes", ())),
                degradation=0.6,
            )


def _held(evidence: EvidenceSet, row: Evidence) -> Evidence | None:
    """The route of this host that spends the largest part of its time outside, from one half on."""
    routes = set(row.attrs.get("routes", ()))
    found = [one for one in evidence.having("trace.route", "external_share") if one.subject in routes]
    worst = max(found, key=lambda one: one.metrics["external_share"], default=None)
    return worst if worst and worst.metrics["external_share"] > HALF else None


def _hit(row: Evidence, route: Evidence | None, limit: float) -> Hit:
    told = Told()
    said = (
        f"Calls of {row.subject} take {told(row, 'p95_ms')} at the 95th percentile (limit {shown(limit, 'ms')}), over "
        f"{told(row, 'calls')} calls"
    )
    if route:
        said += f"; {route.subject} spends {told(route, 'external_share')} of its time outside"
        told.also(route, "p95_ms", "external_ms", "db_share")
    told.also(row, "p50_ms", "max_ms", "errors")
    return Hit(
        subject=Subject("external host", row.subject),
        title=f"{row.subject} holds requests",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=tuple(row.attrs.get("routes", ())),
        snippet="// give up after two seconds, and answer without it\n"
        "const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => null);",
    )


RULE = Rule(
    id="PL050",
    slug="slow-dependency",
    area="platform",
    mechanism="slow-dependency",
    title="A third party holds requests",
    needs=(("trace.external", "calls"),),
    threshold=Threshold(
        1_000,
        "ms",
        "A partner that takes a second uses up the whole budget of a page; or fails one call of twenty.",
        "Nielsen Norman Group, response time limits (1 s); Google SRE, Addressing cascading failures (deadlines)",
    ),
    degradation=0.3,
    why="Your pages wait for another company's servers. When it has a bad day, so have you, and requests that wait "
    "take "
    "the places of those that could be served.",
    fix=(
        "Give the call a timeout of two seconds, and say what the page does without it.",
        "Cache what it answers, or ask in advance, or after the answer through a queue.",
        "Stop asking for a minute when it fails several times (circuit breaker).",
        "Ask the partner for their promise, and measure it.",
    ),
    first_slice=FirstSlice("Set a timeout and a fallback on the call", 4),
    effort=Effort(0.5, 1, 3),
    removes=0.8,
    verify="The route's p95 stays within its budget while the partner is slowed on purpose.",
    rollback="Raise the timeout; it is one constant.",
    references=(
        "Google SRE, Addressing cascading failures https://sre.google/sre-book/addressing-cascading-failures/",
    ),
    check=first_of(_slow, _failing),
)
