"""Everything on one machine: separate the parts early, because each starves the others. Size is counted in tenants."""

from reviews.capacity.policies.base import ABOVE, CRITERION, TRIGGER, Phase, Profile, Threshold

_LIMITS = "shared-host stress audit, infrastructure thresholds"
_TABLES = "shared-host stress audit, breaking points"
_LATER = "shared-host stress audit, what to redesign now and later"
_TENANTS = "shared-host stress audit, tenant isolation"
GB = 1_000_000_000.0


def _starts(phase: int, measure: str, value: float, action: str, source: str = _LIMITS) -> Threshold:
    return Threshold(measure, ABOVE, value, TRIGGER, source, action, phase)


def _decides(use: str, measure: str, value: float, source: str, required: bool = False) -> Threshold:
    return Threshold(measure, ABOVE, value, CRITERION, source, use=use, required=required)


PROFILE = Profile(
    name="shared-host",
    title="Shared host",
    suits="a product with tenants whose database, queue and application share one machine",
    source="shared-host stress audit for 100 and 1,000 tenants",
    driver="tenants",
    phases=(Phase("Stabilize", 0, 100), Phase("Scale", 100, 1_000), Phase("Enterprise", 1_000, None)),
    phases_source="shared-host stress audit, upgrade path",
    thresholds=(
        _starts(1, "http.users_at_once", 50, "Move the database to a machine or service of its own"),
        _starts(1, "postgres.total_rows", 10_000_000, "Move the database to a machine or service of its own"),
        _starts(1, "queue.jobs_per_hour", 1_000, "Move Redis to a machine or service of its own"),
        _starts(1, "postgres.largest_rows", 5_000_000, "Partition the table by month and set a retention", _TABLES),
        _starts(2, "http.connections", 100, "Run two instances of the API behind a load balancer"),
        _starts(2, "queue.cycle_share", 1, "Give the workers a machine of their own"),
        _starts(2, "redis.used_memory", GB, "Take a managed Redis, or a cluster"),
        _starts(2, "postgres.largest_rows", 50_000_000, "Take a managed database with a pooler"),
        _starts(2, "tenants", 100, "Let the database itself keep tenants apart (row-level security)", _TENANTS),
        _starts(3, "postgres.largest_rows", 100_000_000, "Give analytics a database of its own", _LATER),
        _decides("partitioning", "postgres.largest_rows", 5_000_000, _TABLES),
        _decides("managed-database", "postgres.total_rows", 10_000_000, _LIMITS),
        _decides("managed-database", "http.users_at_once", 50, _LIMITS),
        _decides("analytics-database", "postgres.largest_rows", 100_000_000, _LATER, required=True),
        _decides("microservices", "people.team", 5, _LATER),
        _decides("second-instance", "http.connections", 100, _LIMITS),
        _decides("redis-cluster", "redis.used_memory", GB, _LIMITS),
        _decides("row-level-security", "tenants", 100, _TENANTS),
        _decides("queue-sharding", "queue.cycle_share", 1, _LATER),
    ),
)
