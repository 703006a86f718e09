"""Sidekiq's numbers as JSON: what /sidekiq/stats answers, or a dump of Sidekiq::Stats.

Fields: https://github.com/sidekiq/sidekiq/wiki/API#stats. `processed` counts every attempt and `failed` every one
that failed, retries included; a job that failed for good lies in the dead set (10,000 jobs or six months as shipped).
"""

import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
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


# What a Ruby console prints: ":processed=>12", and from Ruby 3.4 on "processed: 12".
_RUBY = re.compile(r"\A\s*(?:=> ?)?(?:#<Sidekiq::Stats\b|\{:?processed(?:=>|: ))")
_RUBY_PAIR = re.compile(r":?\b([a-z_]+)(?:=>|: )(\d{1,18}(?:\.\d+)?)\b")


def sniff(head: Head) -> bool:
    """Claim JSON, or what a Ruby console prints, with Sidekiq's names for attempts, the queue and the dead set."""
    if _RUBY.match(head.text.removeprefix("\ufeff")):
        return True
    if head.text.lstrip("\ufeff \t\r\n")[:1] != "{" or "enqueued" not in head.quoted:
        return False
    found = set(_KEYS.findall(head.text))
    return {"processed", "failed", "enqueued"} <= found and len(found) >= 5


def read(source: Source) -> ParseResult:
    """One row for Sidekiq as a whole, one a queue where they are listed."""
    raw = source.read()
    if _RUBY.match(raw[:65_536].decode("utf-8", "replace").removeprefix("\ufeff")):
        return _read_ruby(raw.decode("utf-8", "replace").removeprefix("\ufeff"))
    document = JsonText(raw)
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
        if not listed:
            row.attrs["age_of"] = "default"  # the other queues' jobs may be older
        row.put("oldest_age_s", float(latency.value), json_place(document, latency, result))
    result.evidence = rows.evidence()
    result.records = len(result.evidence)
    if not result.evidence:
        raise ParseError(f"No number of Sidekiq was found. {HOW}", 1)
    return _noted(result)


def _noted(result: ParseResult) -> ParseResult:
    result.notes.append("Failed jobs are those of the dead set, which Sidekiq cuts at 10,000 jobs or six months.")
    result.notes.append("Attempts count since the counters were last reset; one moment, no rate.")
    return result


def _read_ruby(text: str) -> ParseResult:
    """Sidekiq as a whole, from `p Sidekiq::Stats.new` or its hash; ParseError when no number of it stands there."""
    lines = text.split("\n")
    lines = lines[:-1] if not lines[-1] else lines
    blank = sum(not line.strip() for line in lines)
    result = ParseResult(carrier="sidekiq", lines=len(lines), blank=blank, records_lines=len(lines) - blank)
    rows = Rows()
    whole = rows.of("queue.counts", WHOLE, system=WHOLE)
    wanted = {name: metric for metric, names in FIELDS.items() for name in names}
    wanted |= {"enqueued": "waiting"} | dict.fromkeys(LATENCY, "oldest_age_s")
    for number, line in enumerate(lines, 1):
        for pair in _RUBY_PAIR.finditer(line):
            if pair[1] in wanted:
                whole.put(wanted[pair[1]], float(pair[2]), readers.place(number, pair[0], result))
    result.evidence = rows.evidence()
    result.records = len(result.evidence)
    if not result.evidence:
        raise ParseError(f"No number of Sidekiq was found. {HOW}", 1)
    return _noted(result)


CARRIER = Carrier("sidekiq", sniff, read)
