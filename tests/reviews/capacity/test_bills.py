"""Bills by month: the time they cover, several of them, other currencies, and bills that do not say their time."""

from datetime import date, timedelta

import pytest

from reviews.capacity.gather.costs import MONTH_S, ONE_MONTH, inputs
from telemetry.evidence import Evidence, EvidenceSet, Place
from telemetry.parsers.billing import covered_s

DAY = 86_400.0
START = date(2026, 9, 1)


def days(*offsets: int) -> set[date]:
    return {START + timedelta(days=offset) for offset in offsets}


# days with a charge, days that are covered
COVERED = [
    ("every day of a month", days(*range(30)), 30.0),
    ("every other day", days(*range(0, 30, 2)), 29.0),
    ("a few days", days(0, 1, 2), None),
    ("days far apart", days(*range(0, 90, 9)), None),
    ("one date", days(0), None),
    ("no date", set(), None),
    ("three bills by month", {date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)}, 3 * 30.4375),
]


@pytest.mark.parametrize(("found", "covered"), [case[1:] for case in COVERED], ids=[case[0] for case in COVERED])
def test_the_time_a_bill_covers(found: set[date], covered: float | None) -> None:
    assert covered_s(found) == (None if covered is None else pytest.approx(covered * DAY))


def bill(service: str, currency: str = "", file: str = "a.csv", **metrics: float) -> Evidence:
    attrs = {"currency": currency} if currency else {}
    return Evidence("ops.cost", service, metrics, Place(3, service), attrs=attrs, file=file)


def monthly(*rows: Evidence) -> dict[str, tuple[float, str, str]]:
    found = inputs(EvidenceSet(list(rows)))
    return {
        entry.key: (round(entry.value, 4), entry.grade.word, entry.source.file)
        for entry in found
        if entry.key.endswith(".monthly")
    }


# bills, inputs
MONTHS = [
    ([bill("RDS", billed=60, window_s=2 * MONTH_S)], {"cost.RDS.monthly": (30.0, "derived", "a.csv")}),
    (
        [bill("RDS", billed=40, window_s=MONTH_S), bill("RDS", file="b.csv", billed=80, window_s=MONTH_S)],
        {"cost.RDS.monthly": (60.0, "derived", "b.csv")},
    ),
    ([bill("RDS", billed=75)], {"cost.RDS.monthly": (75.0, "assumed", "a.csv")}),
    (
        [bill("RDS", billed=75), bill("RDS", file="b.csv", billed=20, window_s=MONTH_S)],
        {"cost.RDS.monthly": (20.0, "derived", "b.csv")},
    ),
    ([bill("CPU", "USD", effective=9, window_s=MONTH_S)], {"cost.CPU (USD).monthly": (9.0, "derived", "a.csv")}),
    (
        [bill("RDS (EUR)", "EUR", billed=7), bill("all (EUR)", "EUR", billed=7), bill("all", billed=7)],
        {"cost.RDS (EUR).monthly": (7.0, "assumed", "a.csv")},
    ),
    ([bill("RDS", charges=3)], {}),
]


@pytest.mark.parametrize(("rows", "expected"), MONTHS)
def test_a_month_of_each_service(rows: list[Evidence], expected: dict[str, tuple[float, str, str]]) -> None:
    assert monthly(*rows) == expected


def test_what_is_assumed_says_so() -> None:
    (entry,) = [one for one in inputs(EvidenceSet([bill("RDS", billed=5)])) if one.key.endswith(".monthly")]
    assert entry.source.words == ONE_MONTH
    assert entry.source.line == 3
