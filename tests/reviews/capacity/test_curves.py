"""Load tests at different loads: which make one curve, what is fitted, and what is asked for while it is too little."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from reviews.capacity.curves import APART, NAME_THEM, UNNAMED, curves_of
from reviews.capacity.formulas.usl import law
from reviews.capacity.gather import gathered
from reviews.capacity.shapes import Gathered
from reviews.report.throughput import curves_view
from telemetry.evidence import Evidence, EvidenceSet, ParseResult
from telemetry.parsers.load_test_text import read_text
from telemetry.source import Source
from tests.reviews.capacity.making import demo
from tests.reviews.risk.making import make_row

Machine = dict[str, Any]
LEVELS = (1, 4, 8, 16, 32, 64)
ACCENT = "#0b5d66"


def run(file: str, **metrics: float) -> Evidence:
    return replace(make_row("load.run", "run", **metrics), file=file, attrs={"tool": "k6"})


def route(file: str, name: str) -> Evidence:
    return replace(make_row("load.endpoint", f"GET {name}", requests=9.0), file=file, attrs={"route": name})


def loads_of(name: str, levels: tuple[int, ...] = LEVELS, think: float = 0.0, **more: float) -> list[Evidence]:
    """Runs whose throughput follows the law exactly: 100 a second of one, peak at 40."""
    rows = []
    for n in levels:
        rate, file = law(n, 100.0, 0.02, 0.98 / 1600), f"{name}-{n}.json"
        mean = n / rate * 1000
        rows += [run(file, rps=rate, mean_ms=mean, users=n * (1 + think), **more), route(file, name)]
    return rows


def curves(*rows: Evidence) -> list[Machine]:
    return curves_of(EvidenceSet(list(rows)))


def test_six_loads_of_one_target_give_its_curve() -> None:
    (found,) = curves(*loads_of("/api/books"))
    fit = found["fit"]
    assert (found["target"], found["refused"], found["needs"], found["left_out"]) == ("/api/books", "", [], [])
    assert [point["at_once"] for point in found["points"]] == list(LEVELS)
    assert (fit["one_per_s"], fit["contention"], fit["peak"]) == pytest.approx((100, 0.02, 40), rel=1e-3)
    assert (fit["explained"], fit["largest"], fit["reach"]) == (pytest.approx(1), 64, 128)
    assert fit["curve"][0][0] == 1
    assert fit["curve"][-1][0] == 128
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_users_that_pause_count_as_the_requests_they_have_in_flight() -> None:
    (found,) = curves(*loads_of("/a", think=3.0))
    assert [point["at_once"] for point in found["points"]] == pytest.approx(LEVELS)


def test_two_targets_are_two_curves_and_the_one_with_more_points_comes_first() -> None:
    rows = curves(*loads_of("/a", (1, 2)), *loads_of("/b"))
    assert [(row["target"], row["fit"] is not None) for row in rows] == [("/b", True), ("/a", False)]


@pytest.mark.parametrize("levels", [(1,), (1, 2, 4, 8, 16), (30, 31, 32, 33, 34, 35)])
def test_too_few_levels_are_counted_and_asked_for(levels: tuple[int, ...]) -> None:
    (found,) = curves(*loads_of("/a", levels))
    have = {1: 1, 5: 5, 6: 2}[len(levels)]
    assert found["fit"] is None
    assert f"load tests at 6 different numbers of users ({have} so far)" in found["needs"][0]


def test_a_run_that_failed_or_says_too_little_is_left_out_and_named() -> None:
    bad = [
        run("broken.json", rps=50.0, mean_ms=100.0, failed_share=0.3),
        run("silent.json", rps=50.0),
        run("idle.json", rps=0.5, mean_ms=10.0),
        run("none.json", rps=0.0, mean_ms=10.0),
    ]
    (found,) = curves(*bad)
    assert found["points"] == []
    assert [(row["file"], row["why"]) for row in found["left_out"]] == [
        ("broken.json", "30 % of its requests failed"),
        ("idle.json", "less than one request ran at a time"),
        ("none.json", "nothing was answered"),
        ("silent.json", "it says neither how many users there were nor how long a request took"),
    ]
    assert found["target"] == UNNAMED


def test_runs_that_do_not_say_what_they_called_are_shown_and_never_joined() -> None:
    """Six summaries of k6 without names may be of six scripts, and their points lie on a perfect curve by chance."""
    rows = [row for row in loads_of("/a") if row.kind == "load.run"]
    (found,) = curves(*rows)
    assert (found["target"], found["fit"], found["refused"]) == (UNNAMED, None, APART)
    assert [point["at_once"] for point in found["points"]] == list(LEVELS)
    assert found["needs"] == [NAME_THEM]
    named = curves(*rows, *loads_of("/b"))
    assert [(row["target"], row["fit"] is not None) for row in named] == [("/b", True), (UNNAMED, False)]
    (view,) = curves_view({"curves": [found]}, ACCENT)
    assert (view["picture"], view["needs"], len(view["table"].rows)) == ("", NAME_THEM, len(LEVELS))


def test_what_wrk_prints_at_six_loads_gives_a_curve() -> None:
    rows = []
    for n in LEVELS:
        rate = law(n, 100.0, 0.02, 0.98 / 1600)
        text = (
            f"Running 10s test @ http://127.0.0.1:8000/api/books\n  1 threads and {n} connections\n"
            f"    Latency   {n / rate * 1000:.2f}ms    1.00ms   90.00ms   80.00%\n"
            f"  {round(rate * 10)} requests in 10.00s, 1.00MB read\nRequests/sec:   {rate:.2f}\n"
        )
        result = ParseResult()
        read_text(Source("wrk.txt", BytesIO(text.encode())), result)
        rows += [replace(entry, file=f"{n}.txt") for entry in result.evidence]
    (found,) = curves(*rows)
    assert found["target"] == "/api/books"
    assert found["fit"]["peak"] == pytest.approx(40, rel=0.02)


def test_curves_are_kept_between_judgings() -> None:
    intake, _ = demo()
    made = gathered(EvidenceSet(loads_of("/a")), intake)
    assert made.curves
    assert Gathered.of_kept(json.loads(json.dumps(made.kept()))).curves == made.curves


def test_the_page_says_where_it_peaks_and_how_far_it_may_be_asked() -> None:
    (view,) = curves_view({"curves": curves(*loads_of("/a"))}, ACCENT)
    assert "<svg" in view["picture"]
    assert "peaks at 40 at the same time" in view["note"]
    assert "nothing is said beyond 128 at the same time" in view["note"]
    assert len(view["table"].rows) == len(LEVELS)


def test_without_a_fit_the_page_shows_the_points_and_what_is_needed() -> None:
    (view,) = curves_view({"curves": curves(*loads_of("/a", (1, 2)))}, ACCENT)
    assert (view["picture"], view["note"]) == ("", "")
    assert view["needs"].startswith("load tests at 6 different numbers of users (2 so far)")
    assert [line[0] for line in view["table"].rows] == ["1", "2"]
