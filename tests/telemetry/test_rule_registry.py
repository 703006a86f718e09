"""The list of rules matches the disk, and each rule is complete and fit to print."""

import re
from collections import Counter
from pathlib import Path

import pytest

from telemetry.kinds import KINDS
from telemetry.mechanisms import AREAS, MECHANISMS
from telemetry.rules import RULES
from telemetry.rules.base import Rule
from tests.telemetry.rule_cases import CASES, all_cases

RULE_FOLDER = Path(__import__("telemetry").__file__).parent / "rules"
PREFIX = {
    "cost": "CO",
    "postgres": "PG",
    "redis": "RD",
    "queues": "QU",
    "platform": "PL",
    "release": "RL",
    "observability": "OB",
    "security": "SE",
    "tenancy": "TE",
    "integrity": "IN",
}
# A rule names the problem, not the remedy.
REMEDIES = frozenset({"add", "use", "create", "set", "move", "fix", "enable", "increase", "reduce", "avoid", "limit"})

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)


def test_list_matches_the_disk() -> None:
    on_disk = {path.relative_to(RULE_FOLDER).as_posix() for path in RULE_FOLDER.glob("*/*.py")}
    modules = {path for path in on_disk if not path.endswith("__init__.py")}
    assert modules == {f"{rule.area}/{rule.slug.replace('-', '_')}.py" for rule in RULES}
    assert len(RULES) >= 30


def test_ids_slugs_and_titles_are_unique() -> None:
    for values in ([rule.id for rule in RULES], [rule.slug for rule in RULES], [rule.title for rule in RULES]):
        assert [value for value, times in Counter(values).items() if times > 1] == []


def test_every_area_of_a_rule_is_an_area_of_the_vocabulary() -> None:
    assert {rule.area for rule in RULES} <= set(AREAS)
    assert len(MECHANISMS) == 81


@every_rule
def test_id_area_and_mechanism_fit_together(rule: Rule) -> None:
    assert re.fullmatch(PREFIX[rule.area] + r"\d{3}", rule.id)
    assert MECHANISMS[rule.mechanism].area == rule.area


@every_rule
def test_needs_are_in_the_vocabulary(rule: Rule) -> None:
    assert rule.needs or rule.needs_any
    for kind, metric in (*rule.needs, *rule.needs_any):
        assert metric in KINDS[kind]


@every_rule
def test_texts_fit_the_report(rule: Rule) -> None:
    words = rule.title.split()
    assert len(words) <= 8
    assert words[0].lower() not in REMEDIES
    assert len(rule.why) <= 220, len(rule.why)
    assert 3 <= len(rule.fix) <= 5
    texts = (rule.why, rule.verify, rule.rollback, rule.threshold.basis, *rule.fix)
    assert all(text.endswith(".") and "!" not in text for text in texts)
    assert all(len(step) <= 140 for step in rule.fix)
    assert rule.threshold.source
    assert len(rule.first_slice.title) <= 80


@every_rule
def test_work_is_estimated(rule: Rule) -> None:
    assert 0 < rule.first_slice.hours <= 8
    assert 0 < rule.effort.low <= rule.effort.likely <= rule.effort.high
    assert 0 < rule.removes <= 1
    assert rule.degradation in (0.1, 0.3, 0.6, 1.0)


@every_rule
def test_references_are_titled_and_public(rule: Rule) -> None:
    assert rule.references
    for reference in rule.references:
        assert re.fullmatch(r"\S.*[^,.] https://[\w.-]+/\S*", reference), reference


@every_rule
def test_rule_has_a_case_of_every_type(rule: Rule) -> None:
    types = {case.type for case in all_cases() if case.rule is rule}
    assert types == {"hit", "clear", "cannot_tell", "near_miss"}


def test_every_file_of_cases_belongs_to_a_rule() -> None:
    files = {path.relative_to(CASES).as_posix() for path in CASES.rglob("*.toml")}
    assert files == {f"{rule.area}/{rule.slug}.toml" for rule in RULES}


def test_pure_core_imports_no_django() -> None:
    for path in RULE_FOLDER.rglob("*.py"):
        assert not re.search(r"^\s*(?:from|import) (?:django|reviews|tickets)\b", path.read_text(), re.MULTILINE)
