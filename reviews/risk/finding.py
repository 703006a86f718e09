"""A risk as the machine interface prints it: plain, JSON-safe, the same for the same evidence."""

from collections.abc import Iterable
from typing import Any

from reviews.risk.flows import ALL_USE, OTHER_USE
from reviews.risk.plain import plain
from reviews.risk.rank import Risk, code_of
from reviews.risk.score import Exposure
from reviews.risk.why import severity_cap, steps_of
from telemetry.rules.base import Cite

MAX_EVIDENCE = 12
# What stands in for flows that nobody stated is shown in the steps, but is no flow of the client.
STAND_INS = (ALL_USE, OTHER_USE)
Machine = dict[str, Any]


def finding_of(risk: Risk, monthly_revenue: float | None = None) -> Machine:
    """The finding of a risk, in the shape of `loadline.review/1` with the texts a page needs beside it."""
    return _identity(risk) | _place(risk, monthly_revenue) | _proof(risk) | _advice(risk) | {"status": "draft"}


def _identity(risk: Risk) -> Machine:
    rule, hit = risk.rule, risk.hit
    return {
        "id": risk.code,
        "key": risk.key,
        "rule": rule.id,
        "rules": list(risk.rules),
        "area": rule.area,
        "mechanism": rule.mechanism,
        "title": hit.title,
        "said": hit.said,
        "subject": {"kind": hit.subject.kind, "name": hit.subject.name},
        "rank": risk.rank,
    }


def _place(risk: Risk, monthly_revenue: float | None) -> Machine:
    counted = risk.counted
    return {
        "severity": counted.severity.word,
        "severity_range": [counted.low.word, counted.high.word],
        "severity_cap": severity_cap(risk),
        "severity_reason": steps_of(risk),
        "impact": counted.impact,
        "proximity": counted.proximity,
        "proximity_reason": risk.inputs.proximity.reason,
        "leverage": round(counted.leverage, 4),
        "expected_share": round(counted.expected, 4),
        "money_at_risk_per_month": None if monthly_revenue is None else round(counted.expected * monthly_revenue, 2),
        "money_per_engineer_day": None if monthly_revenue is None else round(counted.leverage * monthly_revenue, 2),
        "vector": vector_of(risk),
        "confidence": risk.assurance.confidence.word,
        "confidence_reason": risk.assurance.reason,
        "confidence_upgrade": risk.assurance.upgrade,
        "grades": _grades(risk),
        "flows": [entry.flow for entry in risk.inputs.exposures if entry.flow not in STAND_INS],
        "reached_by": [_reached(entry) for entry in risk.inputs.exposures if entry.reached],
        "shared": risk.hit.shared,
        "inputs": plain(risk.inputs),
        "lifted": bool(risk.lifted_by),
        "causes": [code_of(key) for key in risk.causes],
        "because": list(risk.because),
        "symptoms": [code_of(key) for key in risk.symptoms],
        # What a symptom puts at risk is counted with its cause: totals add up the findings that count.
        "counts": not risk.causes,
    }


def _reached(exposure: Exposure) -> Machine:
    """By which join a flow stands behind the risk, with its grade and what it rests on."""
    join = exposure.reached
    how = {"by": join.by, "grade": join.grade.word, "basis": join.said} if join else {}
    return {"flow": exposure.flow} | how


def vector_of(risk: Risk) -> str:
    """The evidence vector for audit and comparison, such as "I5/X4/R0.200/U0.060/G:M"."""
    own = risk.own
    worst = max(own.decisive, key=lambda grade: "MDSA".index(grade.value))
    return f"I{own.impact}/X{own.proximity}/R{own.revenue:.3f}/U{own.users:.3f}/G:{worst.value}"


def _grades(risk: Risk) -> dict[str, int]:
    """How many of the inputs are measured, derived, stated and assumed."""
    grades = [risk.inputs.proximity.grade]
    for exposure in risk.inputs.exposures:
        grades += [exposure.revenue.grade, exposure.users.grade, exposure.touched.grade]
    words = ("measured", "derived", "stated", "assumed")
    return {word: sum(grade.word == word for grade in grades) for word in words}


def _proof(risk: Risk) -> Machine:
    first = risk.hit.cites[0]
    return {
        "measured": {"metric": first.metric, "value": first.value, "unit": first.unit, "limit": risk.hit.limit},
        "threshold": {"value": risk.rule.threshold.value, "unit": risk.rule.threshold.unit}
        | {"basis": risk.rule.threshold.basis, "source": risk.rule.threshold.source},
        "evidence": list(_evidence(risk.hit.cites))[:MAX_EVIDENCE],
        "routes": list(risk.hit.routes),
        "tables": list(risk.hit.tables),
        "queues": list(risk.hit.queues),
    }


def _evidence(cites: Iterable[Cite]) -> Iterable[Machine]:
    seen = set()
    for cite in cites:
        place = cite.evidence.place_of(cite.metric)
        file = place.file or cite.evidence.file
        name = (file, place.line, cite.metric)
        if name in seen:
            continue
        seen.add(name)
        yield {
            "file": file,
            "line": place.line,
            "quote": place.quote,
            "metric": cite.metric,
            "value": cite.value,
            "unit": cite.unit,
            "kind": cite.evidence.kind,
            "subject": cite.evidence.subject,
        }


def _advice(risk: Risk) -> Machine:
    rule = risk.rule
    return {
        "why": rule.why,
        "fix": " ".join(rule.fix),
        "steps": list(rule.fix),
        "snippet": risk.hit.snippet,
        "first_slice": {"title": rule.first_slice.title, "hours": rule.first_slice.hours},
        "effort": {"low": rule.effort.low, "likely": rule.effort.likely, "high": rule.effort.high},
        "removes": rule.removes,
        "verify": rule.verify,
        "rollback": rule.rollback,
        "references": [_reference(text) for text in rule.references],
        "enabler": rule.enabler,
    }


def _reference(text: str) -> dict[str, str]:
    """A title and, where the text ends with one, its address."""
    title, _, last = text.rpartition(" ")
    if last.startswith(("https://", "http://")):
        return {"title": title or last, "url": last}
    return {"title": text, "url": ""}
