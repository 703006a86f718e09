"""The rules on a real capture: every fault that was built in is found, and what only looks like one is not."""

import re
import time
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.opening import open_path
from telemetry.reading import read_opened
from telemetry.rules import RULES
from telemetry.rules.base import Hit, Rule, run_rules
from telemetry.source import no_progress

SAMPLE = Path(__file__).parent.parent / "samples" / "harbor-books"
INJECTED = tomllib.loads((SAMPLE / "injected.toml").read_text())


@cache
def evidence_of(name: str) -> tuple[Evidence, ...]:
    rows: list[Evidence] = []
    for opened in open_path(SAMPLE / "exports" / name, name=name):
        reading = read_opened(opened, no_progress, time.monotonic() + 60)
        assert reading.result is not None, reading.error
        rows += reading.result.evidence
    return tuple(rows)


def hits_of(*names: str) -> list[tuple[Rule, Hit]]:
    rows = [row for name in names for row in evidence_of(name)]
    return [(outcome.rule, hit) for outcome in run_rules(RULES, EvidenceSet(rows)) for hit in outcome.hits]


def is_about(hit: Hit, subject: str) -> bool:
    """The oracle names a table, route or queue, a statement by its text, or a whole server by "server" or a pattern."""
    if hit.subject.kind == "server":
        return subject == "server" or "*" in subject
    touched = {hit.subject.name, *hit.subject.name.split(", "), *hit.tables, *hit.routes, *hit.queues}
    return subject in touched or bool(touched & set(re.findall(r"\w+", subject)) and subject.startswith("SELECT"))


def exports() -> list[str]:
    return sorted(path.name for path in (SAMPLE / "exports").iterdir())


def fault_name(fault: dict[str, Any]) -> str:
    return f"{fault['mechanism']}-{fault['subject']}"


@pytest.mark.parametrize("fault", INJECTED["fault"], ids=fault_name)
def test_injected_fault_is_found(fault: dict[str, Any]) -> None:
    found = [hit for rule, hit in hits_of(*exports()) if rule.mechanism == fault["mechanism"]]
    assert any(is_about(hit, fault["subject"]) for hit in found), [hit.subject for hit in found]


@pytest.mark.parametrize("fault", INJECTED["fault"], ids=fault_name)
def test_fault_is_found_in_the_files_that_show_it(fault: dict[str, Any]) -> None:
    found = [hit for rule, hit in hits_of(*fault["shows_in"]) if rule.mechanism == fault["mechanism"]]
    assert any(is_about(hit, fault["subject"]) for hit in found), [hit.subject for hit in found]


@pytest.mark.parametrize("healthy", INJECTED["healthy"], ids=fault_name)
def test_look_alike_is_silent(healthy: dict[str, Any]) -> None:
    for rule, hit in hits_of(*exports()):
        if rule.mechanism == healthy["mechanism"]:
            assert healthy["subject"] not in (hit.subject.name, hit.subject.kind, *hit.tables[:1])
            assert not hit.subject.name.startswith(healthy["subject"] + "(")


def test_nothing_else_is_found() -> None:
    """Each finding is a fault that was built in, or a symptom that one of them names."""
    known = {fault["mechanism"] for fault in INJECTED["fault"]}
    symptoms = {symptom for fault in INJECTED["fault"] for symptom in fault["symptoms"]}
    assert {rule.mechanism for rule, _ in hits_of(*exports())} <= known | symptoms


def test_every_cite_stands_in_its_file() -> None:
    for _, hit in hits_of(*exports()):
        for cite in hit.cites:
            place = cite.evidence.place_of(cite.metric)
            assert place.line >= 1
            assert place.quote.strip()
