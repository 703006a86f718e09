"""Findings as the report prints them, and the ledger of evidence that every claim links to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import Figure, days, digits, figure
from reviews.report.markdown import to_html
from reviews.report.svg import Svg

# The flows' own shares are the same in every finding; they stand once, under the assumptions.
ELSEWHERE = ("share of revenue", "share of users")
# How these steps are computed is the same in every finding; it stands once, in the method.
IN_METHOD = ("degradation × Σ share × part", "degradation × the largest share × part", "the higher of the two bands")
QUOTE = 420  # characters of one quoted line in the appendix; the whole line stands in the client's file
QUOTE_BESIDE = 190  # and beside the claim, about two lines
STEPS = 5  # from how bad it is to how close it is; what follows restates them
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
                "short": words.text(quote, QUOTE_BESIDE),
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
    added = [entry for row in words.rows(finding.get("evidence")) if (entry := ledger.add(row, number)) is not None]
    # One line may prove several numbers; it is shown once.
    evidence = list({entry["mark"]: entry for entry in added}.values())
    overrides = _overrides(finding)
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
        "money": _money(finding.get("money_per_engineer_day")),
        "upgrade": words.text(finding.get("confidence_upgrade"), 240),
        "confidence_reason": words.text(finding.get("confidence_reason"), 240),
        "cap": words.text(finding.get("severity_cap"), 240),
        "overridden": any(row["place"] for row in overrides),
        "overrides": overrides,
        "area": str(finding.get("area") or ""),
        "area_word": words.area(finding.get("area")),
        "mechanism": words.mechanism(finding.get("mechanism")),
        "rule": words.text(finding.get("rule"), 40),
        "subject": words.text(subject.get("name"), 160),
        "cited": list(
            dict.fromkeys(words.text(row.get("subject"), 200) for row in words.rows(finding.get("evidence")))
        ),
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
        **arithmetic(words.rows(finding.get("severity_reason"))),
        "references": [_reference(row) for row in words.entries(finding.get("references"))],
    }


def _rank(finding: Mapping[str, Any], last: int) -> int:
    rank = finding.get("rank")
    return rank if isinstance(rank, int) else last + 1


def leverage(value: object) -> str:
    """Expected share of the business protected per engineer-day, as per cent."""
    return f"{digits(value * 100)} %" if isinstance(value, int | float) else ""


def _measured(measured: object) -> dict[str, Any] | None:
    if not isinstance(measured, Mapping) or not isinstance(measured.get("value"), int | float):
        return None
    unit = words.text(measured.get("unit"), 20)
    limit = measured.get("limit")
    metric = words.text(measured.get("metric"), 60).replace("_", " ")
    # A count has no unit of its own; what was counted is said instead.
    value = Figure(figure(measured["value"]).text, metric) if unit in ("", "1") else figure(measured["value"], unit)
    return {
        "metric": "" if unit in ("", "1") else metric,
        "key": metric,
        "value": value,
        "limit": figure(limit, unit) if isinstance(limit, int | float) else None,
    }


def _range(ends: object) -> str:
    shown = [words.SEVERITY[e] for e in ends if e in words.SEVERITY] if isinstance(ends, list | tuple) else []
    return f"{shown[0]} to {shown[-1]}" if len(set(shown)) > 1 else ""


def _overrides(finding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was set by hand. Documents of 0.1.0 hold one `override` of the severity, later ones `overrides`."""
    older = words.mapping(finding.get("override"))
    return [_override(row) for row in ([older] if older else words.rows(finding.get("overrides")))]


def _override(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "place": row.get("field") != "effort",
        "label": words.text(row.get("label"), 40),
        "from": words.SEVERITY.get(str(row.get("from")), words.text(row.get("from"), 80)),
        "to": words.SEVERITY.get(str(row.get("to")), words.text(row.get("to"), 80)),
        "reason": words.text(row.get("reason")),
        "author": words.text(row.get("author"), 80),
    }


def _effort(effort: object) -> str:
    return days(effort.get("low"), effort.get("high")) if isinstance(effort, Mapping) else ""


def arithmetic(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The steps to the severity (`reason`), and the shares of single flows by what they say.

    Rows labelled `flow: what` belong to one flow; they are joined by what they say, and flows that say the same are
    named together, because five flows with three shares each would bury the five steps that decide. How a step is
    computed stands once, in the method, where it is the same for all findings.
    """
    steps = [_reason(row) for row in rows if ": " not in str(row.get("label"))]
    shares: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        flow, colon, what = str(row.get("label")).partition(": ")
        if colon and what not in ELSEWHERE:
            shares.setdefault(words.text(what, 80), []).append(_reason(row) | {"flow": words.text(flow, 60)})
    return {
        "reason": steps[:STEPS],
        "reason_more": "; ".join(f"{row['label'].lower()} {row['value']} ({row['basis']})" for row in steps[STEPS:]),
        "shares": [
            {"what": what, "parts": "; ".join(f"{', '.join(flows)} {said}" for said, flows in _alike(parts).items())}
            for what, parts in shares.items()
        ],
    }


def _alike(parts: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Flows by what is said of them, value and grade."""
    flows: dict[str, list[str]] = {}
    for part in parts:
        flows.setdefault(f"{part['value']} {part['grade']}", []).append(part["flow"])
    return flows


def _money(value: object) -> str:
    """Money to two significant digits: the shares behind it are stated, not measured."""
    if not isinstance(value, int | float) or value <= 0:
        return ""
    return digits(int(float(f"{value:.2g}"))) if value >= 10 else digits(value)


def _reason(row: Mapping[str, Any]) -> dict[str, str]:
    said = {key: words.text(row.get(key), 240) for key in ("label", "value", "grade", "basis")}
    return said | {"basis": "" if said["basis"] in IN_METHOD else said["basis"]}


def _reference(row: object) -> dict[str, str]:
    """A reference as title and address; only http and https become links."""
    title, url = (row.get("title"), row.get("url")) if isinstance(row, Mapping) else (row, row)
    address = words.text(url, 400)
    return {
        "title": words.text(title or url, 200),
        "url": address if address.startswith(("https://", "http://")) else "",
    }
