"""Every measure that a threshold of a policy, a trigger of a phase or a criterion of the right-sizing asks for."""

from collections.abc import Sequence

from reviews.capacity.formulas.operational import used
from reviews.capacity.inputs import Figure, Input, Inputs, Missing, Source, worst
from reviews.capacity.measures import Measure, Way, least, most, odds, read, share, share_of_largest, total
from reviews.capacity.resource import Resource


def _m(key: str, title: str, unit: str, needs: str, *ways: Way, scales: bool = False, assumed: str = "") -> Measure:
    return Measure(key, title, unit, needs, ways or (most(key),), scales or bool(assumed), assumed)


# What is open, held or kept does not follow the utilisation law as work does.
HELD = "all of it is assumed to grow with load, so the date is the earliest"
KEPT = "rows are assumed to grow as the load does"


# The database's own machine, under the names that consultants give it.
DATABASE_HOSTS = ("db", "database", "postgres")
_LOG = "an access log with status codes and durations"
_SAR = "a week of sar, or of the provider's metrics, from the machine"
_ROWS = "pg_stat_user_tables"

MEASURES = (
    _m("people.team", "People who build and run it", "1", "team in the intake"),
    _m("users", "Monthly active users", "1", "current_mau in the intake", most("driver.users"), scales=True),
    _m(
        "tenants",
        "Tenants",
        "1",
        "a [[driver]] named tenants in the intake",
        most("driver.tenants"),
        most("driver.sellers"),
        most("driver.customers"),
        scales=True,
    ),
    _m("http.users_at_once", "Users at the same time", "1", "http.users_at_once in the intake", scales=True),
    _m("http.connections", "Connections to the API", "1", "the load balancer's connections, at the peak", assumed=HELD),
    _m("http.rps_peak", "Requests at the peak", "1/s", "an access log of a week with a peak", scales=True),
    _m("http.p95_ms", "Response time, 95th percentile", "ms", _LOG),
    _m("http.p99_ms", "Response time, 99th percentile", "ms", _LOG),
    _m("http.error_share", "Share of requests that fail", "share", _LOG),
    _m("http.uptime_share", "Uptime", "share", "http.uptime_share in the intake, from the uptime monitor"),
    _m("http.servers", "Instances of the application", "1", "http.servers in the intake"),
    _m("cache.bytes", "Size of the in-memory cache", "bytes", "cache.bytes in the intake, of one instance"),
    _m(
        "postgres.connections_share",
        "Database connections in use",
        "share",
        "pg_stat_activity at the peak, and max_connections",
        share("postgres.connections_peak", "postgres.max_connections"),
        assumed=HELD,
    ),
    _m(
        "postgres.pool_waiting",
        "Requests that wait for a connection",
        "1",
        "SHOW POOLS at the peak, or the pool's metrics",
    ),
    _m(
        "postgres.cpu_share",
        "Processor of the database",
        "share",
        f"{_SAR} that runs the database",
        most("postgres.cpu_busy_max"),
        *(most(f"host.{name}.cpu_busy_max") for name in DATABASE_HOSTS),
        scales=True,
    ),
    _m("postgres.disk_share", "Disk of the database at work", "share", "sar -d of the database's machine", scales=True),
    _m(
        "postgres.reads_per_write",
        "Reads for each write",
        "1",
        "two exports of pg_stat_statements, some hours apart",
        most("postgres.reads_per_write"),
        odds("postgres.read_share"),
    ),
    _m("postgres.replicas", "Replicas of the database", "1", "pg_stat_replication"),
    _m("postgres.replica_lag_s", "Lag of the replica", "s", "pg_stat_replication"),
    _m("postgres.largest_rows", "Rows of the largest table", "1", _ROWS, most("table.*.rows"), assumed=KEPT),
    _m("postgres.total_rows", "Rows of all tables", "1", _ROWS, total("table.*.rows"), assumed=KEPT),
    _m(
        "postgres.largest_per_memory",
        "Largest table against the memory of its server",
        "1",
        "sizes of tables, and the memory of the database's machine",
        *(share_of_largest("table.*.bytes", f"host.{name}.memory_bytes") for name in DATABASE_HOSTS),
        assumed=KEPT,
    ),
    _m("postgres.shard_imbalance", "Largest shard above the mean", "share", "rows or load of each shard"),
    _m("redis.hit_share", "Look-ups that find their key", "share", "INFO stats of Redis", least("redis.hit_share")),
    _m("redis.used_memory", "Memory of Redis in use", "bytes", "INFO memory of Redis", assumed=HELD),
    _m("redis.clients", "Clients of Redis", "1", "INFO clients of Redis", assumed=HELD),
    _m("queue.waiting", "Jobs that wait", "1", "the queues' counts at the peak", most("queue.*.waiting")),
    _m(
        "queue.oldest_age_s",
        "Age of the oldest job",
        "s",
        "the queues' counts with when the oldest job came and when they were taken",
        most("queue.*.oldest_age_s"),
    ),
    _m(
        "queue.failed_share",
        "Share of jobs that fail",
        "share",
        "the queues' counts of jobs done and failed",
        most("queue.*.failed_share"),
    ),
    _m(
        "queue.jobs_per_hour",
        "Jobs an hour",
        "1",
        "the queues' counts, twice, an hour apart",
        total("queue.*.in_per_s", 3600.0),
        scales=True,
    ),
    _m(
        "queue.cycle_share",
        "Share of its window that a cycle of jobs takes",
        "share",
        "a [[resource]] of kind window in the intake",
        most("use.window.*"),
        scales=True,
    ),
    _m("host.cpu_share", "Processor of the busiest machine", "share", _SAR, most("host.*.cpu_busy_max"), scales=True),
    _m(
        "host.memory_share",
        "Memory of the fullest machine",
        "share",
        _SAR,
        share("host.*.memory_used_max", "host.*.memory_bytes"),
        assumed=HELD,
    ),
    _m(
        "vector.p95_ms",
        "Vector search, 95th percentile",
        "ms",
        "traces of the calls to the vector store",
        *(most(f"external.{name}.p95_ms") for name in ("*vector*", "*pinecone*", "*qdrant*", "*weaviate*")),
    ),
    _m(
        "ai.cost_per_action",
        "Cost of a request to the model",
        "money",
        "the usage export of the provider of language models",
        most("ai.cost_per_action"),
        most("llm.*.cost_per_request"),
    ),
    _m(
        "ai.cache_hit_share",
        "Input of the model read from a cache",
        "share",
        "the usage export of the provider of language models",
        least("llm.*.cached_share"),
    ),
    _m("cost.per_user", "Cost of a user a month", "money", "the bill by service and the users"),
)

_BY_KEY = {measure.key: measure for measure in MEASURES}


def measure_of(key: str) -> Measure:
    """The measure of a key; KeyError names a key that no threshold may use."""
    return _BY_KEY[key]


def measured(inputs: Inputs, key: str) -> Figure | Missing:
    """The number of a measure, or what it needs."""
    return read(inputs, _BY_KEY[key])


def with_use(inputs: Inputs, resources: Sequence[Resource]) -> Inputs:
    """The inputs, and the peak use of every resource beside them as `use.<kind>.<id>`."""
    return Inputs([*inputs, *(use for use in map(_use, resources) if use is not None)])


def _use(resource: Resource) -> Input | None:
    """Peak use as a share of capacity, with the ends that load and capacity give it."""
    value, load = resource.utilisation(1.0), resource.peak
    if value is None or load is None:
        return None
    capacity = resource.capacity
    return Input(
        key=f"use.{resource.kind}.{resource.id}",
        title=f"Peak use of {resource.title}",
        value=value,
        unit="share",
        grade=worst((load.grade, capacity.grade)),
        source=Source("computed from load and capacity"),
        low=used(resource.fixed + load.low, capacity.high),
        high=used(resource.fixed + load.high, capacity.low) if capacity.low > 0 else value,
    )
