"""Kinds of evidence about queues and workers."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # Queue counts. subject: queue; "celery", the default queue, where only workers are known; "queue" without a name.
    # attrs: system ("bullmq", "celery", "sidekiq", "rabbitmq", "sqs", "pg-boss"), paused (bool), dead_letter (bool)
    "queue.counts": {
        "waiting": "1",  # waiting + prioritized; of Celery's inspect and Flower only what workers hold in advance
        "active": "1",
        "delayed": "1",
        "completed": "1",
        "failed": "1",
        "failed_share": "share",  # failed / (failed + completed), over what the queue still keeps
        "workers": "1",
        "slots": "1",  # jobs that all workers can do at once
        "oldest_age_s": "s",
        "processed": "1",  # lifetime, done jobs only: the metric of BullMQ leaves failed ones out
        "lifetime_failed": "1",
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
    },
}
