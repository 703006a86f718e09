"""How a check is answered: a finding denies it, then the client's word counts, then the silence of rules that looked.

    {"check", "text", "weight", "state": "yes" | "partly" | "no" | "does not apply" | "not answered",
     "value": 1 | 0.5 | 0 | None, "answered": share of the weight that counts, "grade": "measured" | "stated" | None,
     "findings": [ids], "rules": [ids that answered], "unasked": [ids that would answer and could not look], "source",
     "needs": [..], "said"}

A High or Medium finding is "no", Low ones alone "partly". Silence answers a condition only, by the rules that measure
it, and never a control (`readiness.base.Check` says why): of three parts two that were measured answer two thirds of
the weight, and the rest stays open. What does not apply to the client leaves the weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviews.capacity.readiness.base import NOT_APPLICABLE, Check
from reviews.report.figures import plural

Row = dict[str, Any]
YES, PARTLY, NO, APART, OPEN = "yes", "partly", "no", "does not apply", "not answered"
VALUES = {YES: 1.0, PARTLY: 0.5, NO: 0.0}
DENIES = ("high", "medium")


@dataclass(frozen=True, slots=True)
class Heard:
    """What may answer: the client's `answers` by check id, and rows of the document."""

    answers: Mapping[str, str]
    findings: Sequence[Mapping[str, Any]]
    clear: Sequence[Mapping[str, Any]]
    not_assessed: Sequence[Mapping[str, Any]]


def answer(check: Check, heard: Heard) -> Row:
    """One row; the shape stands in the module's docstring."""
    found = sorted(_of(heard.findings, check), key=lambda finding: (finding.get("rank", 0), finding["id"]))
    silent, parts = _of(heard.clear, check), [part.split() for part in check.measured]
    looked = [row for row in silent if any(row["rule"] in part for part in parts)]
    left = [part for part in parts if not any(row["rule"] in part for row in looked)]
    unasked = [row for row in heard.not_assessed if any(row["rule"] in part for part in left)]
    said = heard.answers.get(check.id)
    row: Row = {
        "check": check.id,
        "text": check.text,
        "weight": check.weight,
        "findings": [finding["id"] for finding in found],
        "rules": sorted({*(finding["rule"] for finding in found), *(rule["rule"] for rule in looked)}),
        "unasked": sorted({rule["rule"] for rule in unasked}),
        "source": check.source,
        "needs": [],
    }
    if found:
        return row | _denied(found)
    if said == NOT_APPLICABLE:
        return row | _settled(APART, 1.0, "stated", "The client says that it does not apply.")
    if said is not None:
        return row | _settled(said, 1.0, "stated", f"The client says {said}.")
    if looked:
        share = 1 - len(left) / len(parts)
        words = f"{plural(len(looked), 'rule')} looked and found nothing"
        rest = f"; {plural(len(unasked), 'rule')} could not look" if unasked else ""
        return row | _settled(YES, share, "measured", f"{words}{rest}.") | {"needs": _needs(unasked)}
    return row | _open(check, unasked, silent)


def _of(rows: Sequence[Mapping[str, Any]], check: Check) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["mechanism"] in check.rules or row["rule"] in check.rules]


def _denied(found: Sequence[Mapping[str, Any]]) -> Row:
    worst = next((row for row in found if row["severity"] in DENIES), found[0])
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    state = NO if worst["severity"] in DENIES else PARTLY
    return _settled(state, 1.0, "measured", f"{worst['title']} ({worst['severity']}){more}.")


def _settled(state: str, share: float, grade: str, said: str) -> Row:
    return {"state": state, "value": VALUES.get(state), "answered": share, "grade": grade, "said": said}


def _open(check: Check, unasked: Sequence[Mapping[str, Any]], silent: Sequence[Mapping[str, Any]]) -> Row:
    needs = _needs(unasked) or [f'an answer to "{check.text}" ({check.id} under [checks] in the intake)']
    nothing: Row = {"state": OPEN, "value": None, "answered": 0.0, "grade": None}
    said = f"Not answered: needs {needs[0]}."
    if silent:
        said += f" {plural(len(silent), 'rule')} found nothing against it, which does not show that it holds."
    return nothing | {"needs": needs, "said": said}


def _needs(unasked: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(need for row in unasked for need in row["needs"]))
