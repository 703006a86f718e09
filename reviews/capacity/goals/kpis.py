"""The metrics a review always looks at, by group, and whether more or less of one is better."""

AT_MOST, AT_LEAST = "at most", "at least"
APPLICATION, INFRASTRUCTURE, BUSINESS, OTHER = "Application", "Infrastructure", "Business", "Other"

# Key of a measure or an input -> group, in the order of the table
KPIS: dict[str, str] = {
    "http.uptime_share": APPLICATION,
    "http.p95_ms": APPLICATION,
    "http.p99_ms": APPLICATION,
    "http.error_share": APPLICATION,
    "queue.failed_share": APPLICATION,
    "http.rps_carried": APPLICATION,
    "postgres.connections_share": INFRASTRUCTURE,
    "postgres.pool_waiting": INFRASTRUCTURE,
    "postgres.query_ms": INFRASTRUCTURE,
    "postgres.replica_lag_s": INFRASTRUCTURE,
    "redis.hit_share": INFRASTRUCTURE,
    "redis.used_memory": INFRASTRUCTURE,
    "redis.evicted_per_min": INFRASTRUCTURE,
    "queue.waiting": INFRASTRUCTURE,
    "queue.oldest_age_s": INFRASTRUCTURE,
    "host.cpu_share": INFRASTRUCTURE,
    "host.memory_share": INFRASTRUCTURE,
    "ai.cache_hit_share": INFRASTRUCTURE,
    "driver.users.growth": BUSINESS,
    "cost.monthly": BUSINESS,
    "cost.per_user": BUSINESS,
    "ai.cost_per_action": BUSINESS,
}
# More is better of what is served, found or kept: the last part of the key.
MORE = frozenset({
    "hit_share", "cache_hit_share", "cached_share", "uptime_share", "completed_share", "read_share",
    "rps_carried", "rps_per_server", "out_per_s", "carried_per_s", "growth", "satisfaction",
})  # fmt: skip


def direction_of(name: str) -> str:
    """Whether a metric should be at most, or at least, its target."""
    return AT_LEAST if name.rpartition(".")[2] in MORE else AT_MOST


def group_of(name: str) -> str:
    """The group a metric stands in; a business number is known by its key."""
    business = name.startswith(("business.", "cost.", "driver."))
    return KPIS.get(name) or (BUSINESS if business else OTHER)
