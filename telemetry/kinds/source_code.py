"""Kinds of evidence read from a repository's source by its syntax trees. Each row names the file it stands in."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # What was read. subject: "source". attrs: languages {name: files}, frameworks [text]
    "code.source": {"files": "1", "lines": "1", "routes": "1", "jobs": "1", "actions": "1", "broken_files": "1"},
    # One question asked of the code. subject: name of the smell. `hits` of `places` that were judged; `unknown` places
    # are those where the code that was sent does not tell. Absent when the code holds no such place.
    "code.check": {"places": "1", "hits": "1", "unknown": "1"},
    # One smell at one place; exactly one metric, 1. subject: route when one route alone runs it, a queue or task, else
    # "file:function" or "file:path". attrs: routes [text], run_by ["route" | "page" | "action" | "job"], and by smell:
    # table, orm,
    # filter [column], loop (line), through, client, connects, library, callee, operation, sort, use, kept, work [text],
    # missing [option]
    "code.smell": {
        "unbounded_query": "1",
        "offset_pagination": "1",
        "query_in_loop": "1",
        "client_per_request": "1",
        "unsigned_webhook": "1",
        "slow_webhook": "1",
        "webhook_without_dedupe": "1",
        "charge_without_idempotency_key": "1",
        "no_rate_limit": "1",
        "memory_state": "1",
        "call_without_timeout": "1",
        "job_without_retry": "1",
        "job_without_removal": "1",
        "task_without_time_limit": "1",
        "llm_in_request": "1",
        "blocking_call": "1",
    },
    # A connection pool or client as the code sets it; what it leaves to defaults is absent. subject: "file:name".
    # attrs: library, connects ("database" | "redis"), scope ("module" | "function")
    "code.pool": {
        "max_connections": "1",
        "max_age_s": "s",  # Django's CONN_MAX_AGE: 0 connects for each request
        "connect_timeout_s": "s",
        "idle_timeout_s": "s",
        "statement_timeout_s": "s",
        "retries_per_request": "1",  # of ioredis; absent when null, which is what a BullMQ worker needs
    },
    # A queue, its producer or its worker. subject: queue. attrs: system, role ("queue" | "worker" | "job"), job
    "code.queue": {
        "attempts": "1",
        "backoff_s": "s",
        "keeps_completed": "1",  # jobs; 0 when they are removed at once
        "keeps_failed": "1",
        "concurrency": "1",
        "rate_max": "1",  # jobs in rate_window_s
        "rate_window_s": "s",
        "lock_s": "s",
    },
    # A Celery task, or "celery" for the settings of all. attrs: system, queue
    "code.task": {
        "acks_late": "1",  # 0 or 1
        "time_limit_s": "s",
        "soft_time_limit_s": "s",
        "max_retries": "1",
        "retries": "1",  # 1 when it is tried again by itself
        "prefetch": "1",
        "concurrency": "1",
        "result_expires_s": "s",
        "visibility_timeout_s": "s",
    },
    # What a route, action or job touches, two calls deep. subject: route, or "file:function". attrs: run_as ("route" |
    # "page" | "action" | "job"), tables [text], written [text], queues [text], hosts [text], functions [text]
    "code.use": {"queries": "1", "tables": "1", "jobs": "1", "calls": "1", "models": "1", "mails": "1"},
}
