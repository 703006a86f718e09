"""One row of the coverage table: what a file was, how much of it was understood, and what it enables."""

from typing import Any

from telemetry.evidence import ParseResult
from telemetry.reading import Reading

Row = dict[str, Any]


def coverage_row(reading: Reading) -> Row:
    """The row of a file, JSON-safe; a file that was not read has format None (or the claimed one) and says why."""
    row: Row = {"file": reading.file, "format": reading.format, "carrier": "", "size": reading.size}
    row |= _numbers(reading.result or ParseResult())
    row["error"] = reading.error
    row["error_line"] = reading.error_line
    row["looked_for"] = list(reading.looked_for)
    if reading.asks:
        row["asks"] = reading.asks
    row["seconds"] = round(reading.seconds, 3)
    return row


def _numbers(result: ParseResult) -> Row:
    return {
        "carrier": result.carrier,
        "records": result.records,
        "lines": result.lines,
        "rejected": result.rejected,
        "rejected_samples": [{"line": sample.line, "quote": sample.quote} for sample in result.rejected_samples],
        "from": result.first.isoformat() if result.first else None,
        "to": result.last.isoformat() if result.last else None,
        "totals": result.totals,
        "redacted": result.redacted,
        "enables": result.enables,
        "notes": result.notes,
    }
