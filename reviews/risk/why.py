"""The arithmetic behind a severity, step by step, as data for a panel."""

from reviews.report.figures import figure, percent
from reviews.risk.matrix import PROBABILITY, Grade, severity_of
from reviews.risk.rank import Risk
from reviews.risk.score import Exposure, Quantity

Step = dict[str, str]

DEGRADATION = {
    1.0: "stops, loses or duplicates money or rows",
    0.6: "errors or timeouts for a part of the requests",
    0.3: "latency over its budget",
    0.1: "cost or toil",
}


def steps_of(risk: Risk) -> list[Step]:
    """Label, value, grade and basis of every step from flows to severity and leverage."""
    steps = [step for exposure in risk.inputs.exposures for step in _exposure_steps(exposure)]
    steps += [_degradation(risk), *_impact(risk), *_place(risk)]
    if risk.lifted_by:
        basis = f"it is behind “{risk.lifted_by}”; what that puts at risk is counted here"
        steps.append(_step("Raised", risk.counted.severity.word, Grade.DERIVED, basis))
    return steps + _leverage(risk)


def severity_cap(risk: Risk) -> str:
    """What keeps the severity down or lifts it; empty when the matrix alone decides."""
    if risk.lifted_by and risk.counted.severity > risk.own.severity:
        return f"Raised from {risk.own.severity.word}: it is behind “{risk.lifted_by}”, which already stands there."
    return risk.own.cap


def _step(label: str, value: str, grade: Grade, basis: str) -> Step:
    return {"label": label, "value": value, "grade": grade.word, "basis": basis}


def _quantity(label: str, quantity: Quantity) -> Step:
    shown = f"{quantity.point:.2f}"
    if quantity.low != quantity.high:
        shown += f" ({quantity.low:.2f} to {quantity.high:.2f})"
    return _step(label, shown, quantity.grade, quantity.basis)


def _exposure_steps(exposure: Exposure) -> list[Step]:
    join = exposure.reached
    return [
        *([_step(f"{exposure.flow}: reached by", join.by, join.grade, join.said)] if join else []),
        _quantity(f"{exposure.flow}: share of revenue", exposure.revenue),
        _quantity(f"{exposure.flow}: share of users", exposure.users),
        _quantity(f"{exposure.flow}: share of its requests that meet it", exposure.touched),
    ]


def _degradation(risk: Risk) -> Step:
    d = 1.0 if risk.inputs.money else risk.inputs.degradation
    return _step("Degradation", f"{d:.2g}", Grade.DERIVED, DEGRADATION.get(d, "set by the rule"))


def _impact(risk: Risk) -> list[Step]:
    own = risk.own
    floor = "; money integrity holds it at 4 or above" if risk.inputs.money else ""
    return [
        _step("Revenue behind it", str(figure(own.revenue, "share")), _worst(risk, 0), "degradation × Σ share × part"),
        _step(
            "Users behind it",
            str(figure(own.users, "share")),
            _worst(risk, 1),
            "degradation × the largest share × part",
        ),
        _step("Impact", f"{own.impact} of 5", Grade.DERIVED, "the higher of the two bands" + floor),
    ]


def _worst(risk: Risk, which: int) -> Grade:
    order = "MDSA"
    pairs = [((entry.revenue, entry.users)[which], entry.touched) for entry in risk.inputs.exposures]
    grades = [quantity.grade for pair in pairs for quantity in pair if quantity.grade is not Grade.MEASURED]
    return max(grades, key=lambda grade: order.index(grade.value), default=Grade.DERIVED)


def _place(risk: Risk) -> list[Step]:
    own, proximity = risk.own, risk.inputs.proximity
    cell = severity_of(own.impact, own.proximity)
    basis = own.cap or f"matrix: impact {own.impact}, proximity {own.proximity} gives {cell.word}"
    if not own.robust:
        basis += f"; {own.low.word} to {own.high.word} at the ends of what is not measured"
    return [
        _step("Proximity", f"{proximity.value} of 5", proximity.grade, proximity.reason),
        _step("Severity", own.severity.word, Grade.DERIVED, basis),
    ]


def _leverage(risk: Risk) -> list[Step]:
    counted, inputs = risk.counted, risk.inputs
    chance = PROBABILITY[counted.proximity]
    return [
        _step(
            "Expected share of revenue in 90 days",
            str(figure(counted.expected, "share")),
            Grade.DERIVED,
            f"revenue behind it × {chance:g}, the declared chance at proximity {counted.proximity}",
        ),
        _step(
            "Leverage",
            f"{figure(counted.leverage, 'share')} a day",
            Grade.DERIVED,
            f"× {percent(inputs.removes)} removed by the fix ÷ {inputs.effort_days:g} engineer-days",
        ),
    ]
