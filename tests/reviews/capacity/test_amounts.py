"""A number is read as people type it, and what a field shows reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.capacity.amounts import amount, shown

TYPED = [
    ("120", "1", 120.0),
    ("1,200", "1", 1200.0),
    (" 1 200 ", "1", 1200.0),
    ("1.5k", "1", 1500.0),
    ("2M", "1", 2e6),
    (".5", "1", 0.5),
    ("1e3", "1", 1000.0),
    ("4 GB", "bytes", 4e9),
    ("4GiB", "bytes", 4 * 2**30),
    ("10 MB/s", "bytes/s", 1e7),
    ("8 %", "share", 0.08),
    ("8%", "share", 0.08),
    ("0.08", "share", 0.08),
    ("-5 %", "share", -0.05),
    ("250 ms", "s", 0.25),
    ("2 min", "s", 120.0),
    ("1.5 s", "ms", 1500.0),
]
COMMAS = ["1,5", "-0,5", "1,50 %", "12,3456", "1,2,3"]
WRONG = [
    "١٢",
    "１２",
    "1 2",
    "1__000",
    "1e308e5",
    "",
    "abc",
    "1 2 x",
    "4 apples",
    "1.2.3",
    "nan",
    "inf",
    "1e400",
    "--1",
    "<b>1</b>",
    "1;2",
]


@pytest.mark.parametrize(("text", "unit", "value"), TYPED)
def test_what_is_typed_is_read(text: str, unit: str, value: float) -> None:
    assert amount(text, unit) == pytest.approx(value)


@pytest.mark.parametrize("text", COMMAS)
def test_a_comma_before_decimals_is_not_taken_for_thousands(text: str) -> None:
    with pytest.raises(ValueError, match="decimals with a point"):
        amount(text, "share")


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("unit", ["1", "bytes", "share", "s"])
def test_what_cannot_be_read_says_what_can(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match=r"^(Give a|.* is not a unit)"):
        amount(text, unit)


@given(
    st.one_of(st.just(0.0), st.floats(1e-9, 1e14)),
    st.sampled_from(["1", "bytes", "share", "s", "ms", "1/s", "bytes/s", "money"]),
)
def test_what_a_field_shows_reads_back(value: float, unit: str) -> None:
    assert amount(shown(value, unit), unit) == pytest.approx(value, rel=1e-5, abs=1e-300)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (34.57881, "1/s", "34.58"),
        (300_543.0, "1", "300,543"),
        (12_345.678, "ms", "12,346"),
        (0.00411883, "share", "0.4119 %"),
        (8_388_608.0, "bytes", "8.389 MB"),
        (0.0, "1", "0"),
    ],
)
def test_what_is_known_to_four_digits_shows_no_more(value: float, unit: str, text: str) -> None:
    assert shown(value, unit, 4) == text
