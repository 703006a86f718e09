"""One invocation of AWS Lambda as its platform reports it: a REPORT line, or a platform.report event in JSON.

Fields after https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html and
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html. An init duration marks a cold start.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MB = 1024 * 1024
_REPORT = re.compile(
    r"REPORT RequestId: (?P<id>[\w-]{1,64})\s+Duration: (?P<ms>[\d.]{1,20}) ms\s+"
    r"Billed Duration: (?P<billed>[\d.]{1,20}) ms\s+"
    r"Memory Size: (?P<size>\d{1,9}) MB\s+Max Memory Used: (?P<used>\d{1,9}) MB"
    r"(?:\s+Init Duration: (?P<init>[\d.]{1,20}) ms)?"
)
_STATUS = re.compile(r"\bStatus: (\w+)(?:\s+Error Type: ([\w.]+))?")
_TIMED_OUT = re.compile(r"(?P<id>[0-9a-f]{8}-[0-9a-f-]{27})? ?Task timed out after [\d.]+ seconds")
# What the runtimes write when an error that nobody caught ends the handler: Node.js, any, Python (which names no id).
_FAILED = re.compile(
    r"(?P<node>[0-9a-f]{8}-[0-9a-f-]{27})\tERROR\tInvoke Error\b"
    r"|(?P<any>[0-9a-f]{8}-[0-9a-f-]{27}) Error: Runtime exited"
    r"|(?:^|[\s\"])\[ERROR\] [\w.]{1,100}(?:Error|Exception)\b"
)
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)")
_GROUP = re.compile(r"/aws/lambda/([\w-]{1,64})")


@dataclass(frozen=True, slots=True)
class Call:
    """An invocation. Times in ms, memory in bytes."""

    id: str
    ms: float
    billed_ms: float
    size: int
    used: int
    init_ms: float | None
    status: str  # "success", "timeout", "error", "failure", "" when not told
    error: str  # its type, such as "Runtime.OutOfMemory"


def report_of(text: str) -> Call | None:
    """The REPORT in a line, None without a whole one."""
    found = _REPORT.search(text)
    if not found:
        return None
    ended = _STATUS.search(text, found.end())
    try:
        return Call(
            id=found["id"],
            ms=float(found["ms"]),
            billed_ms=float(found["billed"]),
            size=int(found["size"]) * MB,
            used=int(found["used"]) * MB,
            init_ms=float(found["init"]) if found["init"] else None,
            status=ended[1].lower() if ended else "",
            error=(ended[2] or "") if ended else "",
        )
    except ValueError:
        return None


def event_of(record: Any) -> Call | None:
    """The invocation of a platform.report event, None for other events."""
    if not isinstance(record, dict) or record.get("type") != "platform.report":
        return None
    report = record.get("record")
    metrics = report.get("metrics") if isinstance(report, dict) else None
    if not isinstance(report, dict) or not isinstance(metrics, dict):
        return None
    values = [
        _number(metrics.get(name)) for name in ("durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB")
    ]
    ms, billed, size, used = values
    if ms is None or billed is None or size is None or used is None:
        return None
    return Call(
        id=str(report.get("requestId") or "")[:64],
        ms=ms,
        billed_ms=billed,
        size=int(size) * MB,
        used=int(used) * MB,
        init_ms=_number(metrics.get("initDurationMs")),
        status=str(report.get("status") or "").lower()[:20],
        error=str(report.get("errorType") or "")[:100],
    )


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
    return float(value) if known else None


def timed_out_id(text: str) -> str | None:
    """The request of a "Task timed out" line ("" when it is not named), None for other lines."""
    found = _TIMED_OUT.search(text) if "Task timed out" in text else None
    return (found["id"] or "") if found else None


def failed_id(text: str) -> str | None:
    """The request of a line that tells of an error that was not caught ("" when it is not named), None for others."""
    found = _FAILED.search(text) if "ERROR" in text or "Runtime exited" in text else None
    return (found["node"] or found["any"] or "") if found else None


def moment_of(text: Any) -> datetime | None:
    """The first time with a zone in a text, or ms since 1970; None without one."""
    try:
        if isinstance(text, int) and 946_684_800_000 <= text < 4_102_444_800_000:
            return datetime.fromtimestamp(text / 1000, UTC)
        found = _STAMP.search(text[:200]) if isinstance(text, str) else None
        return datetime.fromisoformat(found[0].replace(",", ".")).astimezone(UTC) if found else None
    except ValueError:
        return None


def function_in(text: str) -> str:
    """The function's name in the name of its log group, "" without one."""
    found = _GROUP.search(text)
    return found[1] if found else ""
