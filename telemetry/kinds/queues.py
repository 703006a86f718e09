"""Kinds of evidence about queues and workers."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # Queue counts. subject: queue; "celery", the default queue, where only workers are known; "queue" without a name.
    # attrs: system ("bullmq", "celery", "sidekiq", "rabbitmq", "sqs", "pg-boss",
    # "graphile-worker", "inngest", "redis": a plain list); paused, dead_letter, durable (bool), dead_letter_to (queue),
    # age_of (the queue whose oldest job is meant), absent where the file does not say
    "queue.counts": {
        "waiting": "1",  # waiting + prioritized; of Celery's inspect and Flower only what workers hold in advance
        "active": "1",
        "delayed": "1",
        "paused": "1",  # what waits in a paused queue, where the system counts it apart
        "completed": "1",
        "failed": "1",
        "failed_share": "share",  # failed / (failed + completed), over what the queue still keeps
        "workers": "1",
        "slots": "1",  # jobs that all workers can do at once
        "oldest_age_s": "s",
        "processed": "1",  # lifetime, done jobs only: the metric of BullMQ leaves failed ones out
        "lifetime_failed": "1",
        "retrying": "1",  # failed, and tried again later
        "attempts": "1",  # lifetime, retries and failed ones included
        "failed_attempts": "1",
        "waiting_max": "1",  # over the window of a time series; the other counts are its last
        "waiting_per_min": "1/min",  # growth of what waits; below 0 when it shrinks
        "oldest_age_max_s": "s",
        "window_s": "s",
        "memory_bytes": "bytes",
        "in_per_s": "1/s",
        "out_per_s": "1/s",  # acknowledged
        "delivered_per_s": "1/s",
        "redelivered_per_s": "1/s",
    },
    # A broker as a whole, or one of its nodes. attrs: system, alarms (names), partitioned (bool)
    "queue.broker": {
        "waiting": "1",
        "active": "1",
        "connections": "1",
        "channels": "1",
        "consumers": "1",
        "queues": "1",
        "in_per_s": "1/s",
        "out_per_s": "1/s",
        "delivered_per_s": "1/s",
        "redelivered_per_s": "1/s",
        "memory_used": "bytes",
        "memory_limit": "bytes",
        "memory_share": "share",
        "disk_free": "bytes",
        "disk_limit": "bytes",
        "files_used": "1",
        "files_limit": "1",
        "sockets_used": "1",
        "sockets_limit": "1",
        "run_queue": "1",
    },
    # One kind of task. subject: task name. Counts since the worker, or Flower, started
    "queue.task": {
        "received": "1",
        "succeeded": "1",
        "failed": "1",
        "retried": "1",
        "active": "1",
        "waiting": "1",
        "runtime_s": "s",
        "runs": "1",
        "wait_max_s": "s",  # from being queued to being started
    },
}
