"""The readiness scorecard: nine dimensions out of 10, the weakest one deciding, and what would raise each most.

    {"dimensions": [{"slug", "title", "applies": bool, "score": 0..10 | None, "low", "high": what the open checks leave
                     possible, None where nothing applies, "shown": "6/10" | "–/10" | "n/a", "answered": share of the
                     weight, "said", "checks": [rows of readiness.answers], "raises": [{"check", "text",
                     "kind": "fix" | "answer", "from", "to", "gain", "findings"}]}],
     "overall": 1..10 | None, "rounded": int | None, "shown": "3/10" | "–/10", "scored": n, "of": dimensions that apply,
     "weakest": title | None, "said", "rule": how it is computed,
     "questions": [{"check", "text", "dimension", "answer": "yes" | "no" | "partly" | "n/a" | None}]}

Score of a dimension: 10 · Σ w·v / Σ w over what was answered (v: yes 1, partly 0.5, no 0); below 60 % of the weight it
is "–/10 (not enough evidence)". Checks that do not apply have no weight; a dimension of such checks alone counts
nowhere. Overall: harmonic mean of the dimensions with a score, none counted below 1, because a chain holds as its
weakest link does; below 60 % of the dimensions there is none either. Source: METHOD 3.5.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from reviews.capacity.readiness import DIMENSIONS, Dimension
from reviews.capacity.readiness.answers import APART, OPEN, Heard, answer
from reviews.report.figures import digits, percent, plural

Row = dict[str, Any]
ENOUGH = 0.6
FLOOR, FULL = 1.0, 10.0
MOST_RAISES = 3
NOT_ENOUGH, NO_SCORE = "–/10", "n/a"
RULE = (
    "A dimension scores 10 · Σ weight · value ÷ Σ weight over the checks that were answered (yes 1, partly 0.5, no 0), "
    "when at least 60 % of its weight was answered. That a protection or a practice is there, only the client's word "
    "affirms; findings deny it. What does not apply has no weight. Overall is the harmonic mean of the dimensions, "
    "none counted below 1: the weakest decides."
)


def scorecard_of(
    answers: Mapping[str, str] = MappingProxyType({}),
    findings: Sequence[Mapping[str, Any]] = (),
    clear: Sequence[Mapping[str, Any]] = (),
    not_assessed: Sequence[Mapping[str, Any]] = (),
) -> Row:
    """The scorecard; the shape stands in the module's docstring."""
    heard = Heard(answers, findings, clear, not_assessed)
    rows = [_dimension(dimension, heard) for dimension in DIMENSIONS]
    overall = overall_of([row for row in rows if row["applies"]])
    return {"dimensions": rows} | overall | {"rule": RULE, "questions": _questions(answers)}


def harmonic(scores: Sequence[float]) -> float:
    """Harmonic mean of scores of at least one dimension, none counted below 1."""
    return len(scores) / sum(1 / max(score, FLOOR) for score in scores)


def score_of(checks: Sequence[Row]) -> float | None:
    """0..10 of the answered weight, None below 60 % of the whole."""
    answered = sum(row["weight"] * row["answered"] for row in checks)
    if answered < ENOUGH * sum(row["weight"] for row in checks) - 1e-9:
        return None
    return float(FULL * _earned(checks) / answered)


def _earned(checks: Sequence[Row]) -> float:
    return sum(float(row["weight"] * row["answered"] * (row["value"] or 0.0)) for row in checks)


def overall_of(dimensions: Sequence[Row]) -> Row:
    """The overall score of rows that have `title` and `score`."""
    scored = [row for row in dimensions if row["score"] is not None]
    row: Row = {"scored": len(scored), "of": len(dimensions)}
    if not scored or len(scored) < ENOUGH * len(dimensions):
        said = (
            f"Not enough evidence for an overall score: {len(scored)} of {plural(len(dimensions), 'dimension')} scored."
        )
        return row | {"overall": None, "rounded": None, "shown": NOT_ENOUGH, "weakest": None, "said": said}
    value = harmonic([entry["score"] for entry in scored])
    weakest = min(scored, key=lambda entry: entry["score"])
    lacking = len(dimensions) - len(scored)
    rest = f" {plural(lacking, 'dimension')} without enough evidence." if lacking else ""
    said = f"{round(value)}/10, held back most by {weakest['title'].lower()} at {_shown(weakest['score'])}.{rest}"
    shown = f"{round(value)}/10"
    return row | {
        "overall": value,
        "rounded": round(value),
        "shown": shown,
        "weakest": weakest["title"],
        "said": said,
    }


def _dimension(dimension: Dimension, heard: Heard) -> Row:
    rows = [answer(check, heard) for check in dimension.checks]
    named: Row = {"slug": dimension.slug, "title": dimension.title, "checks": rows}
    checks = [row for row in rows if row["state"] != APART]
    return named | (_scored(checks) if checks else _apart())


def _apart() -> Row:
    """A dimension of which nothing applies to the client."""
    nothing: Row = dict.fromkeys(("score", "low", "high"))
    said = "None of its checks applies, as the client says."
    return nothing | {"applies": False, "shown": NO_SCORE, "answered": 1.0, "said": said, "raises": []}


def _scored(checks: Sequence[Row]) -> Row:
    """What the checks that apply make of a dimension."""
    weight = sum(row["weight"] for row in checks)
    score, answered = score_of(checks), sum(row["weight"] * row["answered"] for row in checks) / weight
    earned = _earned(checks)
    return {
        "applies": True,
        "score": score,
        "low": FULL * earned / weight,
        "high": FULL * (earned / weight + 1 - answered),
        "shown": _shown(score),
        "answered": answered,
        "said": _said(score, answered, checks),
        "raises": _raises(checks, score)[:MOST_RAISES],
    }


def _shown(score: float | None) -> str:
    return NOT_ENOUGH if score is None else f"{digits(round(score, 1))}/10"


def _said(score: float | None, answered: float, checks: Sequence[Row]) -> str:
    failed = [row["text"] for row in checks if row["value"] is not None and row["value"] < 1]
    if score is None:
        return f"Not enough evidence: {percent(answered)} of the weight was answered, 60 % is needed."
    open_rows = sum(row["answered"] < 1 for row in checks)
    rest = f" {plural(open_rows, 'check')} not answered in full." if open_rows else ""
    return f"{len(failed)} of {plural(len(checks), 'check')} failed in part or whole.{rest}"


def _raises(checks: Sequence[Row], score: float | None) -> list[Row]:
    """What raises the dimension most: repairs by what they gain; then, and first without a score, answers by weight."""
    fixes = [_raise(row, "fix", checks, score) for row in checks if row["value"] is not None and row["value"] < 1]
    answers = [_raise(row, "answer", checks, score) for row in checks if row["answered"] < 1]
    fixes.sort(key=lambda row: (-(row["gain"] or 0.0), -row["weight"], row["check"]))
    answers.sort(key=lambda row: (-row["weight"], row["check"]))
    return answers + fixes if score is None else fixes + answers


def _raise(row: Row, kind: str, checks: Sequence[Row], score: float | None) -> Row:
    better = [entry | {"value": 1.0, "answered": 1.0} if entry is row else entry for entry in checks]
    after = score_of(better)
    gain = None if score is None or after is None else after - score
    return {
        "check": row["check"],
        "text": row["text"],
        "kind": kind,
        "weight": row["weight"] * (1 - row["answered"] if kind == "answer" else 1.0),
        "from": score,
        "to": after,
        "gain": gain,
        "findings": row["findings"],
        "needs": row["needs"] if row["state"] == OPEN or kind == "answer" else [],
    }


def _questions(answers: Mapping[str, str]) -> list[Row]:
    return [
        {"check": check.id, "text": check.text, "dimension": dimension.title, "answer": answers.get(check.id)}
        for dimension in DIMENSIONS
        for check in dimension.checks
    ]
