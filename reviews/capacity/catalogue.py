"""Every number a capacity model may hold: its key, what it is called, its unit, and what would give it.

A key is dotted and stable. `<name>` in a pattern stands for a name (a queue, a host, a table ...), which may hold dots.
"""

import difflib
from dataclasses import dataclass
from functools import lru_cache

NAME = "<name>"


@dataclass(frozen=True, slots=True)
class Key:
    """One kind of number. `gives` says in words which export holds it, as the end of "needs …"."""

    pattern: str
    title: str
    unit: str
    group: str
    gives: str

    @property
    def ends(self) -> tuple[str, str]:
        """What stands before and after the name; ("driver.", ".growth")."""
        before, _, after = self.pattern.partition(NAME)
        return before, after


def _keys(group: str, gives: str, *rows: tuple[str, str, str]) -> tuple[Key, ...]:
    return tuple(Key(pattern, title, unit, group, gives) for pattern, title, unit in rows)


_SETTINGS = "SHOW ALL or pg_settings of the database"
_ACTIVITY = "pg_stat_activity, taken in the busiest hour"
_STATEMENTS = "two exports of pg_stat_statements, some hours apart"
_POOL = "the settings of the connection pool or the pooler"
_TABLES = "two exports of pg_stat_user_tables, a week apart"
_REDIS = "INFO everything of Redis, twice, an hour apart"
_QUEUES = "the queues' counts, twice, an hour apart"
_HTTP = "an access log of a week with a busy day in it"
_HOSTS = "sar, vmstat or the provider's metrics of the host over a week"
_FUNCTIONS = "the platform's log of functions with their durations"

KEYS: tuple[Key, ...] = (
    *_keys(
        "Drivers",
        "current_mau and target_mau, or a [[driver]], in the intake",
        ("driver.<name>", "{name}, now", "1"),
        ("driver.<name>.target", "{name}, target", "1"),
    ),
    *_keys(
        "Drivers",
        "growth_per_month in the intake, or users, orders or revenue by month",
        ("driver.<name>.growth", "Growth of {name} a month", "share"),
    ),
    *_keys(
        "Drivers",
        "users, orders or revenue by month",
        ("driver.<name>.observed_months", "Months over which {name} were watched", "1"),
    ),
    *_keys(
        "People",
        "team and engineers in the intake",
        ("people.team", "People who build and run it", "1"),
        ("people.engineers", "People who can work on the plan", "1"),
    ),
    *_keys(
        "Traffic",
        _HTTP,
        ("http.rps_mean", "Requests, mean", "1/s"),
        ("http.rps_peak", "Requests, busiest minutes", "1/s"),
        ("http.rps_second", "Requests, busiest second", "1/s"),
        ("http.peak_factor", "Peak factor: busiest minute against mean", "1"),
        ("http.in_flight", "Requests in flight, mean", "1"),
        ("http.p95_ms", "Time of a request, p95", "ms"),
        ("http.p99_ms", "Time of a request, p99", "ms"),
        ("http.error_share", "Share of requests that fail", "share"),
        ("http.window_s", "Time the log spans", "s"),
    ),
    *_keys(
        "Traffic",
        "load tests with rising load",
        ("http.rps_carried", "Requests that a load test carried", "1/s"),
        ("http.servers", "Servers that answer requests", "1"),
    ),
    *_keys(
        "Traffic",
        "a number in the intake",
        ("http.users_at_once", "Users at the same time", "1"),
        ("http.connections", "Connections to the API", "1"),
        ("http.uptime_share", "Uptime", "share"),
        ("cache.bytes", "Size of the in-memory cache", "bytes"),
    ),
    *_keys(
        "Database",
        _SETTINGS,
        ("postgres.max_connections", "Connections the database allows", "1"),
        ("postgres.reserved_connections", "Connections kept for administrators", "1"),
    ),
    *_keys(
        "Database",
        _ACTIVITY,
        ("postgres.connections", "Connections open, mean", "1"),
        ("postgres.connections_peak", "Connections open, busiest minutes", "1"),
        ("postgres.connections_fixed", "Connections open that do not grow with load", "1"),
    ),
    *_keys(
        "Database",
        _STATEMENTS,
        ("postgres.queries_per_s", "Statements, mean", "1/s"),
        ("postgres.query_ms", "Time of a statement, mean", "ms"),
        ("postgres.busy", "Connections at work, mean", "1"),
        ("postgres.busy_peak", "Connections at work, busiest minutes", "1"),
        ("postgres.read_share", "Share of statements that only read", "share"),
        ("postgres.hit_share", "Blocks found in shared buffers", "share"),
    ),
    *_keys(
        "Database",
        _POOL,
        ("postgres.pool_size", "Connections in the pool of one process", "1"),
        ("postgres.instances", "Processes that have such a pool", "1"),
        ("postgres.hold_s", "Time a request holds a connection", "s"),
        ("pooler.pool_size", "Server connections of the pooler", "1"),
        ("pooler.servers", "Server connections of the pooler at work", "1"),
        ("pooler.clients", "Clients of the pooler", "1"),
        ("postgres.pool_waiting", "Requests that wait for a connection", "1"),
        ("pooler.max_clients", "Clients the pooler allows", "1"),
    ),
    *_keys(
        "Database",
        _HOSTS.replace("the host", "the database"),
        ("postgres.cpu_busy_mean", "Processor of the database, mean", "share"),
        ("postgres.cpu_busy_max", "Processor of the database, busiest", "share"),
        ("postgres.cores", "Cores of the database", "1"),
        ("postgres.disk_bytes", "Disk of the database, size", "bytes"),
        ("postgres.disk_free_bytes", "Disk of the database, free", "bytes"),
    ),
    *_keys(
        "Database",
        "sizes of tables, twice, a week apart",
        ("postgres.bytes", "Size of the database", "bytes"),
        ("postgres.bytes_per_day", "Growth of the database a day", "bytes"),
        ("postgres.replica_lag_s", "Lag of the replica", "s"),
        ("postgres.replicas", "Replicas", "1"),
        ("postgres.wal_bytes_per_day", "Write-ahead log a day", "bytes"),
        ("postgres.disk_share", "Disk of the database at work", "share"),
        ("postgres.reads_per_write", "Reads for each write", "1"),
        ("postgres.shard_imbalance", "Largest shard above the mean", "share"),
    ),
    *_keys(
        "Tables",
        _TABLES,
        ("table.<name>.rows", "Rows of {name}", "1"),
        ("table.<name>.rows_per_day", "New rows of {name} a day", "1"),
        ("table.<name>.bytes", "Size of {name}", "bytes"),
        ("table.<name>.limit_rows", "Rows {name} may have before it is partitioned", "1"),
        ("tables.limit_rows", "Rows any table may have before it is partitioned", "1"),
    ),
    *_keys(
        "Tables",
        "pg_sequences, twice, a week apart",
        ("sequence.<name>.last_value", "Last value of {name}", "1"),
        ("sequence.<name>.max_value", "Highest value of {name}", "1"),
        ("sequence.<name>.per_day", "Values of {name} taken a day", "1"),
    ),
    *_keys(
        "Tables",
        "age(datfrozenxid) of every database",
        ("xids.<name>.age", "Oldest transaction id of {name}, age", "1"),
    ),
    *_keys(
        "Redis",
        _REDIS,
        ("redis.used_memory", "Memory of Redis in use", "bytes"),
        ("redis.peak_memory", "Memory of Redis in use, most", "bytes"),
        ("redis.maxmemory", "Memory Redis may use", "bytes"),
        ("redis.growth_bytes_per_s", "Growth of Redis' memory", "bytes/s"),
        ("redis.clients", "Clients of Redis", "1"),
        ("redis.maxclients", "Clients Redis allows", "1"),
        ("redis.busy", "Redis' one thread at work, mean", "share"),
        ("redis.evicts", "Redis throws keys away at its limit (1: yes)", "1"),
        ("redis.holds_jobs", "Redis holds the queues' jobs (1: yes)", "1"),
        ("redis.evicted_per_min", "Keys thrown away", "1/min"),
        ("redis.hit_share", "Look-ups that find their key", "share"),
        ("redis.no_expiry_share", "Keys that never expire", "share"),
    ),
    *_keys(
        "Queues",
        _QUEUES,
        ("queue.<name>.in_per_s", "Jobs that arrive in {name}", "1/s"),
        ("queue.<name>.out_per_s", "Jobs that {name} gets done", "1/s"),
        ("queue.<name>.waiting", "Jobs that wait in {name}", "1"),
        ("queue.<name>.waiting_per_s", "Growth of what waits in {name}", "1/s"),
        ("queue.<name>.oldest_age_s", "Age of the oldest job in {name}", "s"),
        ("queue.<name>.failed_share", "Jobs of {name} that fail", "share"),
        ("queue.<name>.workers", "Workers of {name}", "1"),
        ("queue.<name>.tries_failed_share", "Tries of jobs of {name} that fail", "share"),
        ("queue.<name>.job_bytes", "Memory of one job in {name}", "bytes"),
    ),
    *_keys(
        "Queues",
        "the workers' settings of concurrency, and how long a job takes",
        ("queue.<name>.slots", "Jobs of {name} done side by side", "1"),
        ("queue.<name>.run_s", "Time of one job of {name}", "s"),
        ("queue.<name>.peak_factor", "Peak factor of {name}", "1"),
        ("queue.<name>.tries", "Times a job of {name} is tried at most", "1"),
    ),
    *_keys(
        "Queues",
        "stated in the intake, under [capacity]: the schedule of whatever looks for work",
        ("poll.<name>.interval_s", "Time between two looks of {name} for work", "s"),
    ),
    *_keys(
        "Functions",
        _FUNCTIONS,
        ("functions.concurrency_mean", "Functions running at once, mean", "1"),
        ("functions.concurrency_peak", "Functions running at once, busiest minute", "1"),
        ("functions.error_share", "Share of invocations that fail", "share"),
        ("functions.cold_start_share", "Share of invocations that start cold", "share"),
    ),
    *_keys(
        "Functions",
        "the platform's limit on functions that run at once",
        ("functions.limit", "Functions that may run at once", "1"),
    ),
    *_keys(
        "Hosts",
        _HOSTS,
        ("host.<name>.cpu_busy_mean", "Processor of {name}, mean", "share"),
        ("host.<name>.cpu_busy_max", "Processor of {name}, busiest", "share"),
        ("host.<name>.cores", "Cores of {name}", "1"),
        ("host.<name>.memory_bytes", "Memory of {name}", "bytes"),
        ("host.<name>.memory_used_max", "Memory of {name} in use, most", "bytes"),
        ("host.<name>.memory_fixed", "Memory of {name} that does not grow with load", "bytes"),
        ("container.<name>.memory_limit", "Memory {name} may use", "bytes"),
        ("container.<name>.memory_max", "Memory of {name} in use, most", "bytes"),
        ("container.<name>.memory_fixed", "Memory of {name} that does not grow with load", "bytes"),
    ),
    *_keys(
        "Hosts",
        "df -h, twice, a week apart",
        ("disk.<name>.bytes", "Disk {name}, size", "bytes"),
        ("disk.<name>.used_bytes", "Disk {name}, used", "bytes"),
        ("disk.<name>.busy_max", "Disk {name} at work, busiest", "share"),
        ("disk.<name>.bytes_per_day", "Growth on disk {name} a day", "bytes"),
    ),
    *_keys(
        "Third parties",
        "the provider's page of limits, and traces or its usage export",
        ("quota.<name>.limit_per_hour", "Calls {name} allows an hour", "1"),
        ("quota.<name>.calls_per_hour", "Calls of {name} an hour, mean", "1"),
        ("quota.<name>.calls_per_hour_peak", "Calls of {name} in the busiest hour", "1"),
        ("external.<name>.p95_ms", "Time of a call of {name}, p95", "ms"),
    ),
    *_keys(
        "Models",
        "the usage export of the provider of language models",
        ("llm.<name>.requests", "Requests of {name}", "1"),
        ("llm.<name>.cost", "Cost of {name}", "money"),
        ("llm.<name>.cost_per_request", "Cost of a request of {name}", "money"),
        ("llm.<name>.cached_share", "Input of {name} read from its cache", "share"),
    ),
    *_keys(
        "Cost",
        "the bill by service",
        ("cost.<name>.billed", "Billed for {name}", "money"),
        ("cost.<name>.monthly", "Cost of {name} a month", "money"),
        ("cost.<name>.last_7d", "Cost of {name}, last seven days", "money"),
    ),
    *_keys(
        "Cost",
        "bills or a price sheet, and the users",
        ("cost.monthly", "Cost of the set-up a month", "money"),
        ("cost.per_user", "Cost for each user and month", "money"),
    ),
    *_keys(
        "Cost",
        "stated in the intake, under [capacity]",
        ("cost.storage_per_gb", "Price of a gigabyte stored for a month", "money"),
        ("cost.worker_share", "Share of the computing cost that background workers make", "share"),
        ("archive.after_days", "Age from which rows may be moved to an archive, in days", "1"),
    ),
    *_keys(
        "Models",
        "stated in the intake, under [capacity]: the product's own count, the provider's price list",
        ("ai.actions_per_month", "Actions that call a model, a month", "1"),
        ("ai.calls_per_action", "Calls of a model for one action", "1"),
        ("ai.input_tokens_per_action", "Tokens that one action sends", "1"),
        ("ai.output_tokens_per_action", "Tokens that one action receives", "1"),
        ("ai.price_in", "Price of a million tokens sent", "money"),
        ("ai.price_out", "Price of a million tokens received", "money"),
        ("ai.repeat_share", "Share of actions whose input was seen before", "share"),
        ("ai.batch_share", "Share of actions that may wait for a batch", "share"),
        ("ai.simple_share", "Share of actions for which the cheapest model will do", "share"),
        ("ai.cache_hit_share", "Answers of the model from a cache", "share"),
        ("ai.cost_per_action", "Cost of the model for each action", "money"),
    ),
    *_keys(
        "Stated resources",
        "the [[resource]] table of the intake",
        ("resource.<name>.capacity", "{name}: capacity", "1"),
        ("resource.<name>.slots", "{name}: jobs done side by side", "1"),
        ("resource.<name>.hold_s", "{name}: time of one", "s"),
        ("resource.<name>.per", "{name}: load of one unit of its driver", "1"),
        ("resource.<name>.peak_factor", "{name}: peak factor", "1"),
        ("resource.<name>.fixed", "{name}: load that does not grow", "1"),
    ),
    *_keys(
        "Scenarios",
        "the [[scenario]] table of the intake",
        ("scenario.<name>.factor", "Scenario {name}: times today's load", "1"),
        ("scenario.<name>.event_hours", "Scenario {name}: hours the event lasts", "h"),
        ("scenario.<name>.driver.<driver>", "Scenario {name}: {driver}", "1"),
    ),
    *_keys(
        "Limits",
        "a policy profile",
        ("utilisation.target", "Share of its capacity a resource should be used to", "share"),
        ("horizon.days", "Days ahead that growth is judged", "1"),
    ),
    *_keys(
        "Watched",
        "two exports with their times",
        ("watched.<name>", "Time over which {name} was watched", "s"),
    ),
)
_PLAIN = {key.pattern: key for key in KEYS if NAME not in key.pattern}
# Longest end first: "driver.users.growth" is the growth of users, not a driver of that name.
_NAMED = sorted((key for key in KEYS if NAME in key.pattern), key=lambda key: -len(key.ends[1]))


@lru_cache(maxsize=4096)
def known(key: str) -> tuple[Key, str] | None:
    """The kind of number a key stands for and the name in it ("" without one); None when there is none such."""
    if key in _PLAIN:
        return _PLAIN[key], ""
    for kind in _NAMED:
        before, after = kind.ends
        if "<driver>" in after:
            after = after.replace("<driver>", "")
            if key.startswith(before) and after in key[len(before) :]:
                name, _, driver = key[len(before) :].partition(after)
                return kind, f"{name}\t{driver}"
        elif key.startswith(before) and key.endswith(after) and len(key) > len(before) + len(after):
            return kind, key[len(before) : len(key) - len(after)]
    return None


def place_of(key: str) -> tuple[int, str]:
    """Where the number stands among all: in the order of `KEYS`, those of one kind by name."""
    found = known(key)
    return (KEYS.index(found[0]), found[1]) if found else (len(KEYS), key)


def title_of(key: str) -> str:
    """What the number is called; the key itself when nothing is known of it."""
    found = known(key)
    if found is None:
        return key
    name, _, driver = found[1].partition("\t")
    title = found[0].title.format(name=name, driver=driver)
    return title[:1].upper() + title[1:]


def unit_of(key: str) -> str:
    """Unit of the number, "1" when nothing is known of it."""
    found = known(key)
    return found[0].unit if found else "1"


def group_of(key: str) -> str:
    """Under which heading the number is shown."""
    found = known(key)
    return found[0].group if found else "Other"


def need_of(key: str) -> str:
    """What a reader has to bring for this number: "Memory Redis may use: INFO everything …"."""
    found = known(key)
    return f"{title_of(key)}: {found[0].gives}" if found else title_of(key)


def near(key: str) -> str:
    """The known key that was probably meant, "" when none is near."""
    close = difflib.get_close_matches(key, [kind.pattern for kind in KEYS], n=1, cutoff=0.5)
    return close[0] if close else ""
