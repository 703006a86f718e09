"""A mapping is checked against its table, and is the same as TOML."""

from dataclasses import replace

import pytest

from telemetry.tables.mapping import ColumnMap, MappingError, mappings_to_toml, parse_mappings, problems_of
from tests.telemetry.tables.making import table_of

GOOD = ColumnMap("routes", {"Path": "route", "P95": "p95_ms:s"}, signature="0" * 32, zone="UTC", decimal=",")
COLUMNS = ("Path", "P95", "Other")


def test_a_good_mapping_has_no_problems() -> None:
    assert problems_of(GOOD, COLUMNS) == {}


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"target": "nothing"}, "target", "Say what the table is"),
        ({"columns": {"Path": "route", "Gone": "requests"}}, "Gone", "no such column"),
        ({"columns": {"Path": "route", "P95": "price"}}, "P95", "is nothing that"),
        ({"columns": {"Path": "route", "P95": "p95_ms"}}, "P95", "Say the unit of latency"),
        ({"columns": {"Path": "route:ms", "P95": "p95_ms:s"}}, "Path", "Say the unit of route"),
        ({"columns": {"Path": "route", "P95": "p95_ms:s", "Other": "p95_ms:s"}}, "P95", "Another column"),
        ({"columns": {"P95": "p95_ms:s"}}, "columns", "No column is given for: route."),
        ({"columns": {"Path": "route"}}, "columns", "At least one column must be"),
        ({"zone": "CET"}, "zone", "UTC"),
        ({"decimal": ";"}, "decimal", "point or a comma"),
        ({"currency": "usd"}, "currency", "three capital letters"),
        ({"name": "x" * 81}, "name", "80 characters"),
    ],
)
def test_problems_stand_next_to_what_caused_them(changes: dict, key: str, words: str) -> None:
    assert words in problems_of(replace(GOOD, **changes), COLUMNS)[key]


def test_toml_reads_back_to_the_same() -> None:
    odd = replace(GOOD, columns={'Path "q" \\ \x7f': "route", "P95": "p95_ms:s"}, name="ü", signature="", files="*.csv")
    again = parse_mappings(mappings_to_toml([GOOD, odd]))
    assert [replace(one, said="") for one in again] == [GOOD, odd]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = [", "not valid TOML"),
        ("a = 1", "write one [[mapping]]"),
        ("[[mapping]]\ntarget = 5\n", "mapping[1].target: must be a text"),
        ('[[mapping]]\ntarget = "routes"\n[mapping.columns]\n"A" = "route"\n', "by signature or by files"),
        ('[[mapping]]\nfiles = "*"\ntarget = "routes"\ncolour = "red"\n', "mapping[1].colour: unknown key"),
        ('[[mapping]]\nfiles = "*"\ntarget = "routes"\ncolumns = 5\n', "mapping[1].columns: must be a table"),
        ('[[mapping]]\nsignature = "x"\ntarget = "routes"\n', "32 hexadecimal digits"),
        ('[[mapping]]\nfiles = "*"\ntarget = "routes"\n[mapping.columns]\nA = "p95_ms"\n', 'mapping[1].columns."A":'),
        ("mapping = [1]", "mapping[1]: must be a table"),
    ],
)
def test_a_wrong_file_names_every_problem(text: str, words: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse_mappings(text)
    assert any(words in problem for problem in caught.value.problems), caught.value.problems


def test_a_mapping_fits_by_signature_or_by_the_name_of_the_file_and_its_columns() -> None:
    table = table_of("Path,P95\n/a,1\n")
    assert replace(GOOD, signature=table.signature).fits("any.csv", table)
    assert not GOOD.fits("any.csv", table)
    pattern = replace(GOOD, signature="", files="grafana-*.csv")
    assert pattern.fits("exports.zip/grafana-1.csv", table)
    assert not pattern.fits("other.csv", table)
    assert not pattern.fits("grafana-1.csv", table_of("Path,Other\n/a,1\n"))
