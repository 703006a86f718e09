"""Rules answer their cases, say only numbers that are cited, and do not soften when things get worse."""

import re
from dataclasses import replace

import pytest

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.kinds import KINDS
from telemetry.rules import RULES
from telemetry.rules.base import Hit, Rule, Status, run_rule, run_rules
from telemetry.rules.numbers import shown, wilson_lower
from tests.telemetry.rule_cases import STATUS_OF, Case, all_cases, cases_of

_WHOLES = ("requests", "completed", "processed", "checkpoints", "maxclients", "events", "api_events", "places")
_NUMBER = re.compile(r"(?<![\w.(/-])\d[\d,]*(?:\.\d+)?(?![\w(])")


def named(case: Case) -> str:
    return case.name


def test_there_are_cases() -> None:
    assert len(all_cases()) >= 4 * len(RULES)


@pytest.mark.parametrize("case", all_cases(), ids=named)
def test_rule_answers_its_case(case: Case) -> None:
    outcome = case.run()
    assert outcome.status == STATUS_OF[case.type], (outcome.status, [hit.said for hit in outcome.hits], outcome.needs)
    if "subjects" in case.expected:
        assert [hit.subject.name for hit in outcome.hits] == case.expected["subjects"]
    if "kinds" in case.expected:
        assert [hit.subject.kind for hit in outcome.hits] == case.expected["kinds"]
    for key in ("title", "breach", "degradation", "limit", "tables", "routes", "shared"):
        if key in case.expected:
            got = getattr(outcome.hits[0], key)
            assert (list(got) if key in ("tables", "routes") else got) == case.expected[key]
    assert case.expected.get("snippet", "") in (outcome.hits[0].snippet if outcome.hits else "")
    assert case.expected.get("says", "") in (outcome.hits[0].said if outcome.hits else "")
    assert case.expected.get("needs", "") in " ".join(outcome.needs)


@pytest.mark.parametrize("case", all_cases(), ids=named)
def test_evidence_of_case_is_in_the_vocabulary(case: Case) -> None:
    for row in case.rows:
        assert set(row.metrics) <= set(KINDS[row.kind])


@pytest.mark.parametrize("case", cases_of("hit"), ids=named)
def test_hit_is_fit_to_print(case: Case) -> None:
    hits = case.run().hits
    assert hits
    assert len({hit.subject for hit in hits}) == len(hits), "a rule answers once for a subject"
    for hit in hits:
        assert hit.cites
        assert all(cite.metric in cite.evidence.metrics for cite in hit.cites)
        assert len(hit.title.split()) <= 8
        assert hit.said.endswith(".")
        assert "!" not in hit.said
        assert hit.utilisation is None or 0 <= hit.utilisation <= 1
        assert not (hit.breach and hit.utilisation is not None)


@pytest.mark.parametrize("case", cases_of("hit"), ids=named)
def test_every_number_said_is_cited(case: Case) -> None:
    for hit in case.run().hits:
        assert said_numbers(hit) <= printed_numbers(hit), hit.said


def said_numbers(hit: Hit) -> set[str]:
    names = [hit.subject.name, *hit.tables, *hit.routes, *hit.queues, *(cite.evidence.subject for cite in hit.cites)]
    text = hit.said
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return set(_NUMBER.findall(text))


def printed_numbers(hit: Hit) -> set[str]:
    texts = [shown(cite.value, cite.unit) for cite in hit.cites]
    texts += [shown(hit.limit, unit) for unit in {cite.unit for cite in hit.cites}]
    return {number for text in texts for number in _NUMBER.findall(text)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_no_evidence_is_cannot_tell(rule: Rule) -> None:
    outcome = run_rule(rule, EvidenceSet([]))
    assert outcome.status is Status.CANNOT_TELL
    assert outcome.needs


@pytest.mark.parametrize("case", cases_of("hit"), ids=named)
@pytest.mark.parametrize("times", [1.5, 10, 1000])
def test_worse_never_clears(case: Case, times: float) -> None:
    """Raising the deciding number of each hit (lowering it where the limit is a floor) keeps the hit."""
    for hit in case.run().hits:
        deciding = hit.cites[0]
        if deciding.metric in case.expected.get("not_monotone", []):
            continue
        worse = deciding.value * times if deciding.value > hit.limit else deciding.value / times
        rows = [_with(row, deciding.metric, worse) if row is deciding.evidence else row for row in case.rows]
        assert hit.subject in [one.subject for one in run_rule(case.rule, EvidenceSet(rows)).hits]


def _with(row: Evidence, metric: str, value: float) -> Evidence:
    """The row with one metric changed; a share stays a share, and what counts a part never exceeds its whole."""
    unit = KINDS[row.kind][metric]
    metrics = dict(row.metrics) | {metric: min(value, 1.0) if unit == "share" else value}
    for whole in _WHOLES:
        if whole in metrics and whole != metric and unit == "1":
            metrics[metric] = min(metrics[metric], metrics[whole]) if whole != "completed" else metrics[metric]
    return replace(row, metrics=metrics)


@pytest.mark.parametrize("case", cases_of("hit", "near_miss"), ids=named)
def test_order_of_files_changes_nothing(case: Case) -> None:
    there = run_rule(case.rule, EvidenceSet(list(case.rows)))
    back = run_rule(case.rule, EvidenceSet(list(reversed(case.rows))))
    assert there.status == back.status
    assert {hit.subject for hit in there.hits} == {hit.subject for hit in back.hits}


def test_all_rules_take_all_evidence_at_once() -> None:
    rows = [row for case in all_cases() for row in case.rows]
    outcomes = run_rules(RULES, EvidenceSet(rows))
    assert [outcome.rule for outcome in outcomes] == RULES
    for outcome in outcomes:
        assert len({hit.subject for hit in outcome.hits}) == len(outcome.hits), outcome.rule.slug


@pytest.mark.parametrize(
    ("part", "whole", "lower"),
    [(0, 10, 0.0), (27, 30, 0.744), (28, 30, 0.787), (30, 30, 0.886), (12, 1000, 0.0069)],
)
def test_wilson_lower_matches_published_intervals(part: int, whole: int, lower: float) -> None:
    assert wilson_lower(part, whole) == pytest.approx(lower, abs=0.0006)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234567, "1", "1,234,567"),
        (0.9834, "share", "98.3 %"),
        (0.0042, "share", "0.42 %"),
        (1240.4, "ms", "1,240 ms"),
        (31_500, "us", "31.5 ms"),
        (14_000, "ms", "14 s"),
        (300, "s", "5 min"),
        (7200, "s", "2 h"),
        (3 * 1024**3, "bytes", "3 GB"),
        (12.345, "blocks", "12.3"),
    ],
)
def test_numbers_are_shown_with_their_unit(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text
