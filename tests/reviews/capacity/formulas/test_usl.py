"""The fits of others are reproduced; where the data do not reach, nothing is said."""

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.formulas.sane import OutOfRange, TooLittle
from reviews.capacity.formulas.usl import fit, law

FITS = tomllib.loads(Path(__file__).with_name("usl.toml").read_text())["fit"]
CISCO = FITS[1]["points"]


@pytest.mark.parametrize("case", FITS, ids=[case["name"].split(":")[0] for case in FITS])
def test_a_published_fit(case: dict[str, Any]) -> None:
    found = fit(case["points"])
    for name in ("gamma", "sigma", "kappa"):
        assert getattr(found, name) == pytest.approx(case[name], rel=case["rel"]), name
    assert found.peak == (pytest.approx(case["peak"], rel=case["rel"]) if "peak" in case else None)
    assert found.ceiling == (pytest.approx(case["ceiling"], rel=case["rel"]) if "ceiling" in case else None)
    if "most" in case:
        assert found.most is not None
        assert found.most.value == pytest.approx(case["most"], rel=case["rel"])
        assert found.most.low < case["most"] < found.most.high


def test_o10_the_law_itself_peaks_at_181() -> None:
    found = fit(FITS[3]["points"])
    assert math.sqrt((1 - found.sigma) / found.kappa) == pytest.approx(181.6, rel=1e-3)
    assert found.peak is None
    assert found.throughput(128).value > found.throughput(64).value


def test_eight_points_at_low_load_give_no_peak_instead_of_a_wrong_one() -> None:
    found = fit(CISCO[:8])
    assert math.sqrt((1 - found.sigma) / found.kappa) == pytest.approx(56, rel=0.01)
    assert found.peak is None
    assert found.most is None
    assert found.peak_between is None
    with pytest.raises(TooLittle, match=r"N = 17 lies beyond twice the largest measured \(8\)"):
        found.throughput(17)
    assert found.throughput(16).value > 0


def test_the_interval_of_the_peak_is_narrow_where_the_peak_was_measured_around() -> None:
    between = fit(FITS[0]["points"]).peak_between
    assert between is not None
    low, high = between
    assert high is not None
    assert 70 < low < 96.5 < high < 135


def test_the_standard_errors_are_those_of_the_r_package() -> None:
    covariance = fit(FITS[0]["points"]).covariance
    assert math.sqrt(covariance[1][1]) == pytest.approx(0.0091217, rel=2e-3)
    assert math.sqrt(covariance[2][2]) == pytest.approx(0.0000199, rel=2e-3)


def test_points_lie_about_the_interval_of_their_curve() -> None:
    found = fit(CISCO)
    near = [found.throughput(n).value == pytest.approx(x, rel=0.06) for n, x in CISCO]
    assert all(near)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (CISCO[:5], "5 levels of load were measured: a fit needs 6"),
        ([*CISCO[:5], *CISCO[:5]], "5 levels"),
        (CISCO[7:26], "load was measured from 8 to 26: measure up to 32"),
        (CISCO[10:16], "3 levels"),  # 11 and 12 are hardly two
    ],
)
def test_too_few_or_too_close_points_are_refused(points: list[tuple[float, float]], words: str) -> None:
    with pytest.raises(TooLittle, match=words):
        fit(points)


def test_points_that_make_no_sense_are_refused() -> None:
    with pytest.raises(OutOfRange, match="throughput must be above 0"):
        fit([(1, 0), *CISCO[1:]])
    with pytest.raises(OutOfRange, match="concurrency must be at least 1"):
        fit([(0.5, 3), *CISCO[1:]])


@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 1e5), st.floats(0.001, 0.3), st.floats(1e-5, 1e-3))
def test_a_law_without_noise_is_found_again(gamma: float, sigma: float, kappa: float) -> None:
    found = fit([(n, law(n, gamma, sigma, kappa)) for n in (1, 2, 4, 8, 16, 32, 64)])
    assert (found.gamma, found.sigma) == pytest.approx((gamma, sigma), rel=1e-2)
    assert found.kappa == pytest.approx(kappa, rel=5e-2)
    at = found.throughput(48)
    assert 0 <= at.low <= at.value <= at.high


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(1e-3, 1e6), min_size=7, max_size=7))
def test_any_measurements_end_well(rates: list[float]) -> None:
    try:
        found = fit(list(zip((1, 2, 4, 8, 16, 32, 64), rates, strict=True)))
    except TooLittle:
        return
    at = found.throughput(found.reach)
    assert 0 <= at.low <= at.value <= at.high < math.inf
    assert found.peak is None or 1 <= found.peak <= found.reach
    between = found.peak_between
    assert between is None or (between[1] or math.inf) >= found.peak >= between[0] > 0
