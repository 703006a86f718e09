"""Kinds of evidence about queues and workers."""

Units = dict[str, str]

KINDS: dict[str, Units] = {
    # Queue counts. subject: queue. attrs: system ("bullmq"), paused (bool)
    "queue.counts": {
        "waiting": "1",  # waiting + prioritized
        "active": "1",
        "delayed": "1",
        "completed": "1",
        "failed": "1",
        "failed_share": "share",  # failed / (failed + completed), over what the queue still keeps
        "workers": "1",
        "oldest_age_s": "s",
        "processed": "1",  # lifetime, done jobs only: the metric of BullMQ leaves failed ones out
        "lifetime_failed": "1",
    },
}
