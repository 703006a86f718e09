"""The captured bookshop: every claim stands where it says, every fault is found, nothing healthy is accused."""

import gzip
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reviews.assessment import assess
from reviews.exports import read_exports
from reviews.intake import parse_intake
from reviews.report.compose import compose_assessment

SAMPLE = Path(__file__).parents[1] / "samples/harbor-books"
TRUTH = tomllib.loads((SAMPLE / "injected.toml").read_text())

Machine = dict[str, Any]


@cache
def reviewed() -> Machine:
    intake = parse_intake((SAMPLE / "intake.toml").read_text())
    readings = read_exports([SAMPLE / "exports"], lambda line: None)
    return compose_assessment(intake, assess(intake, readings))


@cache
def lines_of(file: str) -> list[str]:
    raw = (SAMPLE / "exports" / file).read_bytes()
    text = gzip.decompress(raw) if file.endswith(".gz") else raw
    return text.decode("utf-8", "replace").split("\n")


def as_pattern(quote: str) -> re.Pattern[str]:
    """The quote as a pattern in which what was masked stands for anything."""
    pattern = re.escape(quote).replace(re.escape("[redacted]"), ".+?").replace("\ufffd", ".")
    pattern = re.sub(r"(\d+\\\.\d+\\\.\d+\\\.)x", r"\1\\d{1,3}", pattern)
    return re.compile(re.sub(r"::x\b", "[0-9a-f:]+", pattern))


def label(row: Machine) -> str:
    return f"{row['mechanism']} {row['subject']}"[:60]


def parts_of(statement: str) -> tuple[str, str]:
    """Verb and main table of a statement or of its short name: ("select", "orders")."""
    verb = statement.split()[0].lower()
    named = re.search(r"\b(?:FROM|UPDATE|INTO)\s+(\w+)", statement)
    return verb, named[1] if named else statement.split()[1]


def is_about(finding: Machine, truth: Machine) -> bool:
    """Whether a finding's subject is the one of the truth: by name, by table, by verb and table of a statement."""
    kind, name, wanted = finding["subject"]["kind"], finding["subject"]["name"], truth["subject"]
    if wanted == "server":
        return bool(kind == "server")
    if wanted.split(" ")[0] in ("SELECT", "UPDATE", "INSERT", "DELETE"):
        return kind == "query" and parts_of(name) == parts_of(wanted)
    if ":" in wanted:  # a pattern of keys; without a sample of keys only the server can be named
        return kind in ("key pattern", "server")
    tables = [part.strip() for part in name.split("(")[0].split(",")]
    return bool(name == wanted or (kind == "table" and wanted in tables))


def found(truth: Machine) -> list[Machine]:
    same = (row for row in reviewed()["findings"] if row["mechanism"] == truth["mechanism"])
    return [row for row in same if is_about(row, truth)]


def test_every_file_was_read() -> None:
    assert len(reviewed()["coverage"]) == 8
    assert [row["file"] for row in reviewed()["coverage"] if row["error"]] == []


def test_every_piece_of_evidence_stands_at_its_file_and_line() -> None:
    cited = [row for finding in reviewed()["findings"] for row in finding["evidence"]]
    assert len(cited) > 30
    for row in cited:
        line = lines_of(row["file"])[row["line"] - 1]
        assert row["quote"].strip(), row
        assert as_pattern(row["quote"]).search(line.rstrip("\r")), (row["file"], row["line"], row["quote"], line)


def test_every_number_of_a_finding_is_cited() -> None:
    for finding in reviewed()["findings"]:
        first = finding["evidence"][0]
        assert finding["measured"]["metric"] == first["metric"]
        assert finding["measured"]["value"] == first["value"]
        assert 1 <= len(finding["evidence"]) <= 12


@pytest.mark.parametrize("fault", TRUTH["fault"], ids=label)
def test_an_injected_fault_is_found_and_ranks_above_its_symptoms(fault: Machine) -> None:
    findings = found(fault)
    assert findings, f"{fault['mechanism']} on {fault['subject']} was not found"
    best = min(finding["rank"] for finding in findings)
    symptoms = [
        row
        for row in reviewed()["findings"]
        if row["mechanism"] in fault["symptoms"] and row["subject"]["name"] in fault.get("routes", ())
    ]
    assert all(best < row["rank"] for row in symptoms), [row["title"] for row in symptoms]


@pytest.mark.parametrize("decoy", TRUTH["healthy"], ids=label)
def test_a_healthy_decoy_stays_silent(decoy: Machine) -> None:
    assert [row["said"] for row in found(decoy)] == []


def test_a_slow_route_is_linked_to_the_index_that_slows_it() -> None:
    rows = {(row["mechanism"], row["subject"]["name"]): row for row in reviewed()["findings"]}
    index = rows["missing-index", "orders(customer_id)"]
    assert index["id"] in rows["slow-route", "/api/orders"]["causes"]
    assert rows["slow-route", "/api/orders"]["id"] in index["symptoms"]
    assert index["id"] not in rows["slow-route", "/api/admin/reports/sales"]["causes"]


def test_the_plan_keeps_to_three_engineers_and_ships_the_index() -> None:
    windows = reviewed()["plan"]
    assert all(row["hours"] <= 24 for row in windows[:3])
    shipped = {code for row in windows[:3] for entry in row["entries"] for code in entry["findings"]}
    index = next(row for row in reviewed()["findings"] if row["mechanism"] == "missing-index")
    assert index["id"] in shipped


def test_every_ticket_names_findings_of_the_review() -> None:
    known = {row["id"] for row in reviewed()["findings"]}
    for ticket in reviewed()["tickets"]:
        assert set(ticket["findings"]) <= known
        assert ticket["findings"] or ticket["kind"] == "visibility"
