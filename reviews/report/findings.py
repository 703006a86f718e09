"""Findings as the report prints them, and the ledger of evidence that every claim links to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import days, digits, figure
from reviews.report.markdown import to_html
from reviews.report.svg import Svg

QUOTE = 420  # characters of one quoted line; the whole line stands in the client's file
SHOWN = 3  # quotes in a finding, the rest are in the appendix
LEDGER = 1_000  # rows: layout costs about 5 ms and 0.2 MB each; the machine-readable export holds all


class Ledger:
    """Evidence numbered E1, E2 … in the order of the findings; the same line of the same file has one number."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.left_out = 0
        self._known: dict[tuple[str, str, str], dict[str, Any]] = {}

    def add(self, row: Mapping[str, Any], number: int) -> dict[str, Any] | None:
        """The entry of `row`, new or known; None when the ledger is full."""
        file, line, quote = (
            words.text(row.get("file"), 160),
            words.text(row.get("line"), 12),
            words.text(row.get("quote"), QUOTE),
        )
        entry = self._known.get((file, line, quote))
        if entry is None:
            if len(self.entries) >= LEDGER:
                self.left_out += 1
                return None
            entry = {
                "mark": f"E{len(self.entries) + 1}",
                "anchor": f"e{len(self.entries) + 1}",
                "file": file,
                "line": line,
                "quote": quote,
                "metric": words.text(row.get("metric"), 60).replace("_", " "),
                "value": figure(row["value"], words.text(row.get("unit"), 20))
                if row.get("value") is not None
                else None,
                "numbers": [],
            }
            self._known[file, line, quote] = entry
            self.entries.append(entry)
        if number not in entry["numbers"]:
            entry["numbers"].append(number)
        return entry


def build(findings: Sequence[Mapping[str, Any]], ledger: Ledger) -> list[dict[str, Any]]:
    """All findings in rank order with causes and symptoms resolved to numbers."""
    ordered = sorted(findings, key=lambda finding: _rank(finding, len(findings)))
    views = [view(finding, number, ledger) for number, finding in enumerate(ordered, 1)]
    by_id = {v["id"]: v for v in views}
    for shown, finding in zip(views, ordered, strict=True):
        for side in ("causes", "symptoms"):
            shown[side] = [by_id[i] for i in words.texts(finding.get(side), 80) if i in by_id]
    return views


def view(finding: Mapping[str, Any], number: int, ledger: Ledger) -> dict[str, Any]:
    """One finding, every value text or a figure; fields that are missing come out empty and are not printed."""
    severity = finding.get("severity") if finding.get("severity") in words.SEVERITY else "low"
    confidence = finding.get("confidence") if finding.get("confidence") in words.CONFIDENCE else "assumed"
    subject, first = words.mapping(finding.get("subject")), words.mapping(finding.get("first_slice"))
    hours = first.get("hours") if isinstance(first.get("hours"), int | float) else None
    evidence = [e for row in words.rows(finding.get("evidence")) if (e := ledger.add(row, number)) is not None]
    return {
        "number": number,
        "id": words.text(finding.get("id"), 80),
        "anchor": f"finding-{number}",
        "href": f"#finding-{number}",
        "title": words.text(finding.get("title"), 200) or "Finding without a title",
        "severity": severity,
        "severity_word": words.SEVERITY[str(severity)],
        "severity_range": _range(finding.get("severity_range")),
        "confidence": confidence,
        "confidence_word": words.CONFIDENCE[str(confidence)],
        "impact": finding.get("impact"),
        "proximity": finding.get("proximity"),
        "leverage": leverage(finding.get("leverage")),
        "overridden": bool(finding.get("override")),
        "override": _override(finding.get("override")),
        "area": str(finding.get("area") or ""),
        "area_word": words.area(finding.get("area")),
        "mechanism": words.mechanism(finding.get("mechanism")),
        "rule": words.text(finding.get("rule"), 40),
        "subject": words.text(subject.get("name"), 160),
        "subject_kind": words.text(subject.get("kind"), 40),
        "flows": words.texts(finding.get("flows"), 60),
        "measured": _measured(finding.get("measured")),
        "said": words.text(finding.get("said")),
        "why": words.text(finding.get("why")),
        "narrative": Svg(to_html(str(finding["narrative"]))) if finding.get("narrative") else "",
        "quotes": evidence[:SHOWN],
        "more": evidence[SHOWN:],
        "steps": words.texts(finding.get("steps") or finding.get("fix")),
        "snippet": words.text(finding.get("snippet")),
        "verify": words.text(finding.get("verify")),
        "rollback": words.text(finding.get("rollback")),
        "slice": words.text(first.get("title"), 160),
        "slice_hours": hours,
        "slice_figure": figure(hours, "h") if hours else None,
        "effort": _effort(finding.get("effort")),
        "reason": [_reason(row) for row in words.rows(finding.get("severity_reason"))],
        "references": [_reference(row) for row in _listing(finding.get("references"))],
    }


def _rank(finding: Mapping[str, Any], last: int) -> int:
    rank = finding.get("rank")
    return rank if isinstance(rank, int) else last + 1


def _listing(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def leverage(value: object) -> str:
    """Expected share of the business protected per engineer-day, as per cent."""
    return f"{digits(value * 100)} %" if isinstance(value, int | float) else ""


def _measured(measured: object) -> dict[str, Any] | None:
    if not isinstance(measured, Mapping) or not isinstance(measured.get("value"), int | float):
        return None
    unit = words.text(measured.get("unit"), 20)
    limit = measured.get("limit")
    return {
        "metric": words.text(measured.get("metric"), 60).replace("_", " "),
        "value": figure(measured["value"], unit),
        "limit": figure(limit, unit) if isinstance(limit, int | float) else None,
    }


def _range(ends: object) -> str:
    shown = [words.SEVERITY[e] for e in ends if e in words.SEVERITY] if isinstance(ends, list | tuple) else []
    return f"{shown[0]} to {shown[-1]}" if len(set(shown)) > 1 else ""


def _override(override: object) -> dict[str, str] | None:
    if not isinstance(override, Mapping):
        return None
    return {
        "from": words.SEVERITY.get(str(override.get("from")), words.text(override.get("from"), 20)),
        "to": words.SEVERITY.get(str(override.get("to")), words.text(override.get("to"), 20)),
        "reason": words.text(override.get("reason")),
        "author": words.text(override.get("author"), 80),
    }


def _effort(effort: object) -> str:
    return days(effort.get("low"), effort.get("high")) if isinstance(effort, Mapping) else ""


def _reason(row: Mapping[str, Any]) -> dict[str, str]:
    return {key: words.text(row.get(key), 240) for key in ("label", "value", "grade", "basis")}


def _reference(row: object) -> dict[str, str]:
    """A reference as title and address; only http and https become links."""
    title, url = (row.get("title"), row.get("url")) if isinstance(row, Mapping) else (row, row)
    address = words.text(url, 400)
    return {
        "title": words.text(title or url, 200),
        "url": address if address.startswith(("https://", "http://")) else "",
    }
