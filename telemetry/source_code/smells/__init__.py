"""Every smell that is looked for. The list is literal; a test holds it to what lies in this folder."""

from telemetry.source_code.smells import (
    blocking_call,
    call_without_timeout,
    charge_without_idempotency_key,
    client_per_request,
    job_without_removal,
    job_without_retry,
    llm_in_request,
    memory_state,
    no_rate_limit,
    offset_pagination,
    query_in_loop,
    slow_webhook,
    task_without_time_limit,
    unbounded_query,
    unsigned_webhook,
    webhook_without_dedupe,
)
from telemetry.source_code.smells.base import Smell

SMELLS: list[Smell] = [
    unbounded_query.SMELL,
    offset_pagination.SMELL,
    query_in_loop.SMELL,
    client_per_request.SMELL,
    unsigned_webhook.SMELL,
    slow_webhook.SMELL,
    webhook_without_dedupe.SMELL,
    charge_without_idempotency_key.SMELL,
    no_rate_limit.SMELL,
    memory_state.SMELL,
    call_without_timeout.SMELL,
    job_without_retry.SMELL,
    job_without_removal.SMELL,
    task_without_time_limit.SMELL,
    llm_in_request.SMELL,
    blocking_call.SMELL,
]
