"""The same rows in another tool's form give the same evidence."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.psql_aligned import find_header
from telemetry.parsers.table_dialects import open_table, sniff_table
from telemetry.source import Head, Source
from tests.telemetry.cases import Case, all_cases, run

DIALECTS = [case for case in all_cases() if case.name.startswith("dialect_")]
HOW = "Export with psql."


def facts(case: Case) -> list[tuple[Any, ...]]:
    result = run(case)
    assert not isinstance(result, ParseError), result.message
    return [(row.kind, row.subject, dict(row.metrics), dict(row.attrs)) for row in result.evidence]


@pytest.mark.parametrize("case", DIALECTS, ids=str)
def test_a_dialect_says_what_csv_says(case: Case) -> None:
    plain = next(other for other in DIALECTS if other.module == case.module and other.name == "dialect_csv")
    assert facts(plain)
    assert facts(case) == facts(plain)


def test_every_form_is_tried() -> None:
    assert len({case.name for case in DIALECTS}) >= 32


def rows(tmp_path: Path, text: str, *texts: str) -> tuple[ParseResult, list[tuple[int, list[str]]]]:
    path = tmp_path / "table.txt"
    path.write_text(text)
    result = ParseResult()
    with path.open("rb") as stream:
        _, found = open_table(Source("table.txt", stream), result, HOW, texts)
        return result, [(row.line, row.fields) for row in found]


def test_cells_of_several_lines_and_wide_characters(tmp_path: Path) -> None:
    text = " name  | n \n-------+---\n 日本  | 1\n a    +| 2\n  b   +|  \n c     |  \n(2 rows)\n\n"
    result, found = rows(tmp_path, text, "name")
    assert found == [(3, ["日本", "1"]), (4, ["a\n b\nc", "2"])]
    assert (result.lines, result.blank, result.rejected) == (8, 1, 0)


def test_a_bar_inside_a_cell_is_text(tmp_path: Path) -> None:
    _, found = rows(tmp_path, " query  | n \n--------+---\n a || b | 1\n(1 row)\n", "query")
    assert found == [(3, ["a || b", "1"])]
    _, found = rows(tmp_path, "id|query|n\n7|a || b\nwhere c|1\n(1 row)\n", "query")
    assert found == [(2, ["7", "a || b\nwhere c", "1"])]


def test_a_line_that_fits_no_column_is_rejected(tmp_path: Path) -> None:
    result, found = rows(tmp_path, " name | n \n------+---\n a    | 1\nsomething else\n", "name")
    assert found == [(3, ["a", "1"])]
    assert (result.rejected, result.rejected_samples[0].line) == (1, 4)


def test_rows_of_a_driver_are_unwrapped(tmp_path: Path) -> None:
    result, found = rows(tmp_path, '{"command": "SELECT", "rows": [\n{"a": 1, "b": null},\n{"a": 2.5, "b": true}]}\n')
    assert (result.carrier, found) == ("json", [(2, ["1", ""]), (3, ["2.5", "t"])])


def heads() -> Iterator[tuple[str, list[str]]]:
    yield "Expanded display is on.\n-[ RECORD 1 ]-\na | 1\nb | 2\n", ["a", "b"]
    yield "postgres=# select a, b from t;\n a | b \n---+---\n", ["a", "b"]
    yield "a|b\n1|2\n", ["a", "b"]
    yield '[{"json_agg": [{"a": 1, "b": 2}]}]', ["a", "b"]
    yield '{"a": 1, "b": "cut off he', ["a", "b"]


@pytest.mark.parametrize(("text", "columns"), list(heads()))
def test_columns_are_known_from_the_head(text: str, columns: list[str]) -> None:
    header = sniff_table(Head("x", text, True))
    assert header is not None
    assert header.columns == columns


def test_a_line_of_dashes_below_prose_is_no_table() -> None:
    assert find_header(["Release notes, 2026!", "--------------------"]) is None
