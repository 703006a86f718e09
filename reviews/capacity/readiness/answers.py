"""How a check is answered: a finding denies it, then the client's word counts, then the silence of rules that looked.

    {"check", "text", "weight", "state": "yes" | "partly" | "no" | "not answered", "value": 1 | 0.5 | 0 | None,
     "answered": share of the weight that counts, "grade": "measured" | "stated" | None, "findings": [ids],
     "rules": [ids that looked], "unasked": [ids that could not look], "source", "needs": [..], "said"}

A High or Medium finding is "no", Low ones alone "partly". Where nothing was found, the check's mechanisms answer one by
one: of three on connections two that were looked for answer two thirds of the weight, and the rest stays open.
Rules that read nothing but source code can deny a check, but their silence answers none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviews.capacity.readiness.base import Check
from reviews.report.figures import plural
from telemetry.kinds.source_code import KINDS as SOURCE
from telemetry.rules import RULES

Row = dict[str, Any]
YES, PARTLY, NO, OPEN = "yes", "partly", "no", "not answered"
VALUES = {YES: 1.0, PARTLY: 0.5, NO: 0.0}
DENIES = ("high", "medium")
# That source holds no such place does not say that the control is there: code without payments doubles none.
READ_CODE_ONLY = frozenset(
    rule.id for rule in RULES if all(kind in SOURCE for kind, _ in (*rule.needs, *rule.needs_any))
)


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
    silent, unasked = _of(heard.clear, check), _of(heard.not_assessed, check)
    looked = [rule for rule in silent if rule["rule"] not in READ_CODE_ONLY]
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
    if said is not None:
        return row | _settled(said, 1.0, "stated", f"The client says {said}.")
    if looked:
        seen = [name for name in check.rules if any(name in (rule["mechanism"], rule["rule"]) for rule in looked)]
        share = len(seen) / len(check.rules)
        words = f"{plural(len(looked), 'rule')} looked and found nothing"
        rest = f"; {plural(len(unasked), 'rule')} could not look" if unasked else ""
        return row | _settled(YES, share, "measured", f"{words}{rest}.") | {"needs": _needs(unasked)}
    return row | _open(check, unasked)


def _of(rows: Sequence[Mapping[str, Any]], check: Check) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["mechanism"] in check.rules or row["rule"] in check.rules]


def _denied(found: Sequence[Mapping[str, Any]]) -> Row:
    worst = next((row for row in found if row["severity"] in DENIES), found[0])
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    state = NO if worst["severity"] in DENIES else PARTLY
    return _settled(state, 1.0, "measured", f"{worst['title']} ({worst['severity']}){more}.")


def _settled(state: str, share: float, grade: str, said: str) -> Row:
    return {"state": state, "value": VALUES[state], "answered": share, "grade": grade, "said": said}


def _open(check: Check, unasked: Sequence[Mapping[str, Any]]) -> Row:
    needs = _needs(unasked) or [f'an answer to "{check.text}" ({check.id} under [checks] in the intake)']
    nothing: Row = {"state": OPEN, "value": None, "answered": 0.0, "grade": None}
    return nothing | {"needs": needs, "said": f"Not answered: needs {needs[0]}."}


def _needs(unasked: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(need for row in unasked for need in row["needs"]))
