"""Whatever stands in a table ends in evidence, in rejected rows, or in words; memory stays bounded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from telemetry.answers import Answers
from telemetry.opening import open_path
from telemetry.reading import Reading, read_opened
from telemetry.tables.mapping import ColumnMap
from tests.telemetry.tables.making import read, row_of, suggested, table_of

ROOT = Path(__file__).resolve().parents[3]
EVIL = "=cmd|'/c calc'!A1", '"><script>alert(1)</script>', "{{ 7|add:7 }}{% debug %}", "@SUM(1)", "a\x00b", "\x1b[31m"
INVOICE = ColumnMap("invoice", {"Service": "service", "Cost": "amount"})
BY_NAME = ColumnMap("invoice", INVOICE.columns, files="*.csv")


def read_file(folder: Path, content: bytes, *mappings: ColumnMap) -> Reading:
    path = folder / "export.csv"
    path.write_bytes(content)
    return read_opened(next(open_path(path)), answers=Answers(mappings))


@pytest.mark.parametrize("cell", EVIL)
def test_cells_are_text(cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    result = read(f"Service,Cost\n{quoted},5\n", INVOICE)
    (row,) = [row for row in result.evidence if row.subject != "all"]
    assert row.metrics["billed"] == 5
    assert "\x00" not in repr(result)
    assert row.subject.isprintable()


@pytest.mark.parametrize("cell", EVIL)
def test_headings_are_text(cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    text = f"{quoted},Cost\nx,5\n" + "another service,0\n" * 5
    table = table_of(text)
    assert table.columns[0].isprintable()
    result = read(text, ColumnMap("invoice", {table.columns[0]: "service", "Cost": "amount"}))
    assert row_of(result, "ops.cost", "x").metrics["billed"] == 5


def test_a_formula_is_no_number(tmp_path: Path) -> None:
    reading = read_file(tmp_path, b"Service,Cost\nRDS,=1+1\nS3,5\n", BY_NAME)
    assert reading.result is not None
    assert (reading.result.records, reading.result.rejected) == (1, 1)


def INVOICE_OF(_: Path) -> ColumnMap:
    return ColumnMap("invoice", dict(INVOICE.columns), files="*.csv")


def test_ten_thousand_columns_are_named_and_refused(tmp_path: Path) -> None:
    head = ",".join(f"c{at}" for at in range(10_000))
    reading = read_file(tmp_path, f"{head}\n{head}\n".encode())
    assert reading.error is not None
    assert "10,000 columns" in reading.error
    assert reading.asks is None


@pytest.mark.parametrize(
    "content", [b'a,b\n"' + b"x" * 200_000, b'a,b\n1,2\n"open,3\n4,5\n', b"a,b\r1,2\r3,4\r", b"a,b\n1"]
)
def test_broken_quotes_and_line_ends(tmp_path: Path, content: bytes) -> None:
    reading = read_file(tmp_path, content, ColumnMap("invoice", {"a": "service", "b": "amount"}, files="*"))
    assert reading.error or reading.result


def test_a_table_that_nothing_recognises_asks(tmp_path: Path) -> None:
    reading = read_file(tmp_path, b"foo,bar\n1,2\n3,4\n")
    assert reading.asks == {
        "what": "columns",
        "columns": ["foo", "bar"],
        "signature": table_of("foo,bar\n1,2\n").signature,
    }
    assert "CSV with 2 columns: foo, bar, a table that nothing recognises" in str(reading.error)
    assert "--mapping" in str(reading.error)


def test_a_private_cell_is_never_quoted_even_from_a_broken_row() -> None:
    text = "Customer,MRR\nAcme Inc,12\nBeta,x\nGamma,1,2\n" + "Delta,1\n" * 5
    result = read(text, ColumnMap("tenants", {"Customer": "tenant", "MRR": "revenue"}))
    assert result.rejected == 2
    assert not [name for name in ("Acme", "Beta", "Gamma") if name in repr(result)]


def test_nested_and_odd_json_lines(tmp_path: Path) -> None:
    lines = [
        {"item": "a", "cost": 1, "deep": {"x": 1}},
        {"item": "b", "cost": True},
        {"item": "c"},
        {"item": "d", "cost": 2},
    ]
    content = "\n".join(map(json.dumps, lines)) + "\nnot json\n[1]\n"
    mapping = ColumnMap("invoice", {"item": "service", "cost": "amount"}, files="*")
    reading = read_file(tmp_path, content.encode(), mapping)
    assert reading.error is None or reading.asks is None


def test_suggesting_is_safe_for_any_cells() -> None:
    for cell in EVIL:
        quoted = '"' + cell.replace('"', '""') + '"'
        assert suggested(f"Time,Cost,{quoted}\n{quoted},{quoted},{quoted}\n" + "2026-01-01,5,z\n" * 9).target in (
            "",
            "invoice",
            "series",
        )


_READ = """
import json, sys, time
from pathlib import Path
from telemetry.opening import open_path
from telemetry.answers import Answers
from telemetry.reading import read_opened
from telemetry.tables.mapping import ColumnMap
from tests.telemetry.memory import peak_mb
before = peak_mb()
mapping = ColumnMap("tenants", {"Customer": "tenant", "MRR": "revenue"}, files="*")
reading = read_opened(next(open_path(Path(sys.argv[1]))), answers=Answers((mapping,)))
print(json.dumps({"mb": peak_mb() - before, "error": reading.error,
                  "records": reading.result.records if reading.result else None}))
"""


def test_memory_is_bounded_by_customers_not_by_rows(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("w") as file:
        file.write("Customer,MRR\n")
        file.writelines(f"customer {at},{at % 97}\n" for at in range(150_000))
    out = subprocess.run([sys.executable, "-c", _READ, str(path)], cwd=ROOT, capture_output=True, check=True, text=True)
    found = json.loads(out.stdout)
    assert found["records"] == 150_000
    assert found["mb"] < 60
