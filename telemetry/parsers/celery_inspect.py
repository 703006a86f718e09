"""`celery inspect active`, `reserved`, `scheduled` and `stats`, as JSON and as text. Arguments of tasks are never kept.

A worker answers with the tasks it holds; what still lies in the broker is not among them
(https://docs.celeryq.dev/en/stable/userguide/workers.html#inspecting-workers).
"""

import re
from typing import Any

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.queue_row import Carrier, QueueRow, Rows, is_count, json_place, json_result
from telemetry.parsers.readers import JsonText, Member
from telemetry.parsers.redis_replies import lines_of
from telemetry.source import Head, Source

DEFAULT = "celery"  # task_default_queue
HOW = "Export with: celery -A app inspect active --json > celery-active.json"

_JSON = re.compile(
    r'\s*\{\s*"[^"\s@]+@[^"\s]+"\s*:\s*'
    r'(?:\[\s*(?:\]|\{\s*"(?:id|eta|name)"|")|\{\s*"(?:total|pid|clock|broker|broker_url|include|ok)")'
)
_TEXT = re.compile(r"->  ?\S+@\S+: OK")
_TASK = re.compile(r"    \* \{")
_WORD = re.compile(r"'(id|type|name|routing_key|eta)': u?'([^']{1,200})'")
_WORK = re.compile(r"['\"](?:delivery_info|max-concurrency)['\"]:")
# Other answers of workers, by what stands in them, which count no job.
_OTHERS = (
    (re.compile(r"['\"]exchange['\"]: ?\{"), "active_queues"),
    (re.compile(r"['\"]?broker_url['\"]?:|deprecated_settings"), "conf"),
    (re.compile(r"^ +pong$|\"ok\": ?\"pong\"", re.M), "ping"),
    (re.compile(r"^ +\* [\w.]+( \[.*\])?$|@[^\"]+\": ?\[\s*\"", re.M), "registered"),
)
_STARTED = re.compile(r"'time_start': [\d.]+")


def sniff(head: Head) -> bool:
    """Claim answers of workers named x@host."""
    text = head.text.removeprefix("\ufeff")
    return _JSON.match(text) is not None or _TEXT.match(text.lstrip()) is not None


def read(source: Source) -> ParseResult:
    """One row a queue, one a task; ParseError when no worker answered."""
    result = ParseResult()
    lines = lines_of(source, result)
    rows = Rows()
    text = "\n".join(lines)
    other = None if _WORK.search(text) else next((name for sign, name in _OTHERS if sign.search(text)), None)
    if other:
        raise ParseError(f"This is inspect {other}, which counts no jobs; send active, reserved and stats. {HOW}", 1)
    if lines and "".join(lines).lstrip().startswith("{"):
        document = JsonText(text.encode())
        result = json_result(document, "celery-inspect")
        for worker in document.members(document.start):
            _read_worker(worker, document, rows, result)
    else:
        result.carrier = "celery-inspect"
        _read_text(lines, rows, result)
    result.evidence = rows.evidence()
    if not result.evidence:
        raise ParseError(f"No worker answered: this is no count of zero. Start a worker, then: {HOW}", 1)
    result.notes.append("Only what workers hold: tasks in the broker come on top (LLEN of the queue's list).")
    result.notes.append("Arguments of tasks are left out.")
    return result


def _read_worker(worker: Member, document: JsonText, rows: Rows, result: ParseResult) -> None:
    place = json_place(document, worker, result)
    if isinstance(worker.value, dict):
        _put_stats(worker, place, document, rows, result)
    elif isinstance(worker.value, list) and not worker.value:
        rows.of("queue.counts", DEFAULT, system=DEFAULT).add("workers", 1.0, place)
    elif isinstance(worker.value, list):
        seen: set[str] = set()
        for entry in document.members(worker.value_at):
            if isinstance(entry.value, dict):
                at = Place(document.line(entry.at), document.text[entry.at : entry.at + 6].partition("\n")[0])
                row = _add_task(_facts(entry.value), at, rows)
                result.records += 1
                if row.subject not in seen:
                    seen.add(row.subject)
                    row.add("workers", 1.0, place)


def _facts(task: dict[str, Any]) -> dict[str, Any]:
    """Queue, name and state of a task; a scheduled one is wrapped in "request"."""
    request = task.get("request")
    inner: dict[str, Any] = request if isinstance(request, dict) else task
    delivery = inner.get("delivery_info")
    queue = delivery.get("routing_key") if isinstance(delivery, dict) else None
    state = "delayed" if isinstance(request, dict) else "active" if inner.get("time_start") else "waiting"
    return {"queue": queue, "task": inner.get("type") or inner.get("name"), "state": state}


def _add_task(facts: dict[str, Any], place: Place, rows: Rows) -> QueueRow:
    row = rows.of("queue.counts", str(facts["queue"] or DEFAULT), system=DEFAULT)
    row.add(str(facts["state"]), 1.0, place)
    if facts["state"] != "delayed":
        rows.of("queue.task", str(facts["task"] or "task")).add(f"{facts['state']}", 1.0, place)
    return row


def _put_stats(worker: Member, place: Place, document: JsonText, rows: Rows, result: ParseResult) -> None:
    """Tasks done since the worker started, and how many it can do at once."""
    row = rows.of("queue.counts", DEFAULT, system=DEFAULT)
    result.records += 1
    row.add("workers", 1.0, place)
    facts = {entry.key: entry for entry in document.members(worker.value_at)}
    if "pool" in facts:
        slots = document.member(facts["pool"].value_at, "max-concurrency")
        if slots and is_count(slots.value):
            row.add("slots", float(slots.value), json_place(document, slots, result))
    for task in document.members(facts["total"].value_at) if "total" in facts else []:
        if is_count(task.value):
            rows.of("queue.task", task.key).add("received", float(task.value), json_place(document, task, result))


def _read_text(lines: list[str], rows: Rows, result: ParseResult) -> None:
    """The text form: a line "->  worker: OK", then "    * {...}" for each task."""
    worker: Place | None = None
    seen: set[str] = set()
    stats: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            result.blank += 1
            continue
        result.records_lines += 1
        if worker and (stats or line == "    {"):
            stats.append((number, line))
            if line == "    }":
                _read_block(stats, worker, rows, result)
                stats = []
        elif _TEXT.match(line):
            worker, seen = readers.place(number, line, result), set()
        elif _TASK.match(line):
            result.records += 1
            words = dict(reversed(_WORD.findall(line)))
            state = "delayed" if "'request': {" in line else "active" if _STARTED.search(line) else "waiting"
            facts = {"queue": words.get("routing_key"), "task": words.get("type") or words.get("name"), "state": state}
            row = _add_task(facts, Place(number, "    * {"), rows)
            if worker and row.subject not in seen:
                seen.add(row.subject)
                row.add("workers", 1.0, worker)
        elif worker and line.strip() == "- empty -":
            rows.of("queue.counts", DEFAULT, system=DEFAULT).add("workers", 1.0, worker)


def _read_block(block: list[tuple[int, str]], worker: Place, rows: Rows, result: ParseResult) -> None:
    """The statistics of one worker, printed as JSON below its name."""
    document = JsonText("\n".join(line for _, line in block).encode(), before=block[0][0] - 1)
    if isinstance(document.value, dict):
        _put_stats(Member("", document.value, document.start, document.start), worker, document, rows, result)


CARRIER = Carrier("celery-inspect", sniff, read)
