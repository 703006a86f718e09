"""What changed since the report before, as the report prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reviews.report import words
from reviews.report.figures import digits, figure, plural

VERDICTS = {
    "worse": "Worse",
    "new": "New",
    "better": "Better",
    "same": "Same",
    "fixed": "Fixed",
    "not measured": "Not measured this time",
}
ROWS = 200


def build(comparison: Mapping[str, Any]) -> dict[str, Any] | None:
    """The sentence first, then one row per risk; None when the document holds no comparison."""
    rows = [_row(row) for row in words.rows(comparison.get("rows")) if row.get("verdict") in VERDICTS][:ROWS]
    sentence = words.text(comparison.get("sentence"), 300)
    if not sentence:
        return None
    withdrawn = words.number(comparison.get("withdrawn")) or 0
    return {
        "sentence": sentence,
        "before": words.text(words.mapping(comparison.get("before")).get("title"), 80),
        "rows": rows,
        "withdrawn": f"{plural(int(withdrawn), 'risk')} of that report withdrawn since, on review."
        if withdrawn
        else "",
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    measured = words.mapping(row.get("measured"))
    unit = words.text(measured.get("unit"), 20)
    values = [words.number(measured.get(name)) for name in ("before", "after")]
    return {
        "verdict": VERDICTS[str(row["verdict"])],
        "title": words.text(row.get("title"), 160),
        "note": words.text(row.get("note"), 160),
        "severities": " → ".join(
            dict.fromkeys(_severity(row.get(name)) for name in ("before", "after") if row.get(name))
        ),
        "metric": words.text(measured.get("metric"), 60).replace("_", " "),
        "values": [figure(value, "" if unit == "1" else unit) for value in values if value is not None],
        "percent": _percent(words.number(measured.get("percent"))),
    }


def _severity(value: object) -> str:
    return words.SEVERITY.get(str(value), "")


def _percent(value: float | None) -> str:
    if value is None:
        return ""
    return ("+" if value > 0 else "−" if value < 0 else "") + digits(abs(round(value))) + " %"
