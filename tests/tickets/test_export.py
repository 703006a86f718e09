"""Tickets as CSV: readable back, and never a formula."""

import csv
import io

import pytest

from tickets.export import COLUMNS, safe_cell, tickets_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"])
def test_text_that_a_spreadsheet_would_run_gets_a_quote(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("value", ["orders = 1", "a-b", "", 1.5, -2, 0])
def test_other_cells_stay_as_they_are(value: object) -> None:
    assert safe_cell(value) == value


def test_a_table_reads_back() -> None:
    ticket = {
        "id": "T1",
        "priority": "P0",
        "title": '=HYPERLINK("http://evil")',
        "area": "postgres",
        "low_days": 0.5,
        "likely_days": 1.0,
        "high_days": 2.0,
        "findings": ["F1", "F2"],
        "steps": ["One, two.", "Three\nfour."],
        "day": 3,
        "first_slice": {"title": "Do", "hours": 3},
        "verify": "v",
        "rollback": "r",
    }
    head, row = csv.reader(io.StringIO(tickets_csv([ticket]), newline=""))
    assert tuple(head) == COLUMNS
    cells = dict(zip(head, row, strict=True))
    assert cells["title"] == '\'=HYPERLINK("http://evil")'
    assert (cells["low_days"], cells["high_days"], cells["window"]) == ("0.5", "2.0", "Day 3")
    assert cells["findings"] == "F1 F2"
    assert cells["steps"] == "One, two. Three\nfour."


def test_what_waits_is_in_the_backlog() -> None:
    assert "Backlog" in tickets_csv(
        [
            {"title": "x", "findings": [], **dict.fromkeys(COLUMNS[:2], "y")}
            | dict.fromkeys(("area", "low_days", "likely_days", "high_days", "verify", "rollback"))
        ]
    )
