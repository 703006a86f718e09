"""Bands and matrix: the printed values, their edges, and that worse never reads milder."""

import pytest

from reviews.risk.matrix import MATRIX, Grade, Severity, proximity_of, revenue_band, severity_of, user_band

PRINTED = """
5 M M H H H
4 L M M H H
3 L L M M M
2 L L L L M
1 L L L L L
"""
LETTERS = {"L": Severity.LOW, "M": Severity.MEDIUM, "H": Severity.HIGH}


@pytest.mark.parametrize("line", PRINTED.strip().splitlines())
def test_the_matrix_is_the_printed_one(line: str) -> None:
    impact, *cells = line.split()
    assert MATRIX[int(impact)] == tuple(LETTERS[cell] for cell in cells)


def test_a_worse_input_never_gives_a_milder_cell() -> None:
    steps = range(1, 6)
    for impact in steps:
        for proximity in steps:
            here = severity_of(impact, proximity)
            assert impact == 5 or severity_of(impact + 1, proximity) >= here
            assert proximity == 5 or severity_of(impact, proximity + 1) >= here


@pytest.mark.parametrize(
    ("share", "revenue", "users"),
    [
        (0.0, 1, 1),
        (0.003, 2, 1),
        (0.0099, 2, 1),
        (0.01, 3, 2),
        (0.03, 4, 3),
        (0.0999, 4, 3),
        (0.10, 5, 4),
        (0.2499, 5, 4),
        (0.25, 5, 5),
        (1.0, 5, 5),
    ],
)
def test_bands_begin_at_their_limit(share: float, revenue: int, users: int) -> None:
    assert (revenue_band(share), user_band(share)) == (revenue, users)


def test_a_product_that_equals_a_limit_reaches_the_band() -> None:
    assert 0.1 * 0.3 * 1.0 != 0.03 or revenue_band(0.1 * 0.3) == 4
    assert revenue_band(0.7 * 0.1 + 0.03) == 5


@pytest.mark.parametrize(
    ("breach", "utilisation", "days", "value"),
    [
        (True, 0.1, 999.0, 5),
        (False, 0.8, None, 4),
        (False, 0.79, None, 3),
        (False, 0.6, None, 3),
        (False, 0.4, None, 2),
        (False, 0.39, None, 1),
        (False, None, 30.0, 4),
        (False, None, 31.0, 3),
        (False, None, 90.0, 3),
        (False, None, 365.0, 2),
        (False, None, 366.0, 1),
        (False, 0.2, 20.0, 4),
        (False, None, None, 2),
    ],
)
def test_proximity(breach: bool, utilisation: float | None, days: float | None, value: int) -> None:
    assert proximity_of(breach, utilisation, days).value == value


def test_a_missing_control_is_derived_and_a_date_is_a_trend() -> None:
    assert proximity_of(False, None, None).grade is Grade.DERIVED
    assert proximity_of(False, 0.7, 60.0).trend
    assert not proximity_of(False, 0.7, None).trend
