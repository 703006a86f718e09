"""The vocabulary of failure modes: what can be wrong, by area. Slugs are stable; none is renamed or reused.

A mechanism is what is wrong, never what to do. `subject` says what a finding of this kind is about, so that two
findings about the same thing meet.
"""

from typing import NamedTuple


class Mechanism(NamedTuple):
    """Area of the risk map, what a finding is about, and the failure mode in one line."""

    area: str
    subject: str
    line: str


MECHANISMS: dict[str, Mechanism] = {
    "missing-index": Mechanism(
        "postgres", "table(columns) or query", "a selective filter, join or sort reads far more than it returns"
    ),
    "n-plus-one": Mechanism("postgres", "query", "one statement repeated per parent row or per request"),
    "lock-contention": Mechanism("postgres", "table or query", "sessions wait for row or table locks"),
    "deadlock": Mechanism("postgres", "table", "opposite lock orders abort transactions"),
    "long-transaction": Mechanism(
        "postgres", "role, application or query", "a transaction stays open, holding locks and the vacuum horizon"
    ),
    "pool-exhaustion": Mechanism(
        "postgres", "pool or application", "requests wait for a connection while the database is idle"
    ),
    "connection-exhaustion": Mechanism("postgres", "server", "connections near or at max_connections, or refused"),
    "connection-churn": Mechanism("postgres", "application", "a new connection per request"),
    "table-bloat": Mechanism("postgres", "table", "dead rows outgrow vacuum"),
    "wraparound-risk": Mechanism("postgres", "table or database", "transaction id age nears the limit"),
    "temp-file-spill": Mechanism("postgres", "query", "sorts or hashes go to disk"),
    "stale-statistics": Mechanism("postgres", "table", "the planner's estimate is far from the truth"),
    "unbounded-query": Mechanism("postgres", "query", "a result without a limit grows with the data"),
    "offset-pagination": Mechanism("postgres", "query", "cost grows with the page number"),
    "reporting-on-primary": Mechanism("postgres", "query", "analytics compete with transactional work"),
    "redundant-index": Mechanism("postgres", "index", "unused or duplicate index, paid for at every write"),
    "ddl-lock": Mechanism("postgres", "table", "schema change queues behind, or blocks, traffic"),
    "table-growth": Mechanism("postgres", "table", "rows or bytes reach a limit at a known date"),
    "missing-timeouts": Mechanism("postgres", "server or role", "no statement, lock or idle-in-transaction timeout"),
    "misconfiguration": Mechanism("postgres", "setting", "a setting far from what the load and the machine need"),
    "checkpoint-pressure": Mechanism("postgres", "server", "checkpoints forced by WAL volume"),
    "replication-lag": Mechanism("postgres", "replica", "replica behind by more than the budget"),
    "cache-misses": Mechanism("postgres", "table or server", "reads go to disk although they should be in memory"),
    "missing-constraint": Mechanism(
        "postgres", "table(columns)", "duplicates or orphans are possible where money or identity is stored"
    ),
    "slow-query": Mechanism("postgres", "query", "time goes here and none of the above explains it"),
    "no-expiry": Mechanism("redis", "key pattern", "keys without a TTL grow for ever"),
    "eviction-of-durable-keys": Mechanism("redis", "key pattern", "eviction can drop queues, locks or sessions"),
    "writes-rejected": Mechanism("redis", "server", "memory limit reached under noeviction"),
    "memory-growth": Mechanism("redis", "server", "memory reaches its limit at a known date"),
    "hot-key": Mechanism("redis", "key pattern", "one key takes most of the traffic"),
    "big-key": Mechanism("redis", "key pattern", "one value is large enough to block the server"),
    "blocking-command": Mechanism("redis", "command", "O(N) command on a large key or the whole keyspace"),
    "low-hit-rate": Mechanism("redis", "key pattern or server", "the cache does not absorb the reads"),
    "mixed-namespaces": Mechanism("redis", "server", "cache, queue, lock and rate keys share one policy"),
    "client-limit": Mechanism("redis", "server", "clients near or at maxclients, or buffers overflow"),
    "persistence-risk": Mechanism("redis", "server", "durable data with no persistence, failed saves"),
    "backlog": Mechanism("queues", "queue", "work arrives faster than it is done"),
    "stalled-consumers": Mechanism("queues", "queue", "jobs wait and nobody works"),
    "failing-jobs": Mechanism("queues", "queue or task", "the share of failed jobs is over its budget"),
    "no-dead-letter": Mechanism("queues", "queue", "a poison message is retried for ever or lost"),
    "retry-storm": Mechanism("queues", "task or endpoint", "retries without backoff multiply the load"),
    "duplicate-delivery": Mechanism("queues", "endpoint or task", "the same event is processed more than once"),
    "long-jobs": Mechanism("queues", "task", "a job outlives its timeout, lease or schedule"),
    "work-in-request": Mechanism("queues", "route", "slow work runs inside the request instead of a worker"),
    "overlapping-schedule": Mechanism("queues", "schedule", "the next run starts before the last one ended"),
    "unbounded-retention": Mechanism("queues", "queue", "finished jobs are kept without limit"),
    "slow-route": Mechanism("platform", "route", "over its latency budget, cause inside the application"),
    "slow-dependency": Mechanism("platform", "external host", "a third party holds requests"),
    "error-burst": Mechanism("platform", "route or deployment", "5xx over the error budget"),
    "function-timeout": Mechanism("platform", "route", "functions reach their time limit"),
    "cold-starts": Mechanism("platform", "route", "start-up time on the user's path"),
    "throttling": Mechanism("platform", "route or account", "concurrency, rate or quota limit reached"),
    "payload-too-large": Mechanism("platform", "route", "bodies near or over the platform's limit"),
    "uncached-route": Mechanism("platform", "route", "a cacheable route is computed at every request"),
    "frozen-route": Mechanism("platform", "route", "a handler was made static at build time"),
    "cpu-saturation": Mechanism("platform", "host or service", "processor at its limit"),
    "memory-saturation": Mechanism("platform", "host or service", "memory at its limit, restarts or kills"),
    "disk-saturation": Mechanism("platform", "host or service", "disk space or I/O at its limit"),
    "single-point-of-failure": Mechanism("platform", "component", "one process or host carries everything"),
    "bot-traffic": Mechanism("platform", "route or client", "scanners and bots take a relevant share"),
    "load-test-breach": Mechanism(
        "platform", "scenario", "a load test missed its own thresholds, or never reached the real peak"
    ),
    "failed-deploys": Mechanism("release", "pipeline", "change failure rate over its budget"),
    "no-rollback": Mechanism("release", "pipeline", "no tested way back"),
    "unsafe-migration": Mechanism("release", "migration", "a schema change that locks or cannot be undone"),
    "missing-gates": Mechanism("release", "pipeline", "production deploys without checks"),
    "slow-recovery": Mechanism("release", "service", "incidents take too long to end"),
    "repeat-incident": Mechanism("release", "component", "the same component fails again and again"),
    "missing-telemetry": Mechanism(
        "observability", "input", "a question of the review cannot be answered from what was sent"
    ),
    "missing-route-metrics": Mechanism("observability", "route", "rate, errors or duration unknown for a top flow"),
    "missing-alerts": Mechanism("observability", "signal", "nobody would be told"),
    "missing-tenant-filter": Mechanism(
        "tenancy", "query or table", "a tenant-scoped table is read without its tenant key"
    ),
    "tenant-skew": Mechanism("tenancy", "tenant", "one tenant takes most of the capacity"),
    "no-rate-limit": Mechanism("security", "route", "an expensive or sensitive route can be called without limit"),
    "unsigned-webhook": Mechanism("security", "endpoint", "callbacks are accepted unverified"),
    "exposed-secret": Mechanism("security", "file or setting", "a credential in the evidence"),
    "brute-force": Mechanism("security", "route", "password guessing is possible or happening"),
    "missing-idempotency": Mechanism("integrity", "endpoint", "a repeated request repeats its effect"),
    "double-counting": Mechanism("integrity", "table or pipeline", "the same fact is added twice"),
    "runaway-cost": Mechanism("cost", "service", "spend grows faster than use"),
    "ai-cost": Mechanism("cost", "model or feature", "cost per action over its budget, or no cache, cap or routing"),
    "over-provisioned": Mechanism("cost", "component", "paid capacity far above the need"),
}

AREAS: tuple[str, ...] = tuple(dict.fromkeys(mechanism.area for mechanism in MECHANISMS.values()))
