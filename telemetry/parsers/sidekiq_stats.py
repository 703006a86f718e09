"""Sidekiq's numbers as JSON: what /sidekiq/stats answers, or a dump of Sidekiq::Stats.

Fields: https://github.com/sidekiq/sidekiq/wiki/API#stats. `processed` counts every attempt and `failed` every one
that failed, retries included; a job that failed for good lies in the dead set (10,000 jobs or six months as shipped).
"""

import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.queue_row import Carrier, Rows, is_count, json_place, json_result
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source

WHOLE = "sidekiq"
FIELDS = {
    "active": ("busy", "workers_size"),
    "delayed": ("scheduled", "scheduled_size"),
    "retrying": ("retries", "retry_size"),
    "failed": ("dead", "dead_size"),
    "workers": ("processes", "processes_size"),
    "attempts": ("processed",),
    "failed_attempts": ("failed",),
}
LATENCY = ("default_latency", "default_queue_latency")
HOW = "Send the JSON of /sidekiq/stats, or of Sidekiq::Stats.new."

_KEYS = re.compile(
    r'"(processed|failed|enqueued|retries|retry_size|dead|dead_size|default_latency|default_queue_latency)"'
)


def sniff(head: Head) -> bool:
    """Claim a JSON object with Sidekiq's names for attempts, the queue, retries and the dead set."""
    if head.text.lstrip("\ufeff \t\r\n")[:1] != "{":
        return False
    found = set(_KEYS.findall(head.text))
    return {"processed", "failed", "enqueued"} <= found and len(found) >= 5


def read(source: Source) -> ParseResult:
    """One row for Sidekiq as a whole, one a queue where they are listed."""
    document = JsonText(source.read())
    result = json_result(document, "sidekiq")
    top = Member("", document.value, document.start, document.start)
    for name in ("sidekiq", "stats"):
        inner = document.member(top.value_at, name)
        top = inner if inner and isinstance(inner.value, dict) else top
    facts = {entry.key: entry for entry in document.members(top.value_at)}
    rows = Rows()
    whole = rows.of("queue.counts", WHOLE, system=WHOLE)
    for metric, names in FIELDS.items():
        if (entry := next((facts[name] for name in names if name in facts), None)) and is_count(entry.value):
            whole.put(metric, float(entry.value), json_place(document, entry, result))
    queues = facts.get("queues")
    listed = document.members(queues.value_at) if queues and isinstance(queues.value, dict) else []
    for entry in (one for one in listed if is_count(one.value)):
        row = rows.of("queue.counts", entry.key, system=WHOLE)
        row.put("waiting", float(entry.value), json_place(document, entry, result))
    if not listed and "enqueued" in facts and is_count(facts["enqueued"].value):
        whole.put("waiting", float(facts["enqueued"].value), json_place(document, facts["enqueued"], result))
    latency = next((facts[name] for name in LATENCY if name in facts), None)
    if latency and is_count(latency.value):
        row = rows.of("queue.counts", "default", system=WHOLE) if listed else whole
        row.put("oldest_age_s", float(latency.value), json_place(document, latency, result))
    result.evidence = rows.evidence()
    result.records = len(result.evidence)
    if not result.evidence:
        raise ParseError(f"No number of Sidekiq was found. {HOW}", 1)
    result.notes.append("Failed jobs are those of the dead set, which Sidekiq cuts at 10,000 jobs or six months.")
    result.notes.append("Attempts count since the counters were last reset; one moment, no rate.")
    return result


CARRIER = Carrier("sidekiq", sniff, read)
