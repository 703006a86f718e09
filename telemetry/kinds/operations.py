"""Kinds of evidence about operations: incidents, deployments, payments, usage of models, and what it all costs."""

Units = dict[str, str]

_INCIDENTS: Units = {
    "incidents": "1",
    "resolved": "1",
    "open": "1",
    "high": "1",  # of high severity
    "mean_s": "s",  # from start to resolution
    "longest_s": "s",
    "ack_mean_s": "s",
    "most_30d": "1",  # most within any 30 days
    "window_s": "s",  # from the first start to the last
}

KINDS: dict[str, Units] = {
    # One incident. subject: its number. attrs: severity ("high" | "medium" | "low"), component, started_at (ISO, UTC)
    "ops.incident": {"listed": "1", "open": "1", "duration_s": "s", "ack_s": "s"},
    # subject: service or component; "all" is one row a file
    "ops.component": _INCIDENTS,
    # Deployments of one pipeline. subject: workflow, environment or project. attrs: deploys (bool: its name speaks of
    # it), times [ISO, UTC] (the newest 500 starts)
    "ops.deployment": {
        "deployments": "1",
        "succeeded": "1",
        "failed": "1",
        "cancelled": "1",
        "failed_share": "share",  # failed / (succeeded + failed)
        "mean_s": "s",  # of those that succeeded
        "longest_s": "s",
        "per_day": "1",
        "window_s": "s",
    },
    # Events of a payment provider. subject: type of event
    "ops.payment_event": {
        "events": "1",
        "pending": "1",  # with webhooks that were not delivered yet
        "pending_old": "1",  # of those, more than an hour before the newest event
        "api_events": "1",  # caused by a call of the API
        "without_key": "1",  # of those, without an idempotency key
        "repeated": "1",  # the same type about the same object in the same second
        "again": "1",  # the same event a second time: a log of what was received
        "window_s": "s",
    },
    # Usage of a language model. subject: model. attrs: source (the export), currency
    "ops.llm": {
        "requests": "1",
        "input_tokens": "1",  # those read from the cache included
        "output_tokens": "1",
        "cached_tokens": "1",
        "cached_share": "share",  # of input tokens
        "cost": "money",  # of the whole file, in attrs' currency
        "cost_per_request": "money",
        "p50_s": "s",
        "p95_s": "s",
    },
    # A bill. subject: service; "all" is one row a currency. attrs: currency
    "ops.cost": {
        "charges": "1",
        "billed": "money",  # as invoiced
        "effective": "money",  # as used
        "credits": "money",  # negative, part of billed
        "share": "share",  # of billed, or of effective where only that is told
        "last_7d": "money",  # effective where told, else billed
        "previous_7d": "money",
        "window_s": "s",  # the time the whole bill covers, absent where its lines do not tell
    },
    # A price. subject: component, with its unit. attrs: unit, currency
    "ops.price": {"price": "money"},
}
