"""Tables of queues as `rabbitmqctl list_queues` and `rabbitmqadmin list queues` print them.

rabbitmqctl separates by tabs, `--formatter pretty_table` and rabbitmqadmin draw a frame
(https://www.rabbitmq.com/docs/man/rabbitmqctl.8#list_queues). Without columns asked for it prints name and messages.
"""

import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.queue_row import Carrier, Rows
from telemetry.parsers.rabbitmq_api import SYSTEM
from telemetry.source import Head, Source

COLUMNS = {
    "messages_ready": "waiting",
    "messages_unacknowledged": "active",
    "consumers": "workers",
    "memory": "memory_bytes",
}
HOW = "Export with: rabbitmqctl list_queues name messages_ready messages_unacknowledged consumers > queues.txt"
_ABOUT = re.compile(r"Timeout: |Listing queues |\.\.\.done|Status of node|[-+|=\s\u2500-\u257f]+\Z")
_CELLS = re.compile(r"\t|\||\u2502")


def sniff(head: Head) -> bool:
    """Claim a line of column names with name and messages, or consumers, among the first five lines."""
    return any(_columns(line) for line in [line for line in head.lines[:8] if line.strip()][:5])


def _columns(line: str) -> list[str]:
    names = _cells(line)
    counted = any(name == "messages" or name in COLUMNS for name in names)
    return names if "name" in names and counted and len(names) > 1 and _CELLS.search(line) else []


def _cells(line: str) -> list[str]:
    framed = line.strip()[:1] in ("|", "\u2502")
    cells = [cell.strip() for cell in _CELLS.split(line.strip() if framed else line.rstrip("\r\n"))]
    return cells[1:-1] if framed else cells


def read(source: Source) -> ParseResult:
    """One row a queue; ParseError when none is counted."""
    result = ParseResult(carrier="rabbitmq-list")
    rows = Rows()
    columns: list[str] = []
    for result.lines, raw in source.lines():
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        if not line.strip():
            result.blank += 1
        elif _ABOUT.match(line.strip()) or (names := _columns(line)):
            columns = columns if _ABOUT.match(line.strip()) else names
            result.records_lines += 1
        elif columns and _read_row(line, columns, rows, result):
            result.records_lines += 1
            result.records += 1
        else:
            readers.reject_line(result.lines, line, result)
    result.evidence = rows.evidence()
    if not result.evidence:
        raise ParseError(f"No queue is counted here. {HOW}", result.lines or None)
    result.notes.append("One moment; rates and dead letters are in what /api/queues answers.")
    return result


def _read_row(line: str, columns: list[str], rows: Rows, result: ParseResult) -> bool:
    cells = _cells(line)
    facts = dict(zip(columns, cells, strict=True)) if len(cells) == len(columns) else {}
    counts = {name: float(text) for name, text in facts.items() if text.isdigit() and len(text) < 16}
    if not facts.get("name") or not any(name in counts for name in ("messages", *COLUMNS)):
        return False
    vhost = facts.get("vhost", "/")
    row = rows.of("queue.counts", facts["name"] if vhost in ("", "/") else f"{vhost}/{facts['name']}", system=SYSTEM)
    place = readers.place(result.lines, line, result)
    for name, metric in COLUMNS.items():
        if name in counts:
            row.put(metric, counts[name], place)
    if "messages" in counts and "waiting" not in row.metrics:
        row.put("waiting", max(counts["messages"] - row.metrics.get("active", 0.0), 0.0), place)
    return True


CARRIER = Carrier("rabbitmq-list", sniff, read)
