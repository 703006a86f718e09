"""What is a table, and what it looks like."""

import pytest

from telemetry.source import Head
from telemetry.tables.shape import find_table, unique
from tests.telemetry.tables.making import table_of


@pytest.mark.parametrize(
    ("text", "form", "columns", "delimiter", "line"),
    [
        ("a,b\n1,2\n", "csv", ("a", "b"), ",", 1),
        ("\ufeffName;Betrag\nx;1,5\n", "csv", ("Name", "Betrag"), ";", 1),
        ("a\tb\tc\n1\t2\t3\n", "csv", ("a", "b", "c"), "\t", 1),
        ("a|b\n1|2\n", "csv", ("a", "b"), "|", 1),
        ("sep=;\na;b,c\n1;2\n", "csv", ("a", "b,c"), ";", 2),
        ("Report of October\n\na,b\n1,2\n3,4\n", "csv", ("a", "b"), ",", 3),
        ('"a\nb",c\n1,2\n', "csv", ("a b", "c"), ",", 1),
        ('{"a":1,"b":2}\n{"a":3,"b":4}\n', "ndjson", ("a", "b"), ",", 1),
        ('[{"a":1,"b":2,"deep":{}},\n{"a":3,"c":4}]', "json", ("a", "b", "c"), ",", 1),
        (" a | b\n---+---\n 1 | 2\n(1 row)\n", "psql", ("a", "b"), ",", 1),
    ],
)
def test_tables(text: str, form: str, columns: tuple[str, ...], delimiter: str, line: int) -> None:
    table = table_of(text)
    assert (table.form, table.columns, table.delimiter, table.header_line) == (form, columns, delimiter, line)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "just a letter to a friend\n" * 3,
        "Hello, world\nHow are, you\n",
        "2026-01-01 10:00:00,123 INFO started\n2026-01-01 10:00:01,123 INFO stopped\n",
        "1,2,3\n4,5,6\n",
        "a,b\n",
        '{"a":1,"b":2}\n',
        "[1,2,3]",
        '[{"a":1}]',
        "[" * 60_000,
        "\x00" * 5_000,
        "a,b,c\n1,2\n3,4,5,6\n7\n",
    ],
)
def test_what_is_no_table(text: str) -> None:
    assert find_table(Head("x", text, True)) is None


def test_names_can_always_be_told_apart() -> None:
    assert unique(["a", "A", "", " ", "b\x00\x1b"]) == ("a", "A (2)", "column 3", "column 4", "b")


def test_a_signature_is_the_same_for_the_same_names() -> None:
    assert table_of("Cost,Day\n1,2\n").signature == table_of('[{"cost":1,"day":"x"}]').signature
    assert table_of("Cost,Day\n1,2\n").signature != table_of("Day,Cost\n1,2\n").signature
