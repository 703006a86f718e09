"""A product on its way from its first users to 100,000: each phase has triggers that start the next piece of work."""

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

_ALERTS = "growth strategy, alert thresholds"
_FIRST = "growth strategy, phase 1 triggers"
_PHASE = "growth strategy, actions of phase {}"


def _above(phase: int, measure: str, value: float, action: str) -> Threshold:
    return Threshold(measure, ABOVE, value, TRIGGER, f"growth strategy, phase {phase} triggers", action, phase)


def _below(phase: int, measure: str, value: float, action: str) -> Threshold:
    return Threshold(measure, BELOW, value, TRIGGER, f"growth strategy, phase {phase} triggers", action, phase)


PROFILE = Profile(
    name="growth",
    title="Growth",
    suits="a product that grows fast through known phases, with a team that can follow",
    source="growth strategy from 100 to 100,000 users in four phases",
    driver="users",
    phases=(
        Phase("Foundation", 0, 1_000),
        Phase("Growth", 1_000, 10_000),
        Phase("Scale", 10_000, 50_000),
        Phase("Enterprise", 50_000, None),
    ),
    phases_source="growth strategy, headings of its phases",
    thresholds=(
        _above(1, "postgres.connections_share", 0.80, "Add a connection pooler"),
        _above(1, "http.p95_ms", 2_000, "Add caching"),
        _above(1, "queue.waiting", 100, "Raise the number of workers"),
        _above(1, "http.error_share", 0.01, "Reduce load and find the cause"),
        _above(2, "postgres.replica_lag_s", 5, "Add replicas, or read less from them"),
        _above(2, "queue.oldest_age_s", 300, "Raise the number of workers"),
        _below(2, "redis.hit_share", 0.70, "Review what is cached and for how long"),
        _above(2, "vector.p95_ms", 500, "Cache the answers of the vector store"),
        _above(3, "http.p95_ms", 500, "Serve from a region near the users"),
        _above(3, "ai.cost_per_action", 0.10, "Route simple work to the cheaper model, cache answers"),
        _above(3, "postgres.shard_imbalance", 0.30, "Rebalance the shards"),
        _above(3, "queue.failed_share", 0.05, "Repair retries and the dead letter queue"),
        _below(4, "http.uptime_share", 0.999, "Rehearse failures and remove single points"),
        _above(4, "cost.per_user", 5, "Cut the dearest component first"),
        _above(4, "http.p99_ms", 1_000, "Add capacity where the time goes"),
        _below(4, "ai.cache_hit_share", 0.60, "Review keys and lifetime of cached answers"),
        Threshold("http.error_share", ABOVE, 0.01, CRITICAL, _ALERTS, "Page the engineer on call"),
        Threshold("postgres.connections_share", ABOVE, 0.90, CRITICAL, _ALERTS, "Page the engineer on call"),
        Threshold("queue.waiting", ABOVE, 500, CRITICAL, _ALERTS, "Page the engineer on call"),
        Threshold("http.p95_ms", ABOVE, 2_000, WARNING, _ALERTS, "Look at the slowest queries"),
        Threshold("redis.hit_share", BELOW, 0.70, WARNING, _ALERTS, "Review the cache"),
        Threshold("postgres.connections_share", ABOVE, 0.80, CRITERION, _FIRST, use="pooler"),
        Threshold("users", ABOVE, 10_000, CRITERION, _PHASE.format(3), use="sharding", required=True),
        Threshold("users", ABOVE, 50_000, CRITERION, _PHASE.format(4), use="event-streaming", required=True),
        Threshold("users", ABOVE, 50_000, CRITERION, _PHASE.format(4), use="distributed-sql", required=True),
    ),
)
