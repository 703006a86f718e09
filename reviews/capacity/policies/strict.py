"""Requests a second as the measure of size, and latency budgets of an interface that other systems call."""

from reviews.capacity.policies.base import (
    ABOVE,
    BELOW,
    CRITERION,
    CRITICAL,
    TRIGGER,
    WARNING,
    Phase,
    Profile,
    Threshold,
)

_ALERTS = "backend scalability review, alert thresholds"
_METRICS = "backend scalability review, essential metrics"
_PHASES = "backend scalability review, headings of its phases"


def _above(phase: int, measure: str, value: float, action: str, source: str = _ALERTS) -> Threshold:
    return Threshold(measure, ABOVE, value, TRIGGER, source, action, phase)


PROFILE = Profile(
    name="strict",
    title="Strict",
    suits="an interface with latency budgets below a second and thousands of requests a second",
    source="backend scalability review for 10,000 to 100,000 requests a second",
    driver="http.rps_peak",
    phases=(
        Phase("One server", 0, 1_000),
        Phase("Database, cache and queues", 1_000, 10_000),
        Phase("Many servers", 10_000, 100_000),
        Phase("Advanced patterns", 100_000, None),
    ),
    phases_source="backend scalability review: about 1,000 requests a second for each server, goal 10,000 to 100,000",
    thresholds=(
        _above(1, "http.error_share", 0.01, "Find the cause"),
        _above(1, "http.p95_ms", 500, "Find the route and the query behind it"),
        _above(1, "postgres.pool_waiting", 10, "Put the pool back through its formula, then add a pooler"),
        Threshold("redis.hit_share", BELOW, 0.90, TRIGGER, _METRICS, "Review what is cached and for how long", 2),
        _above(2, "http.rps_peak", 1_000, "Add a second server behind a load balancer", _PHASES),
        _above(3, "http.rps_peak", 10_000, "Divide the database by application", _PHASES),
        Threshold("http.error_share", ABOVE, 0.01, CRITICAL, _ALERTS, minutes=5),
        Threshold("http.p95_ms", ABOVE, 500, WARNING, _ALERTS, minutes=5),
        Threshold("postgres.pool_waiting", ABOVE, 10, CRITICAL, _ALERTS, minutes=1),
        Threshold("redis.hit_share", BELOW, 0.90, WARNING, _METRICS),
        Threshold("http.rps_peak", ABOVE, 10_000, CRITERION, _PHASES, use="sharding", required=True),
        Threshold("http.rps_peak", ABOVE, 1_000, CRITERION, _PHASES, use="second-instance"),
        Threshold("http.rps_peak", ABOVE, 100_000, CRITERION, _PHASES, use="cqrs"),
        Threshold("http.rps_peak", ABOVE, 100_000, CRITERION, _PHASES, use="edge-computing"),
    ),
)
