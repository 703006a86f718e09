"""What may be behind what: one row for each reason, with the evidence that has to meet.

The table only says what can be. A link needs the evidence as well (`reviews.risk.meets`). No pair stands in two rows,
and the pairs have no circle; tests hold the table to both.
"""

from dataclasses import dataclass

from reviews.risk.meets import (
    Condition,
    at_schedule,
    began_after_deploy,
    fails_route,
    heavy_on_server,
    holds_lock,
    lost_in_redis,
    measured_on_route,
    same_queue,
    same_route,
    same_route_or_flow,
    same_server,
    same_statement,
    same_subject,
    same_table,
    same_table_or_statement,
    setting_of,
    slows_route,
    takes_connections,
)


@dataclass(frozen=True, slots=True)
class Because:
    """Each of `causes` can be behind each of `symptoms`, when `meets` holds; `reason` says how, after "because"."""

    causes: tuple[str, ...]
    symptoms: tuple[str, ...]
    meets: Condition
    reason: str


_SCANS = ("missing-index", "n-plus-one", "offset-pagination", "unbounded-query", "reporting-on-primary")
_SLOW_SQL = (*_SCANS, "table-bloat", "stale-statistics", "temp-file-spill")
_WAITS = ("lock-contention", "long-transaction", "ddl-lock")
_POOL = ("connection-exhaustion", "pool-exhaustion")
_MACHINE = ("cpu-saturation", "memory-saturation", "disk-saturation")
_REDIS_FULL = ("memory-growth", "eviction-of-durable-keys", "writes-rejected")

TABLE: tuple[Because, ...] = (
    # Statements and tables
    Because(("missing-index",), ("lock-contention",), same_table, "a scan holds its locks for as long as it runs"),
    Because(
        ("missing-index",), ("cache-misses",), same_table, "reading the whole table pushes other pages out of memory"
    ),
    Because(
        ("reporting-on-primary", "unbounded-query"),
        ("cache-misses",),
        same_table_or_statement,
        "reading much of the table pushes other pages out of memory",
    ),
    Because(_SLOW_SQL, ("slow-query",), same_statement, "it is what makes the statement slow"),
    Because(
        ("missing-index", "stale-statistics"), ("temp-file-spill",), same_statement, "more rows are sorted than needed"
    ),
    Because(_WAITS, ("slow-query",), same_statement, "the statement waits for a lock"),
    Because(("long-transaction", "ddl-lock"), ("lock-contention",), holds_lock, "it holds the lock others wait for"),
    Because(("unsafe-migration",), ("ddl-lock",), same_table, "the migration takes the lock"),
    Because(
        ("long-transaction",),
        ("table-bloat", "wraparound-risk"),
        same_server,
        "vacuum must keep what it might still see",
    ),
    Because(
        ("table-bloat",), ("stale-statistics", "table-growth"), same_table, "vacuum does not keep up with the table"
    ),
    Because(
        ("misconfiguration",),
        ("checkpoint-pressure", "temp-file-spill", "cache-misses", "table-bloat", "stale-statistics"),
        setting_of,
        "the setting decides it",
    ),
    Because(
        ("misconfiguration",), ("connection-exhaustion", "memory-saturation"), setting_of, "the setting decides it"
    ),
    Because(("missing-timeouts",), ("long-transaction",), same_server, "nothing ends what is left open"),
    Because(("replication-lag",), ("disk-saturation",), same_server, "the primary keeps what a replica has not read"),
    Because(("checkpoint-pressure",), ("disk-saturation",), same_server, "forced checkpoints write in bursts"),
    # Statements and machines, pools, routes
    Because(
        (*_SCANS, "temp-file-spill", "slow-query"),
        ("cpu-saturation", "disk-saturation"),
        heavy_on_server,
        "it takes a quarter or more of all query time",
    ),
    Because(
        (*_SCANS, "slow-query", "lock-contention"), _POOL, heavy_on_server, "it keeps connections busy while it runs"
    ),
    Because(
        ("connection-churn", "missing-timeouts", "long-transaction"),
        _POOL,
        takes_connections,
        "it takes connections from others",
    ),
    Because(
        ("connection-churn",), ("slow-route", "function-timeout"), same_route, "each request opens a connection first"
    ),
    Because(("ddl-lock",), _POOL, same_server, "everything behind the lock keeps its connection"),
    Because(
        (*_SLOW_SQL, *_WAITS, "slow-query"), ("slow-route", "function-timeout"), slows_route, "the route waits for it"
    ),
    Because(("deadlock",), ("error-burst",), fails_route, "one of two transactions is aborted"),
    Because(_POOL, ("slow-route", "function-timeout", "error-burst"), same_route, "requests wait for a connection"),
    Because(
        _MACHINE, ("slow-route", "function-timeout", "error-burst"), same_route, "every request shares the machine"
    ),
    Because(("cpu-saturation",), ("replication-lag",), same_subject, "the machine does not keep up"),
    # Redis
    Because(("no-expiry", "unbounded-retention"), _REDIS_FULL, same_server, "what never leaves fills the memory"),
    Because(("no-expiry", "unbounded-retention"), ("low-hit-rate",), same_server, "dead keys take the cache's place"),
    Because(("big-key",), ("memory-growth", "blocking-command"), same_server, "one value is that large"),
    Because(("hot-key",), ("blocking-command",), same_server, "one key takes the traffic"),
    Because(("mixed-namespaces",), ("eviction-of-durable-keys",), same_server, "one policy holds for cache and queue"),
    Because(
        ("memory-growth",),
        ("eviction-of-durable-keys", "writes-rejected"),
        same_server,
        "memory reaches its limit",
    ),
    Because(
        ("eviction-of-durable-keys", "writes-rejected"),
        ("failing-jobs", "stalled-consumers"),
        lost_in_redis,
        "jobs are lost or cannot be put in",
    ),
    # Queues
    Because(
        ("stalled-consumers", "failing-jobs", "long-jobs", "retry-storm"),
        ("backlog",),
        same_queue,
        "less work gets done",
    ),
    Because(("failing-jobs", "no-dead-letter"), ("retry-storm",), same_queue, "what fails comes back"),
    Because(("long-jobs",), ("duplicate-delivery",), same_queue, "the lease ends before the job"),
    Because(("long-jobs",), ("overlapping-schedule",), same_queue, "the next run starts before this one ends"),
    Because(
        ("missing-idempotency",), ("duplicate-delivery", "double-counting"), same_route_or_flow, "a repeat counts again"
    ),
    Because(
        ("missing-constraint",), ("duplicate-delivery", "double-counting"), same_table, "nothing refuses the second row"
    ),
    Because(("duplicate-delivery",), ("double-counting",), same_route_or_flow, "each delivery is counted"),
    Because(("overlapping-schedule",), _MACHINE, at_schedule, "the peak comes when the schedule starts"),
    # Routes
    Because(
        ("cold-starts", "uncached-route", "work-in-request"),
        ("slow-route",),
        same_route,
        "the request waits for it",
    ),
    Because(
        ("slow-dependency",),
        ("slow-route", "function-timeout", "throttling"),
        measured_on_route,
        "the request waits for the answer",
    ),
    Because(("slow-route", "work-in-request"), ("function-timeout",), same_route, "time runs out first"),
    Because(("slow-route",), ("throttling",), same_route, "slow requests hold their place longer"),
    Because(("retry-storm",), ("throttling", "error-burst"), same_route, "repeats are traffic"),
    Because(
        ("function-timeout", "throttling", "payload-too-large"),
        ("error-burst",),
        same_route,
        "the client gets an error",
    ),
    Because(("slow-route", "error-burst"), ("load-test-breach",), same_route, "the test met it"),
    Because(("no-rate-limit",), ("brute-force", "bot-traffic"), same_route, "nothing stops the caller"),
    Because(("bot-traffic",), ("throttling",), same_route, "bots take the quota"),
    Because(("ai-cost",), ("runaway-cost",), same_server, "it is the part of the bill that grows"),
    # Releases
    Because(("unsafe-migration",), ("error-burst",), same_route_or_flow, "the code asks for what is not there"),
    Because(
        ("failed-deploys", "missing-gates", "no-rollback"),
        ("error-burst",),
        began_after_deploy,
        "the errors began within minutes of a deployment",
    ),
    Because(("missing-gates",), ("failed-deploys",), same_subject, "nothing is checked before"),
    Because(("no-rollback",), ("slow-recovery",), same_server, "there is no tested way back"),
)
