"""RabbitMQ's management API: /api/queues, /api/overview and /api/nodes, as JSON.

Fields: https://www.rabbitmq.com/docs/management#http-api. Memory and disk are bytes, rates a second.
"""

import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.queue_row import Carrier, QueueRow, Rows, is_count, json_place, json_result
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source

SYSTEM = "rabbitmq"
QUEUE = {
    "waiting": "messages_ready",
    "active": "messages_unacknowledged",
    "workers": "consumers",
    "memory_bytes": "memory",
}
RATES = {
    "in_per_s": "publish_details",
    "out_per_s": "ack_details",
    "delivered_per_s": "deliver_get_details",
    "redelivered_per_s": "redeliver_details",
}
NODE = {
    "memory_used": "mem_used",
    "memory_limit": "mem_limit",
    "disk_free": "disk_free",
    "disk_limit": "disk_free_limit",
    "files_used": "fd_used",
    "files_limit": "fd_total",
    "sockets_used": "sockets_used",
    "sockets_limit": "sockets_total",
    "run_queue": "run_queue",
}
OBJECTS = {"connections": "connections", "channels": "channels", "consumers": "consumers", "queues": "queues"}
HOW = "Export with: curl -u USER http://HOST:15672/api/queues > rabbitmq-queues.json"

_QUEUES = re.compile(r'"messages_(?:ready|unacknowledged)"\s*:')
_KEY = re.compile(r'"(vhost|queue_totals|object_totals|mem_used|fd_total|disk_free_limit)"\s*:')


def sniff(head: Head) -> bool:
    """Claim JSON with the names that one of the three answers has."""
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return False
    if head.quoted.isdisjoint(("vhost", "queue_totals", "mem_used", "messages_ready")):
        return False
    keys = set(_KEY.findall(head.text))
    listed = "name" in head.quoted  # list_queues --formatter json names the columns that were asked for
    queues = ("vhost" in keys or listed) and _QUEUES.search(head.text) is not None
    return queues or {"queue_totals", "object_totals"} <= keys or {"mem_used", "fd_total", "disk_free_limit"} <= keys


def read(source: Source) -> ParseResult:
    """One row a queue, a node, or one for the broker."""
    document = JsonText(source.read())
    result = json_result(document, SYSTEM)
    rows = Rows()
    top = document.value
    at = document.start
    if isinstance(top, dict) and isinstance(top.get("items"), list):
        items = document.member(document.start, "items")
        at = items.value_at if items else at
        result.notes.append("The answer is one page of the list; further pages may exist.")
    if isinstance(top, dict) and "queue_totals" in top:
        _read_overview(document, rows, result)
    else:
        for entry in document.members(at):
            if isinstance(entry.value, dict) and "mem_used" in entry.value:
                _read_node(entry, document, rows, result)
            elif isinstance(entry.value, dict) and "name" in entry.value:
                _read_queue(entry, document, rows, result)
    result.evidence = rows.evidence()
    result.records = len(result.evidence)
    if not result.evidence:
        raise ParseError(f"No queue or node with numbers was found. {HOW}", 1)
    result.notes.append("One moment; rates are what the broker saw in its last few seconds.")
    return result


def _put(row: QueueRow, names: dict[str, str], entry: Member, document: JsonText, result: ParseResult) -> None:
    facts = {one.key: one for one in document.members(entry.value_at)}
    for metric, name in names.items():
        if name in facts and is_count(facts[name].value):
            row.put(metric, float(facts[name].value), json_place(document, facts[name], result))


def _put_rates(row: QueueRow, entry: Member, document: JsonText, result: ParseResult) -> None:
    stats = document.member(entry.value_at, "message_stats")
    facts = {one.key: one for one in document.members(stats.value_at)} if stats else {}
    for metric, name in RATES.items():
        rate = document.member(facts[name].value_at, "rate") if name in facts else None
        if rate and is_count(rate.value):
            row.put(metric, float(rate.value), json_place(document, rate, result))


def _read_queue(entry: Member, document: JsonText, rows: Rows, result: ParseResult) -> None:
    queue = entry.value
    vhost = str(queue.get("vhost", "/"))
    name = str(queue["name"]) if vhost == "/" else f"{vhost}/{queue['name']}"
    row = rows.of("queue.counts", name, system=SYSTEM)
    policy = queue.get("effective_policy_definition")
    arguments = queue.get("arguments")
    if isinstance(arguments, dict) and (isinstance(policy, dict) or not queue.get("policy")):
        by_policy = isinstance(policy, dict) and "dead-letter-exchange" in policy
        row.attrs["dead_letter"] = "x-dead-letter-exchange" in arguments or by_policy
    if isinstance(queue.get("durable"), bool):
        row.attrs["durable"] = queue["durable"]
    _put(row, QUEUE, entry, document, result)
    _put_rates(row, entry, document, result)


def _read_overview(document: JsonText, rows: Rows, result: ParseResult) -> None:
    row = rows.of("queue.broker", SYSTEM, system=SYSTEM)
    whole = Member("", document.value, document.start, document.start)
    for name, names in (("queue_totals", dict(list(QUEUE.items())[:2])), ("object_totals", OBJECTS)):
        part = document.member(document.start, name)
        if part and isinstance(part.value, dict):
            _put(row, names, part, document, result)
    _put_rates(row, whole, document, result)


def _read_node(entry: Member, document: JsonText, rows: Rows, result: ParseResult) -> None:
    node = entry.value
    row = rows.of("queue.broker", str(node.get("name", "node")), system=SYSTEM)
    _put(row, NODE, entry, document, result)
    alarms = [name for name in ("mem_alarm", "disk_free_alarm") if node.get(name) is True]
    row.attrs["alarms"] = alarms
    row.attrs["partitioned"] = bool(node.get("partitions"))
    if row.metrics.get("memory_limit") and "memory_used" in row.metrics:
        share = row.metrics["memory_used"] / row.metrics["memory_limit"]
        row.put("memory_share", share, row.places["memory_used"])


CARRIER = Carrier(SYSTEM, sniff, read)
