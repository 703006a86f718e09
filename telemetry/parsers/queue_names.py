"""Which metric names belong to job queues: a file that holds one is read as queue counts, not as metrics in general."""

import re

# Prefixes of BullMQ's exportPrometheusMetrics() and of Flower's /metrics.
QUEUE_METRICS = ("bullmq_", "flower_")

# A comment of the exposition format, or a sample: name, labels, number.
_QUEUE_LINE = re.compile(
    r"^(?:# (?:HELP|TYPE) (?:bullmq|flower)_\w+ |(?:bullmq|flower)_\w+(?:\{[^\n]*\})? +[-+\dNI])", re.MULTILINE
)
# The label of a metric in what get-metric-statistics and get-metric-data answer; a queue's name may stand before it.
_QUEUE_LABEL = re.compile(
    r'"Label"\s*:\s*"[^"\n]{0,200}Approximate(?:NumberOfMessages(?:Visible|NotVisible|Delayed)|AgeOfOldestMessage)\b'
)


def is_queue_exposition(text: str) -> bool:
    """Whether text in Prometheus exposition format holds metrics of BullMQ or Flower, beside whichever others."""
    return ("bullmq_" in text or "flower_" in text) and _QUEUE_LINE.search(text) is not None


def is_queue_cloudwatch(text: str) -> bool:
    """Whether CloudWatch's JSON holds a metric of SQS queues; then it is read as queue counts."""
    return "Approximate" in text and _QUEUE_LABEL.search(text) is not None
