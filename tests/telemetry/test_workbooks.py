"""Sheets of a workbook are read as CSV; formulas are data, and a forged workbook ends in words."""

import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from telemetry import workbooks
from telemetry.answers import Answers
from telemetry.opening import is_archive, open_path
from telemetry.reading import read_opened
from telemetry.tables.mapping import ColumnMap


def book(folder: Path) -> Path:
    """Two visible sheets and a hidden one."""
    made = Workbook()
    first = made.active
    assert first is not None
    first.title = "Costs 2026"
    for row in (
        ["Service", "Cost", "Day"],
        ["RDS", 1234.5, datetime(2026, 10, 1)],
        [],
        ["S3\nand more", 5, None],
        ["x", "=1+1"],
    ):
        first.append(row)
    made.create_sheet("Tables").append(["relname", "seq_scan"])
    made.create_sheet("Hidden").sheet_state = "hidden"
    path = folder / "book.xlsx"
    made.save(path)
    return path


def texts(path: Path) -> dict[str, str]:
    return {opened.name: opened.open().read().decode() for opened in open_path(path)}


def test_visible_sheets_are_files_of_their_own(tmp_path: Path) -> None:
    path = book(tmp_path)
    assert is_archive(path)
    found = texts(path)
    assert list(found) == ["book.xlsx/Costs 2026.csv", "book.xlsx/Tables.csv"]
    lines = found["book.xlsx/Costs 2026.csv"].split("\n")
    assert lines == ["Service,Cost,Day", "RDS,1234.5,2026-10-01 00:00:00", "", "S3 and more,5,", "x,,", ""]


def test_a_sheet_is_read_with_a_mapping_and_its_rows_are_lines(tmp_path: Path) -> None:
    mapping = ColumnMap("invoice", {"Service": "service", "Cost": "amount", "Day": "date:auto"}, files="*Costs*")
    reading = read_opened(next(open_path(book(tmp_path))), answers=Answers((mapping,)))
    assert reading.result is not None
    rows = {row.subject: row.place.line for row in reading.result.evidence}
    assert rows["S3 and more"] == 4
    assert reading.result.rejected == 1  # the formula whose value nobody kept


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
@pytest.mark.parametrize(
    "content", [b"", b"<x/>", b"<x", b"\x00" * 100, b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>']
)
def test_a_forged_part_ends_in_words(tmp_path: Path, part: str, content: bytes) -> None:
    path, forged = book(tmp_path), tmp_path / "forged.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(forged, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    for opened in open_path(forged):
        reading = read_opened(opened)
        assert reading.error
        assert "root:" not in reading.error


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path)
    monkeypatch.setattr(workbooks, "MAX_XML", 1_000)
    (opened,) = open_path(path)
    assert "save it as CSV" in str(read_opened(opened).error)


def test_cells_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_CELLS", 4)
    assert read_opened(next(open_path(book(tmp_path)))).error == workbooks.TOO_LARGE
