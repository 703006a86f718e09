"""Queue counts: what BullMQ's getJobCounts, getMetrics and getWorkers answer, or Bull Board's list of queues.

BullMQ keeps prioritized jobs apart from waiting ones; both wait for a worker, so they are added up here
(https://docs.bullmq.io/guide/jobs/prioritized). Jobs and their data are never read into evidence.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from telemetry.evidence import OTHER, Evidence, ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.queue_row import Carrier, QueueRow, Rows, json_place
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source

HOW = "Send the JSON of getJobCounts() for each queue, by name."

NO_AGE = (
    "How long the oldest job waits is not known: it takes when that job came (oldestWaiting) and when the counts were "
    "taken (capturedAt), and the file does not hold both."
)
# Metric and the states that it adds up. "wait" is what the state is called inside Redis.
STATES = {
    "waiting": ("waiting", "wait", "prioritized"),
    "active": ("active",),
    "delayed": ("delayed",),
    "paused": ("paused",),
    "completed": ("completed",),
    "failed": ("failed",),
}
_COUNTS = [re.compile(rf'"(?:{names})"\s*:\s*\d') for names in ("active", "waiting|wait", "delayed|completed|failed")]


def sniff(head: Head) -> bool:
    """Claim JSON that counts waiting and active jobs, and delayed, completed or failed ones."""
    if head.text.lstrip("\ufeff \t\r\n")[:1] not in ("{", "[") or "active" not in head.quoted:
        return False
    return all(count.search(head.text) for count in _COUNTS)


def parse(source: Source) -> ParseResult:
    """One evidence row a queue; ParseError when the JSON is broken or counts no queue."""
    document = JsonText(source.read())
    result = ParseResult(carrier="bullmq", lines=document.lines)
    rest = QueueRow("queue.counts", OTHER, attrs={"folded": True})
    for name, queue in _queues(document, result):
        try:
            row = _read_queue(name, queue, document, result)
        except ValueError as error:
            readers.reject_line(document.line(queue.at), f"{name}: {error}", result)
            continue
        result.records += 1
        if len(result.evidence) < Rows.LIMIT:
            result.evidence.append(row)
        else:
            _fold(row, rest)
    if rest.metrics:
        result.evidence.append(rest.evidence())
    if not result.evidence:
        raise ParseError(f"The JSON holds no queue with counts of waiting and active jobs. {HOW}", 1)
    _finish(document, result)
    return result


def _fold(row: Evidence, rest: QueueRow) -> None:
    """Add a queue to those beyond the bound."""
    for metric, value in row.metrics.items():
        if metric != "failed_share":
            rest.put(metric, value, row.place_of(metric))
    rest.share_failed()


def _queues(document: JsonText, result: ParseResult) -> Iterator[tuple[str, Member]]:
    """(name, entry) of every queue in any of the four shapes."""
    top = Member("queue", document.value, document.start, document.start)
    if isinstance(document.value, dict) and isinstance(document.value.get("queues"), list | dict):
        top = document.member(document.start, "queues") or top
    if _is_queue(top.value):
        result.notes.append('The counts of one queue without its name: it is called "queue".')
        yield "queue", top
        return
    for entry in document.members(top.value_at):
        if not _is_queue(entry.value):
            if isinstance(entry.value, dict):
                readers.reject_line(document.line(entry.at), f"{entry.key}: no counts of jobs", result)
        elif isinstance(top.value, list):
            name = document.member(entry.value_at, "name")
            yield (str(name.value), entry) if name else (f"queue {entry.key}", entry)
        else:
            yield entry.key, entry


def _is_queue(value: Any) -> bool:
    counts = value.get("counts", value) if isinstance(value, dict) else None
    return isinstance(counts, dict) and "active" in counts and ("waiting" in counts or "wait" in counts)


class _Metrics:
    """Metrics of one queue with the line of each."""

    def __init__(self, document: JsonText, result: ParseResult) -> None:
        self.values: dict[str, float] = {}
        self.places: dict[str, Place] = {}
        self._document, self._result = document, result

    def put(self, metric: str, value: float, entry: Member) -> None:
        """Keep a value and the line of the entry it comes from."""
        self.values[metric] = value
        self.places[metric] = json_place(self._document, entry, self._result)


def _read_queue(name: str, queue: Member, document: JsonText, result: ParseResult) -> Evidence:
    """The evidence of one queue; ValueError names the count that is no number."""
    facts = {entry.key: entry for entry in document.members(queue.value_at)}
    nested = facts.get("counts")
    counts = {entry.key: entry for entry in document.members(nested.value_at)} if nested else facts
    metrics = _Metrics(document, result)
    _put_counts(metrics, counts)
    if (workers := facts.get("workers")) and workers.value is not None:
        metrics.put(
            "workers", float(len(workers.value)) if isinstance(workers.value, list) else _count(workers), workers
        )
    if nested:
        for metric, state in (("processed", "completed"), ("lifetime_failed", "failed")):
            lifetime = _lifetime(document, facts.get(state))
            if lifetime is not None and _count(lifetime) >= metrics.values.get(state, 0.0):
                metrics.put(metric, _count(lifetime), lifetime)
    waiting, captured = facts.get("oldestWaiting") or facts.get("oldestWaitingTs"), _captured(queue, document)
    oldest = _moment(waiting.value) if waiting else None
    if waiting and oldest and captured:
        metrics.put("oldest_age_s", max((captured - oldest).total_seconds(), 0.0), waiting)
    if captured:
        result.first = min(result.first or captured, captured)
        result.last = max(result.last or captured, captured)
    place = json_place(document, facts.get("name", queue), result)
    return Evidence("queue.counts", name, metrics.values, place, metrics.places, _attrs(queue.value, counts))


def _put_counts(metrics: _Metrics, counts: dict[str, Member]) -> None:
    for metric, states in STATES.items():
        present = [counts[state] for state in states if state in counts]
        if present:
            metrics.put(metric, sum(_count(entry) for entry in present), max(present, key=_count))
    failed, completed = metrics.values.get("failed"), metrics.values.get("completed")
    if failed is not None and completed is not None and failed + completed:
        metrics.put("failed_share", failed / (failed + completed), counts["failed"])


def _count(entry: Member) -> float:
    if isinstance(entry.value, bool) or not isinstance(entry.value, int) or not 0 <= entry.value < 2**63:
        raise ValueError(f"{entry.key} is no count")
    return float(entry.value)


def _lifetime(document: JsonText, metrics: Member | None) -> Member | None:
    """The lifetime counter in what getMetrics answers; its outer `count` is the number of minutes kept.

    None when no worker keeps metrics: the counter is then 0 without a moment of the last change (`prevTS`).
    """
    if metrics is None or not isinstance(metrics.value, dict):
        return None
    meta = document.member(metrics.value_at, "meta")
    if meta is None or not isinstance(meta.value, dict) or not (meta.value.get("count") or meta.value.get("prevTS")):
        return None
    return document.member(meta.value_at, "count")


def _captured(queue: Member, document: JsonText) -> datetime | None:
    """When the counts were taken: of the queue, else of the whole document."""
    whole = document.value if isinstance(document.value, dict) else {}
    return _moment(queue.value.get("capturedAt")) or _moment(whole.get("capturedAt"))


def _moment(value: Any) -> datetime | None:
    """A moment given in ms since 1970 or as ISO 8601; None when it is neither."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1_000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _attrs(queue: dict[str, Any], counts: dict[str, Member]) -> dict[str, Any]:
    meta = queue.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    attrs: dict[str, Any] = {}
    system = str(meta.get("version") or queue.get("type") or "").partition(":")[0].lower()
    if system in ("bullmq", "bull"):
        attrs["system"] = system
    elif "prioritized" in counts or "waiting-children" in counts:
        attrs["system"] = "bullmq"
    paused = [value for value in (queue.get("isPaused"), meta.get("paused")) if isinstance(value, bool)]
    if paused:
        attrs["paused"] = any(paused)
    return attrs


def _finish(document: JsonText, result: ParseResult) -> None:
    result.blank = sum(not line.strip() for line in document.text.splitlines())
    result.records_lines = max(result.lines - result.blank - result.rejected, 0)
    result.notes.append("Completed and failed jobs count only as far as the queues keep them; one moment, no rate.")
    if not any("oldest_age_s" in row.metrics for row in result.evidence):
        result.notes.append(NO_AGE)
    if not any("workers" in row.metrics for row in result.evidence):
        result.notes.append("The number of workers is not in the file.")


CARRIER = Carrier("bullmq", sniff, parse)
