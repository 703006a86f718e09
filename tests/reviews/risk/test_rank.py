"""One ranked list: merged, linked, causes first, the same whatever the order of the input."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.intake import Flow
from reviews.risk.confidence import Confidence
from reviews.risk.finding import finding_of
from reviews.risk.rank import rank_hits
from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Hit, Outcome
from tests.reviews.risk.making import WEEK_S, make_hit, make_row, make_rule, outcome

FLOWS = (
    Flow("checkout", 0.55, 0.20, ("/api/checkout", "/api/orders/[id]"), ("orders", "payments"), ("emails",)),
    Flow("search", 0.25, 0.52, ("/api/search",), ("books",)),
)
SLOW = make_rule()
INDEX = make_rule(id="XX002", area="postgres", mechanism="missing-index", degradation=0.1)
OTHER_INDEX = make_rule(id="XX003", area="postgres", mechanism="missing-index", degradation=0.3)


def evidence(*outcomes: Outcome) -> EvidenceSet:
    return EvidenceSet([cite.evidence for one in outcomes for hit in one.hits for cite in hit.cites])


def ranked(*outcomes: Outcome, flows: tuple[Flow, ...] = FLOWS) -> list:  # type: ignore[type-arg]
    return rank_hits(outcomes, evidence(*outcomes), flows)


def test_a_cause_stands_above_its_symptom_and_takes_its_place() -> None:
    slow = outcome(SLOW, make_hit(("route", "/api/checkout"), breach=True))
    index = outcome(INDEX, make_hit(("table", "orders(customer_id)"), utilisation=0.5))
    first, second = ranked(slow, index)
    assert (first.rule.mechanism, second.rule.mechanism) == ("missing-index", "slow-route")
    assert first.symptoms == (second.key,)
    assert second.causes == (first.key,)
    assert first.own.severity < first.counted.severity == second.counted.severity
    assert first.lifted_by == "/api/checkout fails"
    assert (first.rank, second.rank) == (1, 2)


def test_what_a_symptom_puts_at_risk_counts_once() -> None:
    slow = outcome(SLOW, make_hit(("route", "/api/checkout"), breach=True, shared=True))
    index = outcome(OTHER_INDEX, make_hit(("table", "orders"), breach=True))
    cause, symptom = (finding_of(risk, monthly_revenue=1000) for risk in ranked(slow, index))
    assert (cause["severity"], symptom["severity"]) == ("high", "high")
    assert cause["expected_share"] == symptom["expected_share"]  # at least what its symptom already costs
    assert (cause["counts"], symptom["counts"]) == (True, False)
    assert symptom["because"] == ["the route waits for it"]
    assert cause["severity_cap"] == ""  # it was high before


def test_hits_about_the_same_failure_merge_and_keep_all_evidence() -> None:
    here = make_row("pg.stat.statement", "orders", "stat.csv", mean_ms=900.0)
    there = make_row("pg.log.statement", "orders", "pg.log", mean_ms=950.0)
    first = outcome(INDEX, make_hit(("table", "orders"), here, breach=True))
    second = outcome(OTHER_INDEX, make_hit(("table", "orders"), there, breach=True))
    [risk] = ranked(first, second)
    assert risk.rule is OTHER_INDEX
    finding = finding_of(risk)
    assert finding["rules"] == ["XX002", "XX003"]
    assert {row["file"] for row in finding["evidence"]} == {"stat.csv", "pg.log"}


def test_the_key_does_not_depend_on_which_rule_decides() -> None:
    hit = make_hit(("table", "orders"), breach=True)
    [alone], [other] = ranked(outcome(INDEX, hit)), ranked(outcome(OTHER_INDEX, hit))
    assert alone.key == other.key == "missing-index:table:orders"
    assert alone.code == other.code
    assert len(alone.code) == 10


def test_a_long_subject_gets_a_key_that_fits_and_differs() -> None:
    names = ["SELECT " + "x, " * 200 + tail for tail in ("a", "b")]
    keys = [ranked(outcome(INDEX, make_hit(("query", name))))[0].key for name in names]
    assert len(set(keys)) == 2
    assert max(map(len, keys)) <= 300


def test_money_that_was_doubled_is_high_however_few_requests() -> None:
    rule = make_rule(mechanism="duplicate-delivery", degradation=0.1)
    [risk] = ranked(
        outcome(rule, make_hit(("endpoint", "/hook"), routes=("/api/search",), breach=True, exposure=0.001))
    )
    assert (risk.own.impact, risk.own.severity.word) == (4, "high")


@pytest.mark.parametrize(("degradation", "severity"), [(0.3, "high"), (0.1, "medium")])
def test_without_flows_a_breach_is_placed_by_what_it_does_and_shown_as_a_range(
    degradation: float, severity: str
) -> None:
    hit = make_hit(("query", "SELECT 1"), breach=True, degradation=degradation)
    finding = finding_of(ranked(outcome(SLOW, hit), flows=())[0])
    assert finding["severity"] == severity
    assert finding["severity_range"][1] == "high"
    assert finding["flows"] == []
    assert finding["confidence"] == "assumed"


def test_every_step_of_the_arithmetic_is_told() -> None:
    [risk] = ranked(outcome(SLOW, make_hit(("route", "/api/checkout"), breach=True, exposure=0.5)))
    finding = finding_of(risk, monthly_revenue=90_000)
    labels = [step["label"] for step in finding["severity_reason"]]
    assert labels[:4] == [
        "checkout: reached by",
        "checkout: share of revenue",
        "checkout: share of users",
        "checkout: share of its requests that meet it",
    ]
    assert labels[-2:] == ["Expected share of revenue in 90 days", "Leverage"]
    # 0.6 * 0.55 * 0.5 = 0.165; 0.9 of it expected
    assert finding["expected_share"] == pytest.approx(0.1485)
    assert finding["money_at_risk_per_month"] == pytest.approx(13_365)
    assert finding["references"][0] == {"title": "A page", "url": "https://example.com/page"}


def test_at_most_twelve_pieces_of_evidence() -> None:
    rows = [make_row("http.route", f"/{n}", f"{n}.log", requests=float(n)) for n in range(20)]
    cites = tuple(make_hit(row=row).cites[0] for row in rows)
    [risk] = ranked(outcome(SLOW, make_hit(cites=cites)))
    assert len(finding_of(risk)["evidence"]) == 12


def _hit(subject: str, file: int, reach: int, exposure: float | None, level: int) -> Hit:
    row = make_row("http.route", subject, f"{file}.log", requests=10.0, window_s=WEEK_S * (file + 1) / 3)
    how: dict[str, object] = [{"breach": True}, {"utilisation": 0.85}, {"days_to_limit": 60.0}, {}][level]  # type: ignore[assignment]
    reached = [{"routes": ("/api/checkout",)}, {"tables": ("books",)}, {"shared": True}, {}][reach]
    return make_hit(("query", subject), row, exposure=exposure, **how, **reached)


_hits = st.lists(
    st.builds(
        _hit,
        st.sampled_from("abcd"),
        st.integers(0, 3),
        st.integers(0, 3),
        st.none() | st.sampled_from([0.0, 0.01, 0.3, 1.0]),
        st.integers(0, 3),
    ),
    max_size=6,
)
_mechanisms = ["missing-index", "slow-query", "slow-route", "lock-contention", "temp-file-spill"]
_outcomes = st.lists(_hits, min_size=1, max_size=5).map(
    lambda groups: [
        outcome(make_rule(id=f"XX{place:03}", mechanism=_mechanisms[place]), *hits)
        for place, hits in enumerate(groups)
        if hits
    ]
)


@given(_outcomes, st.sampled_from([FLOWS, ()]), st.integers())
def test_permuting_the_input_never_changes_the_rank(
    outcomes: list[Outcome], flows: tuple[Flow, ...], seed: int
) -> None:
    shuffled = [replace(one, hits=tuple(random.Random(seed).sample(one.hits, len(one.hits)))) for one in outcomes]
    random.Random(seed).shuffle(shuffled)
    before = [(risk.key, risk.counted.severity, risk.rank) for risk in ranked(*outcomes, flows=flows)]
    assert [(risk.key, risk.counted.severity, risk.rank) for risk in ranked(*shuffled, flows=flows)] == before


@given(_outcomes, st.sampled_from([FLOWS, ()]))
def test_no_symptom_ranks_above_its_cause(outcomes: list[Outcome], flows: tuple[Flow, ...]) -> None:
    risks = ranked(*outcomes, flows=flows)
    place = {risk.key: risk.rank for risk in risks}
    assert sorted(place.values()) == list(range(1, len(risks) + 1))
    for risk in risks:
        assert all(place[cause] < risk.rank for cause in risk.causes)


def _confidences(outcomes: list[Outcome], rows: list[Evidence], flows: tuple[Flow, ...]) -> dict[str, Confidence]:
    return {risk.key: risk.assurance.confidence for risk in rank_hits(outcomes, EvidenceSet(rows), flows)}


@given(_outcomes, st.sampled_from([FLOWS, ()]), st.integers(0, 3))
def test_removing_a_file_never_raises_confidence(
    outcomes: list[Outcome], flows: tuple[Flow, ...], removed: int
) -> None:
    traffic = [
        make_row("http.route", route, f"{file}.log", requests=count, window_s=WEEK_S)
        for route, file, count in (("/api/checkout", 0, 5.0), ("/api/orders/[id]", 1, 900.0), ("/api/search", 2, 50.0))
    ]
    rows = [*traffic, *evidence(*outcomes).rows]
    gone = f"{removed}.log"
    kept = [replace(one, hits=tuple(hit for hit in one.hits if hit.cites[0].evidence.file != gone)) for one in outcomes]
    before = _confidences(outcomes, rows, flows)
    after = _confidences(kept, [row for row in rows if row.file != gone], flows)
    assert all(after[key] <= before[key] for key in after)
