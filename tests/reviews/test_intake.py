"""The intake: TOML to record and back, and every problem named with its key path."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.buyer_inputs import BUYER_INPUTS, SLUGS, STATES, input_states
from reviews.intake import Flow, Intake, IntakeError, intake_to_toml, parse_intake
from reviews.intake_fields import SMALLEST

FULL = """
[engagement]
client = "Harbor Books"
title = "500k MAU scaling review"
stack = ["nextjs", "vercel", "postgres", "redis", "bullmq"]
current_mau = 120000
target_mau = 500000
growth_per_month = 0.08
engineers = 3
monthly_revenue = 90000
currency = "usd"
due = 2026-03-31
hard_constraints = ["no deploys on Friday"]

[[flow]]
name = "checkout"
revenue_share = 0.55
user_share = 0.20
routes = ["/api/checkout", "/api/orders/[id]"]
tables = ["orders", "payments"]
queues = ["emails"]

[inputs]
architecture-diagram = "not applicable"
"""


def test_full_intake_is_read() -> None:
    intake = parse_intake(FULL)
    assert intake.client == "Harbor Books"
    assert intake.currency == "USD"
    assert intake.due == date(2026, 3, 31)
    assert intake.flows == (
        Flow("checkout", 0.55, 0.20, ("/api/checkout", "/api/orders/[id]"), ("orders", "payments"), ("emails",)),
    )
    assert intake.inputs == {"architecture-diagram": "not applicable"}
    assert intake.missing() == []


def test_only_client_and_title_are_needed() -> None:
    intake = parse_intake('[engagement]\nclient = "A"\ntitle = "B"\n')
    assert intake == Intake("A", "B")
    assert intake.engineers is None
    assert {"flows", "engineers", "target_mau", "hard_constraints"} <= set(intake.missing())


HEAD = '[engagement]\nclient = "A"\ntitle = "B"\n'


@pytest.mark.parametrize(
    ("toml", "path", "words"),
    [
        ("", "engagement.client", "missing"),
        ("", "engagement.title", "missing"),
        (HEAD + "target_mua = 5\n", "engagement.target_mua", "did you mean target_mau"),
        (HEAD + "[other]\n", "other", "unknown key"),
        (HEAD + "engineers = -1\n", "engagement.engineers", "negative"),
        (HEAD + "growth_per_month = -1\n", "engagement.growth_per_month", "at least -0.99"),
        (HEAD + "target_mau = 3000000000\n", "engagement.target_mau", "at most 2,147,483,647"),
        (HEAD + 'engineers = "3"\n', "engagement.engineers", "whole number"),
        (HEAD + "engineers = true\n", "engagement.engineers", "whole number"),
        (HEAD + "current_mau = 1.5\n", "engagement.current_mau", "whole number"),
        (HEAD + "growth_per_month = 8\n", "engagement.growth_per_month", "0.08"),
        (HEAD + "monthly_revenue = nan\n", "engagement.monthly_revenue", "number"),
        (HEAD + 'stack = "nextjs"\n', "engagement.stack", "list"),
        (HEAD + 'due = "soon"\n', "engagement.due", "date"),
        (HEAD + 'stack = ["a\\u0000b"]\n', "engagement.stack", "control"),
        (HEAD + '[[flow]]\nname = "x"\nrevenue_share = 55\n', "flow[1].revenue_share", "0.55"),
        (HEAD + '[[flow]]\nname = "x"\nrevenue_share = -0.1\n', "flow[1].revenue_share", "negative"),
        (HEAD + '[[flow]]\nname = "x"\nroute = []\n', "flow[1].route", "routes"),
        (HEAD + "[[flow]]\nrevenue_share = 0.1\n", "flow[1].name", "missing"),
        (HEAD + "flow = 3\n", "engagement.flow", "unknown"),
        ("flow = 3\n" + HEAD, "flow", "[[flow]]"),
        (HEAD + '[[flow]]\nname = "x"\n[[flow]]\nname = "x"\n', "flow", "twice"),
        (HEAD + '[inputs]\ndiagram = "received"\n', "inputs.diagram", "unknown"),
        (HEAD + '[inputs]\ntop-flows = "maybe"\n', "inputs.top-flows", "one of"),
        ("[engagement\n", "The intake", "not valid TOML"),
        ("a = " + "[" * 20000, "The intake", "deeply"),
    ],
)
def test_every_problem_names_its_key(toml: str, path: str, words: str) -> None:
    with pytest.raises(IntakeError) as caught:
        parse_intake(toml)
    assert [problem for problem in caught.value.problems if problem.startswith(path) and words in problem]


def test_all_problems_are_listed_at_once() -> None:
    with pytest.raises(IntakeError) as caught:
        parse_intake('[engagement]\nclient = 3\nsize = 1\n[[flow]]\nname = "a"\nuser_share = 2\n')
    assert len(caught.value.problems) == 4


def test_revenue_is_divided_but_users_overlap() -> None:
    flows = '[[flow]]\nname = "a"\n{0} = 0.6\n[[flow]]\nname = "b"\n{0} = 0.5\n'
    assert len(parse_intake(HEAD + flows.format("user_share")).flows) == 2
    with pytest.raises(IntakeError, match=r"add up to 1\.10"):
        parse_intake(HEAD + flows.format("revenue_share"))


def test_shares_that_add_up_to_one_are_not_refused_for_rounding() -> None:
    flows = "".join(f'[[flow]]\nname = "{n}"\nrevenue_share = 0.1\n' for n in range(10))
    assert len(parse_intake(HEAD + flows).flows) == 10


_words = st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", codec="utf-8"), min_size=1, max_size=40)
_text = _words.map(str.strip).filter(bool)
_list = st.lists(_text, max_size=3).map(tuple)
_part = st.none() | st.just(0.0) | st.floats(SMALLEST, 0.2)
_flows = st.lists(st.builds(Flow, _text, _part, _part, _list, _list, _list), max_size=5, unique_by=lambda f: f.name)
_intakes = st.builds(
    Intake,
    client=_text,
    title=_text,
    stack=_list,
    current_mau=st.none() | st.integers(0, 10**9),
    growth_per_month=st.none() | st.just(0.0) | st.floats(SMALLEST, 5),
    engineers=st.none() | st.integers(0, 500),
    stage=st.none() | st.just("evidence"),
    monthly_revenue=st.none() | st.just(0.0) | st.floats(SMALLEST, 1e12),
    currency=st.none() | st.just("EUR"),
    due=st.none() | st.dates(),
    hard_constraints=_list,
    flows=_flows.map(tuple),
    inputs=st.dictionaries(st.sampled_from(SLUGS), st.sampled_from(STATES)),
)


@given(_intakes)
def test_writing_and_reading_gives_the_same_intake(intake: Intake) -> None:
    assert parse_intake(intake_to_toml(intake)) == intake


def test_nine_buyer_inputs_in_three_groups() -> None:
    groups = [entry.group for entry in BUYER_INPUTS]
    assert groups == ["Architecture"] * 3 + ["Telemetry"] * 3 + ["Operations"] * 3
    assert len(set(SLUGS)) == 9


def test_states_come_from_uploads_then_from_what_was_stated() -> None:
    rows = input_states({"postgres-log", "access-log"}, {"redis-memory": "not applicable"}, True, False)
    states = {row["slug"]: row["state"] for row in rows}
    assert states["slow-query-logs"] == "received"
    assert states["function-usage"] == "missing"
    assert [row["slug"] for row in rows if row["partial"]] == ["function-usage"]
    assert states["redis-memory"] == "not applicable"
    assert states["top-flows"] == "received"
    assert states["hard-constraints"] == "missing"
