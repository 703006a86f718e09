"""Which metric names belong to job queues: text that holds one is read as queue counts, not as metrics in general."""

import re

# Prefixes of BullMQ's exportPrometheusMetrics() and of Flower's /metrics.
QUEUE_METRICS = ("bullmq_", "flower_")

# A comment of the exposition format, or a sample: name, labels, number.
_QUEUE_LINE = re.compile(
    r"^(?:# (?:HELP|TYPE) (?:bullmq|flower)_\w+ |(?:bullmq|flower)_\w+(?:\{[^\n]*\})? +[-+\dNI])", re.MULTILINE
)


def is_queue_exposition(text: str) -> bool:
    """Whether text in Prometheus exposition format holds metrics of BullMQ or Flower, beside whichever others."""
    return _QUEUE_LINE.search(text) is not None
