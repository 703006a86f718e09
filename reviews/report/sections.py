"""From the document of `loadline.review/1` to what the templates print: text, figures and charts, nothing else.

Pure: no ORM, no settings, no clock. Fields that are missing leave their section out or say what it needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reviews.ask_message import who_runs
from reviews.report import (
    ahead,
    assumed,
    changes,
    charts,
    colour,
    findings,
    limits,
    method,
    money,
    phases,
    readiness,
    readout,
    rests,
    sizing,
    words,
    work,
)
from reviews.report.figures import digits, figure, plural, when

FONTS = ("inter", "source-serif", "hanken")
# How each heading face wears its cover: quiet paper, a strong field, a dark band.
COVERS = {"source-serif": "paper", "inter": "field", "hanken": "band"}
PAPERS = ("A4", "Letter")
ASKS, ASKED_OF = 8, 6  # exports that are printed, and questions named for each
NEEDED = 3  # of what one question needs, as many are named


def build(document: Mapping[str, Any], brand: Mapping[str, Any]) -> dict[str, Any]:
    """Everything the report prints, in the order it prints it. Same input, same output."""
    engagement = words.mapping(document.get("engagement"))
    look = brand_view(brand)
    ledger = findings.Ledger()
    ranked = findings.build(words.rows(document.get("findings")), ledger)
    inputs = inputs_view(engagement.get("inputs"))
    missing = [row["title"] for group in inputs for row in group["rows"] if row["state"] == "Missing"]
    unanswered = not_assessed_view(document.get("not_assessed"))
    plan = work.plan_view(document.get("plan"), ranked, look["accent"])
    since = changes.build(words.mapping(document.get("comparison")))
    model = words.mapping(document.get("capacity"))
    view = capacity_views(document, ranked, look["accent"]) | {
        "changes": since,
        "brand": look,
        "meta": meta(engagement, document),
        "findings": ranked,
        "grid": charts.risk_grid(ranked, "grid"),
        "grid_compact": charts.risk_grid(ranked, "grid-compact", compact=True),
        "areas": areas(ranked),
        "plan": plan,
        "tickets": work.tickets_view(document.get("tickets"), ranked),
        "inputs": inputs,
        "asks": asks_view(document.get("asks")),
        "coverage": coverage_view(document.get("coverage"), look["accent"]),
        "not_assessed": unanswered,
        "open_by_need": by_need(unanswered),
        "clear": [row["title"] for row in not_assessed_view(document.get("clear"))],
        "effort": work.effort_view(words.mapping(document.get("effort"))),
        "currency": words.text(engagement.get("currency"), 8),
        "method": method.build(words.mapping(document.get("method")), {f["rule"] for f in ranked}),
        "evidence": ledger.entries,
        "evidence_left_out": ledger.left_out,
        "overrides": [{"finding": f, **row} for f in ranked for row in f["overrides"]],
        "grades": grades(ranked),
        "readout": readout.build(engagement, ranked, unanswered, plan, missing, limits.first_to_break(model)),
    }
    return view | {"contents": contents(view)}


def capacity_views(document: Mapping[str, Any], ranked: Sequence[Mapping[str, Any]], accent: str) -> dict[str, Any]:
    """The sections of the capacity model; each is None when the document has nothing for it."""
    model, scenarios = words.mapping(document.get("capacity")), words.rows(document.get("scenarios"))
    currency = words.text(words.mapping(document.get("engagement")).get("currency"), 8)
    return {
        "bottlenecks": limits.bottlenecks_view(model, scenarios, ranked, accent),
        "scenarios": limits.scenarios_view(model, scenarios, accent),
        "right_sizing": sizing.right_sizing_view(model, accent),
        "phases": phases.phases_view(model),
        "must_fix": ahead.must_fix_view(model),
        "redesign": ahead.redesign_view(model),
        "roadmap": ahead.roadmap_view(model),
        "cost": money.cost_view(model, currency, accent),
        "targets": readiness.targets_view(model, currency, accent),
        "scorecard": readiness.scorecard_view(words.mapping(document.get("scorecard")), accent),
        "thresholds": limits.thresholds_view(model, accent),
        "model_inputs": assumed.model_inputs_view(model),
        "rests": rests.rests_view(model, accent),
    }


def brand_view(brand: Mapping[str, Any]) -> dict[str, Any]:
    """Brand values checked: colours by pattern, faces and paper from the shipped set, links by scheme."""
    accent = colour.checked(brand.get("accent"), colour.ACCENT)
    ink = colour.readable(colour.checked(brand.get("ink"), colour.INK), ratio=7.0)
    heading = brand.get("heading_font") if brand.get("heading_font") in FONTS else "source-serif"
    body = brand.get("body_font") if brand.get("body_font") in FONTS else "inter"
    return {
        "name": words.text(brand.get("name"), 80),
        "logo": bool(brand.get("logo")),
        "accent": accent,
        "accent_text": colour.readable(accent),
        "accent_soft": colour.soft(accent),
        "on_accent": colour.on(accent),
        "ink": ink,
        "heading": heading,
        "body": body,
        "cover": COVERS[str(heading)],
        "legal": words.text(brand.get("legal"), 400),
        "paper": brand.get("paper") if brand.get("paper") in PAPERS else "A4",
        "call": _call(words.mapping(brand.get("call_to_action"))),
    }


def _call(call: Mapping[str, Any]) -> dict[str, str] | None:
    url = words.text(call.get("url"), 400)
    label = words.text(call.get("label"), 120)
    return {"label": label, "url": url} if label and url.startswith(("https://", "http://", "mailto:")) else None


def _part(row: Mapping[str, Any]) -> str:
    """`postgres (database)`."""
    name, role = words.text(row.get("name"), 40), words.text(row.get("role"), 40)
    return f"{name} ({role})" if role else name


def meta(engagement: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Cover and running heads, the growth in words, and the flows with their stated shares."""
    months = readout.months_to_target(engagement)
    today, target = engagement.get("current_mau"), engagement.get("target_mau")
    growth = engagement.get("growth_per_month")
    known = isinstance(today, int | float) and isinstance(target, int | float) and today > 0 and target > 0
    return {
        "title": words.text(engagement.get("title"), 160) or "Scaling review",
        "client": words.text(engagement.get("client"), 120) or "Client not named",
        "code": words.text(engagement.get("code"), 40),
        "stack": [_part(row) for row in words.rows(engagement.get("parts"))]
        or words.texts(engagement.get("stack"), 40),  # a document of an earlier release names no roles
        "issued": when(words.text(engagement.get("issued_at"), 40)),
        "number": words.text(engagement.get("number"), 12),
        "version": words.text(engagement.get("version"), 40),
        "consultants": words.texts(engagement.get("consultants"), 80),
        "engineers": words.text(engagement.get("engineers"), 12),
        "schema": words.text(document.get("schema"), 60),
        "scale": charts.load_scale(float(today or 0), float(target or 0), "scale") if known else "",
        "growth": f"{digits(growth * 100)} % a month" if isinstance(growth, int | float) else "",
        "months": digits(round(months)) if months else "",
        "constraints": words.texts(engagement.get("constraints"), 240),
        "flows": [_flow(row) for row in words.rows(engagement.get("flows"))],
    }


def _flow(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": words.text(row.get("name"), 60),
        "revenue": figure(row.get("revenue_share"), "ratio") if row.get("revenue_share") is not None else None,
        "users": figure(row.get("user_share"), "ratio") if row.get("user_share") is not None else None,
        "parts": words.texts(
            [*words.entries(row.get("routes")), *words.entries(row.get("tables")), *words.entries(row.get("queues"))],
            120,
        )[:8],
    }


def areas(ranked: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The ranked table by area; an area takes the severity of its worst finding and stands where that one ranks."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for finding in ranked:
        grouped.setdefault(finding["area_word"], []).append(finding)
    return [{"area": area, "worst": rows[0], "findings": rows} for area, rows in grouped.items()]


def grades(ranked: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """How many findings are measured, partly measured and assumed: (code, word, count), none left out."""
    counted = Counter(f["confidence"] for f in ranked)
    return [(code, word, counted[code]) for code, word in words.CONFIDENCE.items() if counted[code]]


def inputs_view(inputs: object) -> list[dict[str, Any]]:
    """Buyer inputs by group, in the order given."""
    grouped: dict[str, list[dict[str, str]]] = {}
    for row in words.rows(inputs):
        shown = {key: words.text(row.get(key), 240) for key in ("title", "unlocks")}
        shown["state"] = words.state(row.get("state"))
        grouped.setdefault(words.text(row.get("group"), 40) or "Other", []).append(shown)
    return [{"group": group, "rows": rows} for group, rows in grouped.items()]


def asks_view(asks: object) -> dict[str, Any]:
    """Exports that would answer more, the most telling first; the commands are in the message, not in print."""
    shown = [
        {
            "title": words.text(row.get("title"), 120),
            "who": who_runs(words.text(row.get("format"), 40)),
            "mechanisms": ", ".join(
                words.mechanism(name) for name in words.texts(row.get("mechanisms"), 60)[:ASKED_OF]
            ),
            "more": max(0, len(words.texts(row.get("mechanisms"))) - ASKED_OF),
            "again": bool(row.get("again")),
        }
        for row in words.rows(asks)
    ]
    return {"rows": shown[:ASKS], "more": max(0, len(shown) - ASKS)}


def coverage_view(coverage: object, accent: str) -> dict[str, Any]:
    """One row per file that was read, with its span, and what was passed over."""
    files = words.rows(coverage)
    spans = [{key: words.text(f.get(key), 160) for key in ("file", "from", "to")} for f in files]
    return {
        "files": [_file(row) for row in files],
        "spans": charts.coverage_spans(spans, "spans", accent=accent),
        "records": digits(sum(int(words.number(f.get("records")) or 0) for f in files)),
        "count": plural(len(files), "file"),
        "redacted": digits(sum(int(words.number(f.get("redacted")) or 0) for f in files)),
    }


def _file(row: Mapping[str, Any]) -> dict[str, Any]:
    start, end = when(words.text(row.get("from"), 40)), when(words.text(row.get("to"), 40))
    totals = list(words.mapping(row.get("totals")).items())
    return {
        "file": words.text(row.get("file"), 160),
        "format": words.text(row.get("format"), 40),
        "records": digits(words.number(row.get("records")) or 0),
        "rejected": digits(words.number(row.get("rejected")) or 0),
        "span": "" if not start else f"{start} (snapshot)" if start == end or not end else f"{start} to {end}",
        "totals": ", ".join(f"{words.text(name, 40).replace('_', ' ')} {figure(value)}" for name, value in totals[:6]),
        "notes": _unread(row) or words.texts(row.get("notes"), 240)[:3],
    }


def _unread(row: Mapping[str, Any]) -> list[str]:
    """Of a file that nothing rests on, that it is so, in a client's words; what to do about it is ours to say."""
    if not row.get("error"):
        return []
    if row.get("asks"):
        return ["Received. What it holds is not settled yet, so that nothing in this report rests on it."]
    return ["Received, but it could not be read: nothing in this report rests on it."]


def not_assessed_view(entries: object) -> list[dict[str, Any]]:
    """Questions without an answer: what was asked and what would answer it."""
    return [
        {
            "rule": words.text(row.get("rule"), 60),
            "title": words.text(row.get("title"), 160) or words.mechanism(row.get("mechanism")).capitalize(),
            "area": method.area_of(row),
            "area_word": words.area(method.area_of(row)),
            "needs": list(dict.fromkeys(words.texts(row.get("needs"), 120))),
        }
        for row in words.rows(entries)
    ]


def by_need(unanswered: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same by what would answer them, what answers most first: a client sends exports, not questions."""
    grouped: dict[str, list[str]] = {}
    for row in unanswered:
        more = f"; {len(row['needs']) - NEEDED} more" if len(row["needs"]) > NEEDED else ""
        needs = "; ".join(row["needs"][:NEEDED]) + more
        grouped.setdefault(needs or "nothing that is known", []).append(row["title"])
    ranked = sorted(grouped.items(), key=lambda entry: -len(entry[1]))
    return [{"needs": needs, "titles": titles} for needs, titles in ranked]


def contents(view: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Sections that are printed, as (anchor, title, findings below)."""
    wanted = (
        ("readout", "Executive readout", True),
        ("changes", "What changed", view["changes"]),
        ("risk-map", "Risk map", True),
        ("bottlenecks", "Bottleneck map", view["bottlenecks"]),
        ("scenarios", "Scenarios", view["scenarios"]),
        ("findings", "Findings", view["findings"]),
        ("right-sizing", "Right-sizing", view["right_sizing"]),
        ("phases", "Phases and their triggers", view["phases"]),
        ("must-fix", "Must-fix lists", view["must_fix"]),
        ("redesign", "Redesign: now, later, never", view["redesign"]),
        ("plan", "72-hour stabilization plan", True),
        ("tickets", "First implementation tickets", True),
        ("roadmap", "Roadmap", view["roadmap"]),
        ("cost", "Cost by phase", view["cost"]),
        ("targets", "Metrics and their targets", view["targets"]),
        ("scorecard", "Readiness scorecard", view["scorecard"]),
        ("thresholds", "Next capacity thresholds", view["thresholds"]),
        ("inputs", "Buyer inputs", view["inputs"]),
        ("coverage", "What we read", True),
        ("not-assessed", "What we could not answer", view["not_assessed"] or view["clear"]),
        ("method", "Method", True),
        ("assumptions", "Assumptions and overrides", True),
        ("evidence", "Evidence", view["evidence"]),
    )
    return [
        {"anchor": anchor, "title": title, "below": view["findings"] if anchor == "findings" else []}
        for anchor, title, shown in wanted
        if shown
    ]
