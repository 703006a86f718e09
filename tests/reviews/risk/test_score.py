"""The arithmetic of a risk: the worked table, the gate before High, and that worse never scores milder."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.risk.matrix import Grade, Proximity, Severity
from reviews.risk.score import Exposure, Inputs, Quantity, gate, score

REVENUE = {"signup": 0.20, "billing": 0.50, "core": 0.30}
USERS = {"signup": 0.10, "billing": 0.15, "core": 0.90}
ALL = dict.fromkeys(REVENUE, 1.0)


def exact(value: float, grade: Grade = Grade.MEASURED) -> Quantity:
    return Quantity.exact(value, grade, "given")


def inputs(e: dict[str, float], d: float, x: int, days: float, removes: float) -> Inputs:
    exposures = tuple(Exposure(flow, exact(REVENUE[flow]), exact(USERS[flow]), exact(e[flow])) for flow in e)
    return Inputs(exposures, d, Proximity(x, "given"), removes, days)


# name, e, d, X, days, removes, R, U, I, severity, E, leverage a day
WORKED = [
    ("pool and index", ALL, 0.6, 5, 1, 0.7, 0.600, 0.540, 5, "high", 0.540, 0.378),
    ("no idempotency", {"billing": 0.4}, 1.0, 5, 1.5, 0.8, 0.200, 0.060, 5, "high", 0.180, 0.096),
    ("release safety", ALL, 1.0, 2, 2, 0.5, 1.0, 0.900, 5, "medium", 0.100, 0.025),
    ("keys without expiry", {"core": 0.3}, 0.3, 3, 1, 0.9, 0.027, 0.081, 3, "medium", 0.0081, 0.0073),
    ("slow route", {"core": 0.2, "signup": 0.3}, 0.1, 5, 3, 0.6, 0.012, 0.018, 3, "medium", 0.0108, 0.0022),
    ("admin offset", {"core": 0.02}, 0.3, 4, 2, 0.9, 0.0018, 0.0054, 1, "low", 0.0011, 0.0005),
]


@pytest.mark.parametrize("case", WORKED, ids=[case[0] for case in WORKED])
def test_the_worked_table(case: tuple) -> None:  # type: ignore[type-arg]
    _, e, d, x, days, removes, revenue, users, impact, severity, expected, leverage = case
    scored = score(inputs(e, d, x, days, removes))
    assert scored.revenue == pytest.approx(revenue, abs=5e-5)
    assert scored.users == pytest.approx(users, abs=5e-5)
    assert (scored.impact, scored.severity.word) == (impact, severity)
    assert scored.expected == pytest.approx(expected, abs=5e-5)
    assert scored.leverage == pytest.approx(leverage, abs=5e-5)


def test_the_worked_table_gives_two_high_three_medium_one_low() -> None:
    words = [score(inputs(*case[1:6])).severity.word for case in WORKED]
    assert words == ["high", "high", "medium", "medium", "medium", "low"]


def test_nothing_is_high_on_assumptions_alone() -> None:
    severity, cap = gate(5, Proximity(5, "somebody thinks so", Grade.ASSUMED))
    assert severity is Severity.MEDIUM
    assert cap.startswith("Medium (assumed; would be High if")


def test_a_level_of_three_needs_a_measured_date() -> None:
    assert gate(5, Proximity(3, "70 % of a limit"))[0] is Severity.MEDIUM
    assert gate(5, Proximity(3, "60 days", trend=True))[0] is Severity.HIGH
    assert gate(5, Proximity(3, "60 days", Grade.STATED, trend=True))[0] is Severity.MEDIUM


def test_an_observed_loss_of_money_holds_impact_at_four() -> None:
    small = Inputs((Exposure("core", exact(0.001), exact(0.001), exact(0.01)),), 0.1, Proximity(5, "seen"), 0.5, 1)
    assert score(small).impact == 1
    assert score(replace(small, money=True)).severity is Severity.HIGH
    assert score(replace(small, money=True)).impact == 4


def test_unmeasured_inputs_give_a_range() -> None:
    unsure = Quantity(0.02, 0.25, 1.0, Grade.ASSUMED, "not measured")
    scored = score(Inputs((Exposure("all", exact(1.0), exact(1.0), unsure),), 0.6, Proximity(5, "seen"), 0.5, 1))
    assert (scored.low, scored.severity, scored.high) == (Severity.MEDIUM, Severity.HIGH, Severity.HIGH)
    assert Grade.ASSUMED in scored.decisive


def test_an_unmeasured_input_that_changes_nothing_does_not_decide() -> None:
    unsure = Quantity(0.8, 0.9, 1.0, Grade.ASSUMED, "not measured")
    scored = score(Inputs((Exposure("all", exact(1.0), exact(1.0), unsure),), 1.0, Proximity(5, "seen"), 0.5, 1))
    assert scored.robust
    assert scored.decisive == (Grade.MEASURED,)


def test_an_assumed_share_of_the_business_always_decides() -> None:
    whole = exact(1.0, Grade.ASSUMED)
    scored = score(Inputs((Exposure("all", whole, whole, exact(1.0)),), 1.0, Proximity(5, "seen"), 0.5, 1))
    assert scored.robust
    assert Grade.ASSUMED in scored.decisive


_share = st.floats(0, 1)
_flow = st.tuples(_share, _share, _share)
_proximity = st.builds(Proximity, st.integers(1, 5), st.just("given"), st.sampled_from(Grade), st.booleans())
_degradation = st.sampled_from([0.1, 0.3, 0.6, 1.0])


def build(flows: list[tuple[float, float, float]], d: float, proximity: Proximity) -> Inputs:
    exposures = tuple(Exposure(str(i), exact(r), exact(u), exact(e)) for i, (r, u, e) in enumerate(flows))
    return Inputs(exposures, d, proximity, 0.5, 1)


@given(st.lists(_flow, min_size=1, max_size=5), _degradation, _proximity, st.data())
def test_worse_inputs_never_lower_the_severity(
    flows: list[tuple[float, float, float]], d: float, proximity: Proximity, data: st.DataObject
) -> None:
    worse = [tuple(data.draw(st.floats(part, 1)) for part in flow) for flow in flows]
    worse_d = data.draw(st.sampled_from([level for level in (0.1, 0.3, 0.6, 1.0) if level >= d]))
    worse_x = replace(proximity, value=data.draw(st.integers(proximity.value, 5)))
    before = score(build(flows, d, proximity))
    after = score(build(worse, worse_d, worse_x))  # type: ignore[arg-type]
    assert after.severity >= before.severity
    assert after.impact >= before.impact
    assert after.expected >= before.expected - 1e-12


@given(st.lists(_flow, min_size=1, max_size=5), _degradation, _proximity)
def test_the_point_lies_within_its_range(
    flows: list[tuple[float, float, float]], d: float, proximity: Proximity
) -> None:
    wide = [
        Exposure(str(i), *(Quantity(part / 2, part, min(1, part * 2), Grade.STATED, "") for part in flow))
        for i, flow in enumerate(flows)
    ]
    scored = score(Inputs(tuple(wide), d, proximity, 0.5, 1))
    assert scored.low <= scored.severity <= scored.high
