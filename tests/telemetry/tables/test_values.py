"""Numbers with their units and moments; what may be read in two ways is refused."""

from datetime import UTC, datetime

import pytest

from telemetry.tables.values import day_order, read_moment, read_number


@pytest.mark.parametrize(
    ("text", "dimension", "unit", "decimal", "delimiter", "value"),
    [
        ("12.3 ms", "ms", "s", "", ",", 12.3),
        ("12.3", "ms", "s", "", ",", 12_300.0),
        ("1.2s", "ms", "ms", "", ",", 1_200.0),
        ("1.234,56", "money", "", "", ";", 1_234.56),
        ("12,5", "money", "", "", ";", 12.5),
        ("1.234", "count", "", ",", ";", 1_234.0),
        ("1,234", "count", "", ".", ",", 1_234.0),
        ("$1,204.50", "money", "", "", ",", 1_204.5),
        ("1 204,50 €", "money", "", "", ";", 1_204.5),
        ("(12.50)", "money", "", "", ",", -12.5),
        ("250", "money", "cent", "", ",", 2.5),
        ("45.2%", "share", "share", "", ",", 0.452),
        ("0.5", "share", "%", "", ",", 0.005),
        ("8192 bytes", "bytes", "pg", "", ",", 8_192.0),
        ("12 GB", "bytes", "pg", "", ",", 12 * 1024.0**3),
        ("12 GB", "bytes", "B", "", ",", 12e9),
        ("1.5 GiB", "bytes", "B", "", ",", 1.5 * 1024**3),
        ("12.4k", "count", "", "", ",", 12_400.0),
        ("90 min", "s", "h", "", ",", 5_400.0),
        ("45 %", "value", "", "", ",", 45.0),
        ("", "count", "", "", ",", None),
        ("n/a", "count", "", "", ",", None),
        ("NULL", "count", "", "", ",", None),
    ],
)
def test_numbers(text: str, dimension: str, unit: str, decimal: str, delimiter: str, value: float | None) -> None:
    found = read_number(text, dimension, unit, decimal, delimiter)
    assert found == (value if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "dimension", "delimiter"),
    [
        ("1,234", "count", ","),
        ("1.234", "money", ";"),
        ("12 xyz", "ms", ","),
        ("5 M", "ms", ","),
        ("=1+1", "count", ","),
        ("1e999", "count", ","),
        ("9" * 400, "count", ","),
        ("many", "count", ","),
        ("12-13", "count", ","),
    ],
)
def test_what_is_no_clear_number(text: str, dimension: str, delimiter: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_number(text, dimension, next(iter({"ms": ["ms"]}.get(dimension, [""]))), "", delimiter)


@pytest.mark.parametrize(
    ("text", "unit", "moment"),
    [
        ("2026-03-04T10:00:00Z", "auto", datetime(2026, 3, 4, 10, tzinfo=UTC)),
        ("2026-03-04 10:00", "auto", datetime(2026, 3, 4, 10)),
        ("2026-03-04", "auto", datetime(2026, 3, 4)),
        ("2026-03", "auto", datetime(2026, 3, 1)),
        ("2026/03/04", "auto", datetime(2026, 3, 4)),
        ("4 Mar 2026", "auto", datetime(2026, 3, 4)),
        ("March 4, 2026", "auto", datetime(2026, 3, 4)),
        ("Mar 2026", "auto", datetime(2026, 3, 1)),
        ("1764374400", "auto", datetime(2025, 11, 29, tzinfo=UTC)),
        ("1764374400", "s", datetime(2025, 11, 29, tzinfo=UTC)),
        ("1764374400000", "ms", datetime(2025, 11, 29, tzinfo=UTC)),
        ("03/04/2026 10:30", "dmy", datetime(2026, 4, 3, 10, 30)),
        ("03/04/2026 10:30", "mdy", datetime(2026, 3, 4, 10, 30)),
        ("3.4.26", "dmy", datetime(2026, 4, 3)),
        ("3/4/2026 12:05 AM", "mdy", datetime(2026, 3, 4, 0, 5)),
        ("", "auto", None),
    ],
)
def test_moments(text: str, unit: str, moment: datetime | None) -> None:
    assert read_moment(text, unit) == moment


@pytest.mark.parametrize("text", ["2026-03-04", "03/04/2026", "4 Mar 2026"])
def test_a_zone_that_was_said_holds_for_times_without_one(text: str) -> None:
    moment = read_moment(text, "dmy", "UTC")
    assert moment is not None
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("03/04/2026", "auto"),
        ("31/02/2026", "dmy"),
        ("13/13/2026", "mdy"),
        ("soon", "auto"),
        ("5", "s"),
        ("1764374400", "ms"),
        ("1/1/1801", "dmy"),
        ("03/04/2026 13:00 PM", "dmy"),
    ],
)
def test_what_is_no_clear_moment(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_moment(text, unit)


def test_the_order_of_day_and_month_is_told_only_where_the_cells_tell_it() -> None:
    assert day_order(["03/04/2026", "13/04/2026"]) == "dmy"
    assert day_order(["03/04/2026", "03/14/2026"]) == "mdy"
    assert day_order(["03/04/2026", "05/06/2026"]) == ""
    assert day_order(["13/04/2026", "04/13/2026"]) == ""
    assert day_order(["2026-01-01"]) is None
