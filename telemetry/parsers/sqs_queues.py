"""Amazon SQS: `aws sqs get-queue-attributes`, and CloudWatch's metrics of queues over time, as JSON.

Attributes and metrics: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
sqs-available-cloudwatch-metrics.html. The age of the oldest message leaves out one that was received three times.
"""

import re
from collections.abc import Iterator
from typing import Any

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers.queue_names import is_queue_cloudwatch
from telemetry.parsers.queue_row import Carrier, Rows, is_count, json_place, json_result
from telemetry.parsers.queue_series import QueueSeries, moment
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source

SYSTEM = "sqs"
ATTRIBUTES = {
    "waiting": "ApproximateNumberOfMessages",
    "active": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}
METRICS = {
    "ApproximateNumberOfMessagesVisible": "waiting",
    "ApproximateNumberOfMessagesNotVisible": "active",
    "ApproximateNumberOfMessagesDelayed": "delayed",
    "ApproximateAgeOfOldestMessage": "oldest_age_s",
}
# Of several statistics of one point the first that is there; a peak must not be averaged away.
STATISTICS = ("Maximum", "Average", "Sum", "Minimum")

_ATTRIBUTES = re.compile(r'"Attributes"\s*:\s*\{[^{}]*"ApproximateNumberOfMessages"\s*:')
_DEAD_LETTER = re.compile(r'"deadLetterTargetArn"\s*:\s*"([^"]{1,300})"')
_LABEL = re.compile(r"Approximate(?:NumberOfMessages(?:Visible|NotVisible|Delayed)|AgeOfOldestMessage)\b")


def sniff(head: Head) -> bool:
    """Claim attributes of a queue, or CloudWatch JSON that has a metric of queues."""
    if head.text.lstrip("\ufeff \t\r\n")[:1] != "{":
        return False
    if "Approximate" not in head.text:
        return False
    return _ATTRIBUTES.search(head.text) is not None or is_queue_cloudwatch(head.text)


def read(source: Source) -> ParseResult:
    """One row a queue; ParseError when nothing of SQS is in it."""
    document = JsonText(source.read())
    result = json_result(document, "sqs")
    rows = Rows()
    attributes = document.member(document.start, "Attributes")
    if attributes:
        _read_attributes(attributes, document, rows, result)
    else:
        result.carrier = "sqs-cloudwatch"
        _read_metrics(document, rows, result)
    result.evidence = rows.evidence()
    result.records = len(result.evidence)
    if not result.evidence:
        raise ParseError("No number of an SQS queue is in this file. Export its metrics for a busy period.", 1)
    result.notes.append("SQS counts approximately. A message that was received three times is left out of the age.")
    return result


def _read_attributes(attributes: Member, document: JsonText, rows: Rows, result: ParseResult) -> None:
    facts = {entry.key: entry for entry in document.members(attributes.value_at)}
    arn = facts.get("QueueArn")
    row = rows.of("queue.counts", str(arn.value).rpartition(":")[2] if arn else "queue", system=SYSTEM)
    for metric, name in ATTRIBUTES.items():
        if name in facts and str(facts[name].value).isdigit():
            row.put(metric, float(facts[name].value), json_place(document, facts[name], result))
    if arn:  # attributes were asked for by All, so what is missing is not set
        row.attrs["dead_letter"] = "RedrivePolicy" in facts
        if target := _target(facts["RedrivePolicy"].value if "RedrivePolicy" in facts else ""):
            row.attrs["dead_letter_to"] = target
    result.notes.append("One moment, no rate.")


def _target(policy: Any) -> str:
    """The queue that a redrive policy (JSON in a text) moves failed messages to."""
    found = _DEAD_LETTER.search(policy) if isinstance(policy, str) else None
    return found[1].rpartition(":")[2][:200] if found else ""


def _read_metrics(document: JsonText, rows: Rows, result: ParseResult) -> None:
    found: dict[str, QueueSeries] = {}
    whole = Member("", document.value, document.start, document.start)
    answers = document.member(document.start, "MetricDataResults")
    entries = document.members(answers.value_at) if answers else [whole]
    for entry in entries:
        label = str(entry.value.get("Label", "")) if isinstance(entry.value, dict) else ""
        name = _LABEL.search(label)
        if name is None:
            continue
        queue = (label[: name.start()] + label[name.end() :]).strip(" :/-_") or "queue"
        series = found.setdefault(queue, QueueSeries())
        for at, value, place in _points(entry, document, result):
            if (when := moment(str(at))) and is_count(value):
                series.add(METRICS[name[0]], when, float(value), place)
        if entry.value.get("StatusCode") == "PartialData":
            result.notes.append(f"{queue[:80]}: CloudWatch sent only a part of the points (PartialData).")
    if "queue" in found:
        result.notes.append('The file does not name its queue: it is called "queue".')
    for queue, series in found.items():
        series.put_into(rows.of("queue.counts", queue, system=SYSTEM), result)


def _points(entry: Member, document: JsonText, result: ParseResult) -> Iterator[tuple[Any, Any, Place]]:
    """(moment, value, place) of each point, in either answer's shape."""
    facts = {one.key: one for one in document.members(entry.value_at)}
    if "Datapoints" in facts:
        for point in document.members(facts["Datapoints"].value_at):
            inside = {one.key: one for one in document.members(point.value_at)}
            value = next((inside[name] for name in STATISTICS if name in inside), None)
            if value and "Timestamp" in inside:
                yield inside["Timestamp"].value, value.value, json_place(document, value, result)
    elif "Timestamps" in facts and "Values" in facts:
        moments = facts["Timestamps"].value if isinstance(facts["Timestamps"].value, list) else []
        for at, value in zip(moments, document.members(facts["Values"].value_at), strict=False):
            yield at, value.value, json_place(document, value, result)


CARRIER = Carrier(SYSTEM, sniff, read)
