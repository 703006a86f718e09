"""What a deep page costs: where the evidence tells the size of a page and how deep pages go, and nowhere else."""

from dataclasses import replace
from typing import Any

import pytest

from reviews.capacity.paging import DEEPEST, LAST, paging_of
from reviews.report.said import said_of
from telemetry.evidence import Evidence, EvidenceSet
from tests.reviews.risk.making import make_row

Machine = dict[str, Any]
SHAPE = {"verb": "SELECT", "tables": ["orders"], "offset": True, "limit": True}


def listed(subject: str = "a", rows: float = 100.0, **attrs: Any) -> Evidence:
    return replace(make_row("pg.stat.statement", subject, calls=9.0, rows_per_call=rows), attrs=SHAPE | attrs)


def found(*rows: Evidence) -> list[Machine]:
    return paging_of(EvidenceSet(list(rows)))


ORDERS = make_row("pg.table", "orders", live=50_000.0)
ASKED = make_row("http.route", "/orders", query_page_max=20.0)


def test_o22_the_last_page_of_a_list_without_conditions() -> None:
    (row,) = found(listed(), ORDERS)
    assert (row["page"], row["which"]) == (500, LAST)
    assert (row["rows_for_it"], row["rows_up_to_it"], row["rows_by_key"]) == (50_000, 12_525_000, 50_000)


def test_the_deepest_page_that_was_asked_for_counts_where_one_list_is_paged() -> None:
    (row,) = found(listed(equality=["orders.customer_id"]), ORDERS, ASKED)
    assert (row["page"], row["which"], row["rows_for_it"]) == (20, DEEPEST, 2000)


@pytest.mark.parametrize(
    "rows",
    [
        (listed(equality=["orders.customer_id"]), ORDERS),  # how long such a list is, nobody knows
        (listed(), make_row("pg.table", "orders", live=9000.0)),
        (listed(offset=False), ORDERS),
        (listed(aggregate=True), ORDERS),
        (listed(rows=0.0), ORDERS),
        (listed(),),
    ],
)
def test_nothing_is_said_where_an_input_is_missing_or_it_does_not_matter(rows: tuple[Evidence, ...]) -> None:
    assert found(*rows) == []


def test_of_two_lists_nobody_knows_whose_page_was_asked_for() -> None:
    rows = found(listed(), listed("b", 50.0, equality=["orders.customer_id"]), ORDERS, ASKED)
    assert [row["which"] for row in rows] == [LAST]


def test_it_is_said_in_one_sentence() -> None:
    assert said_of({"paging": found(listed(), ORDERS)}) == [
        "orders: to show page 500, the last page, OFFSET reads 50,000 rows; all pages up to it one after the other "
        "12,500,000, by key 50,000."
    ]


def test_what_is_not_known_is_not_said() -> None:
    assert said_of({}) == []
    assert said_of({"backlogs": [{"queue": "a"}], "repeats": [{"queue": "a"}], "paging": [{"table": "a"}]}) == []
