"""Whether a criterion is met: by a number against the policy's limit, by a finding, or by the client's answer.

A row of a criterion:

    {"text", "state": "met" | "near" | "not met" | "not measured", "required": bool, "value", "low", "high", "unit",
     "limit", "direction", "used": share of the way | None, "grade", "uses": [..], "findings": [ids], "check": id,
     "source", "needs": [..], "said"}

Without a number, a finding, a rule that looked, or an answer the state is "not measured": never "not met". What does
not apply is no reason to build something: "not met".
"""

from typing import Any

from reviews.capacity.choices.base import Criterion
from reviews.capacity.facts import Facts
from reviews.capacity.inputs import Missing
from reviews.capacity.measured import measure_of
from reviews.capacity.policies.base import ABOVE, NEAR, Threshold
from reviews.capacity.readiness.base import NOT_APPLICABLE
from reviews.report.figures import figure as printed
from reviews.report.figures import listed

Row = dict[str, Any]
MET, CLOSE, NOT_MET, NOT_MEASURED = "met", "near", "not met", "not measured"
ANSWERED = {"yes": MET, "partly": CLOSE, "no": NOT_MET, NOT_APPLICABLE: NOT_MET}


def number_row(threshold: Threshold, facts: Facts) -> Row:
    """A limit of the policy against the client's number."""
    measure = measure_of(threshold.measure)
    limit = printed(threshold.value, measure.unit)
    text = f"{measure.title} {'above' if threshold.direction == ABOVE else 'below'} {limit}"
    row = _blank(text, threshold.source, threshold.required) | {
        "unit": measure.unit,
        "limit": threshold.value,
        "direction": threshold.direction,
    }
    found = facts.measured(measure.key)
    if isinstance(found, Missing):
        return row | _not_measured(found.needs[0]) | {"uses": list(found.keys)}
    near = threshold.used(found.value) >= NEAR and not threshold.abrupt
    state = MET if threshold.passed(found.value) else CLOSE if near else NOT_MET
    return row | {
        "state": state,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "used": None if threshold.abrupt else threshold.used(found.value),
        "grade": found.grade.word,
        "uses": list(found.uses),
        "said": f"{measure.title}: {printed(found.value, measure.unit)} ({found.grade.word}), {state}",
    }


def criterion_row(criterion: Criterion, source: str, facts: Facts) -> Row:
    """A finding decides first, then the client's answer, then a rule that looked and found nothing."""
    row = _blank(criterion.text, source, criterion.required) | {"check": criterion.check}
    if hits := facts.hits(criterion.rules):
        said = f"{criterion.text}: found, {hits[0]['title']}" + (f" and {len(hits) - 1} more" if len(hits) > 1 else "")
        return row | {"state": MET, "grade": "measured", "findings": [hit["id"] for hit in hits], "said": said}
    answer = facts.answers.get(criterion.check) if criterion.check else None
    if answer is not None:
        return row | {
            "state": ANSWERED[answer],
            "grade": "stated",
            "said": f"{criterion.text}: {_stated(answer)}",
        }
    if looked := facts.looked(criterion.rules):
        said = f"{criterion.text}: looked for by {len(looked)} {'rule' if len(looked) == 1 else 'rules'}, not found"
        return row | {"state": NOT_MET, "grade": "measured", "said": said}
    return row | _not_measured(_needs(criterion, facts))


def _stated(answer: str) -> str:
    return "it does not apply, the client says" if answer == NOT_APPLICABLE else f"the client says {answer}"


def _needs(criterion: Criterion, facts: Facts) -> str:
    """What would answer it: the client, or the first input that a rule asks for."""
    answer = f'an answer to "{criterion.text}" ({criterion.check} under [checks] in the intake)'
    asked = [row for row in facts.not_assessed if {row["rule"], row["mechanism"]} & set(criterion.rules)]
    wanted = [need for row in asked for need in row["needs"]]
    if criterion.check:
        return answer
    return wanted[0] if wanted else f"what the rules on {listed(list(criterion.rules), 3)} read"


def _blank(text: str, source: str, required: bool) -> Row:
    nothing: Row = dict.fromkeys(("value", "low", "high", "limit", "used", "grade"))
    lists: Row = {"uses": [], "findings": [], "needs": []}
    return (
        nothing
        | lists
        | {"text": text, "source": source, "required": required, "unit": "", "direction": ""}
        | {"check": ""}
    )


def _not_measured(needs: str) -> Row:
    return {"state": NOT_MEASURED, "needs": [needs], "said": f"not measured: needs {needs}"}
