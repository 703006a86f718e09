"""A small team that wants to run little: act late, on what was measured, with the plainest means."""

from reviews.capacity.policies.base import ABOVE, CRITERION, TRIGGER, WARNING, Floor, Phase, Profile, Threshold

_ALARMS = "right-sized guide, alarms to set before scaling"
_SKIP = "right-sized guide, skip-until table"
_WHEN = "right-sized guide, when to add infrastructure"
_UP = "right-sized guide, vertical before horizontal"
_MANUAL = "PostgreSQL manual, Table Partitioning: as a rule of thumb, a table larger than the server's memory"


def _tells(measure: str, value: float, minutes: int) -> Threshold:
    return Threshold(measure, ABOVE, value, WARNING, _ALARMS, minutes=minutes)


def _starts(phase: int, measure: str, value: float, action: str, source: str) -> Threshold:
    return Threshold(measure, ABOVE, value, TRIGGER, source, action, phase)


def _decides(use: str, measure: str, value: float, source: str, required: bool = False) -> Threshold:
    return Threshold(measure, ABOVE, value, CRITERION, source, use=use, required=required)


PROFILE = Profile(
    name="right-sized",
    title="Right-sized",
    suits="a small team that wants few parts: measure first, then the plainest step",
    source="right-sized guide for a team of one with fewer than 1,000 users",
    driver="users",
    phases=(
        Phase("Foundation", 0, 1_000),
        Phase("Growth", 1_000, 10_000),
        Phase("Scale", 10_000, 50_000),
        Phase("Enterprise", 50_000, None),
    ),
    phases_source="ranges of the growth strategy; the right-sized guide itself names only 'fewer than 1,000 users'",
    floor=Floor(1_000, 1, "right-sized guide, opening: a solo developer with low volume does not need most of it"),
    thresholds=(
        _tells("host.cpu_share", 0.70, 5),
        _tells("host.memory_share", 0.80, 0),
        _tells("http.error_share", 0.01, 0),
        _tells("http.p95_ms", 2_000, 0),
        _starts(1, "postgres.cpu_share", 0.70, "Take the next larger database instance", _UP),
        _starts(1, "host.cpu_share", 0.70, "Give the busiest machine more processor", _UP),
        _starts(1, "host.memory_share", 0.80, "Give the fullest machine more memory", _ALARMS),
        _starts(1, "http.error_share", 0.01, "Find the cause before adding anything", _ALARMS),
        _starts(1, "http.p95_ms", 2_000, "Index, fix repeated queries, cache the dearest one", _ALARMS),
        _decides("vertical", "postgres.cpu_share", 0.70, _UP),
        _decides("microservices", "people.team", 20, _SKIP),
        Threshold(
            "people.team",
            ABOVE,
            1,
            CRITERION,
            "one person is one team",
            use="graphql-federation",
            required=True,
            abrupt=True,
        ),
        _decides("redis-cluster", "redis.clients", 10_000, _SKIP),
        _decides("read-replica", "postgres.cpu_share", 0.70, _WHEN, required=True),
        _decides("read-replica", "postgres.reads_per_write", 10, _WHEN),
        _decides("redis-cache", "cache.bytes", 100_000_000, "right-sized guide, graduate to Redis"),
        _decides("second-instance", "host.cpu_share", 0.70, _UP, required=True),
        _decides("sharding", "postgres.cpu_share", 0.70, "right-sized guide, database scaling path", required=True),
        _decides("partitioning", "postgres.largest_per_memory", 1, _MANUAL),
    ),
)
