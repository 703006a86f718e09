"""Marks stand where the numbers say."""

import math
from itertools import pairwise

import pytest

from reviews.report.pictures import cost, growth, headroom, heat, latency, pareto, queues, scorecard, topology
from reviews.report.pictures.flows import time_per_flow
from reviews.report.pictures.ladder import step_ladder
from reviews.report.pictures.matrix import coverage_matrix
from reviews.report.pictures.scale import Scale
from reviews.report.pictures.shapes import WIDTH
from reviews.report.pictures.usl import usl_curve, usl_table
from reviews.report.pictures.wait import seconds, wait_curve
from tests.reviews.report.pictures import gallery
from tests.reviews.report.pictures.drawing import drawn, of_class, place, steps, texts


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (Scale(0, 96, 0, 1), [0, 20, 40, 60, 80]),
        (Scale(0, 1, 0, 1), [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (Scale(0.5, 60, 0, 1, log=True), [0.5, 1, 2, 5, 10, 20, 50]),
        (Scale(1, 1e9, 0, 1, log=True), [1, 1e2, 1e4, 1e6, 1e8]),
        (Scale(3, 3, 0, 1), [3]),
    ],
)
def test_ticks_are_round(scale: Scale, expected: list[float]) -> None:
    assert scale.ticks() == pytest.approx(expected)


def test_equal_factors_are_equally_far_apart() -> None:
    scale = Scale(1, 100, 10, 210, log=True)
    assert [scale.at(value) for value in (1, 10, 100, 1000, 0.1)] == pytest.approx([10, 110, 210, 210, 10])


def ladder_scale() -> Scale:
    return Scale(0.8 / 1.5, 55 * 1.25, headroom.LEFT, WIDTH - headroom.RIGHT, log=True)


def test_a_bar_ends_where_its_resource_breaks_and_the_first_is_on_top() -> None:
    picture = headroom.headroom(gallery.POINTS, gallery.MARKS, "h")
    scale = ladder_scale()
    bars = sorted(of_class(picture, "solid") + of_class(picture, "hollow"), key=lambda bar: place(bar, "y"))
    ends = [sum(place(bar, "x", "width")) for bar in bars]
    assert ends == pytest.approx([scale.at(multiple) for multiple in (0.9, 1.4, 2.6, 41)], abs=0.02)
    assert [bar.get("stroke-dasharray") for bar in bars] == [None, None, "3 2", "1 2"]


def test_scenarios_are_lines_and_the_whisker_is_the_interval() -> None:
    picture = headroom.headroom(gallery.POINTS, gallery.MARKS, "h")
    scale = ladder_scale()
    lines = [place(line, "x1")[0] for kind in ("limit", "guide") for line in of_class(picture, kind, "line")]
    assert lines == pytest.approx([scale.at(multiple) for multiple in (1, 4.2, 5, 10)], abs=0.02)
    whisker = of_class(picture, "whisker", "line")[0]
    assert place(whisker, "x1", "x2") == pytest.approx((scale.at(0.8), scale.at(1.1)), abs=0.02)


@pytest.mark.parametrize(
    ("multiple", "message"),
    [
        (1.4, "First to break: Pool, at 1.4 × today"),
        (0.8, "Past the limit: Pool, at 0.8 × today's load"),
        (25.4, "First to break: Pool, at 25 × today"),
        (5000, "First to break: Pool, at over 1,000 × today"),
    ],
)
def test_the_message_says_what_breaks_first(multiple: float, message: str) -> None:
    rows = [{"title": "Disk", "multiple": 9000}, {"title": "Pool", "multiple": multiple}]
    assert headroom.headroom(rows, [], "h").message == message


def test_a_resource_without_a_multiple_has_no_bar() -> None:
    assert "Disk" not in texts(headroom.headroom(gallery.POINTS, [], "h"))


@pytest.mark.parametrize(
    ("share", "spoken"),
    [(None, "not measured"), (0.0, "0 %, fits"), (0.69, "69 %, fits"), (0.7, "70 %, tight"), (1.0, "100 %, over")],
)
def test_a_cell_says_its_share_and_a_word(share: float | None, spoken: str) -> None:
    assert heat.spoken(share) == spoken


def test_cells_stand_in_their_column_fullest_resource_first() -> None:
    picture = heat.heat_table(gallery.SCENARIOS, "h")
    over = of_class(picture, "over")[0]
    assert place(over, "x", "y") == (heat.LEFT + 2 * 110 + 1, heat.TOP + 1)
    assert len(of_class(picture, "patterned")) == 3  # two cells that are tight, and the key
    assert heat.heat_rows(gallery.SCENARIOS).rows[0] == (
        "Database connections", "66 %, fits", "92 %, tight", "330 %, over",
    )  # fmt: skip


def test_a_long_title_gives_way_to_the_name_over_its_column() -> None:
    scenario = {"name": "sale day 5x", "title": "A sale day at five times the load",
                "rows": [{"resource": "m", "title": "M", "used_peak": 0.3}]}  # fmt: skip
    assert "sale day 5x" in texts(heat.heat_table([scenario], "h"))
    assert heat.heat_rows([scenario]).head == ("Resource", "A sale day at five times the load")


def test_a_word_that_has_no_room_gives_way_to_the_share() -> None:
    rows = [{"resource": "a", "title": "A", "used_peak": 4914.0}]
    wide, narrow = (heat.heat_table([{"title": f"S{n}", "rows": rows} for n in range(count)], "h") for count in (2, 6))
    assert ("491,400 %" in texts(wide), "over" in texts(wide)) == (True, True)
    assert ("491,400 %" in texts(narrow), "over" in texts(narrow)) == (True, False)


def test_steady_load_stands_in_where_no_peak_is_known() -> None:
    rows = [{"title": "A", "rows": [{"resource": "m", "title": "M", "used_steady": 0.3, "used_peak": None}]}]
    assert heat.heat_rows(rows).rows == (("M", "30 %, fits"),)


def test_the_peak_stands_on_the_curve() -> None:
    curve = {"title": "Pool", "points": [[x / 100, x / 100] for x in range(101)], "peak": [0.5, 0.5]}
    picture = wait_curve(curve, "w")
    x, y = place(of_class(picture, "point", "circle")[0], "cx", "cy")
    line = steps(of_class(picture, "curve", "path")[0])
    assert (x, y) == pytest.approx(min(line, key=lambda point: abs(point[0] - x)), abs=0.02)


def test_a_peak_past_the_slots_is_said_not_drawn() -> None:
    picture = wait_curve(gallery.WAIT | {"peak": [1.2, 9.0]}, "w")
    assert of_class(picture, "point", "circle") == []
    assert picture.message == "Database pool: more work than slots at today's peak"


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (3e-24, "0"), (0.0007, "0.7 ms"), (0.0669, "66.9 ms"), (2.5, "2.5 s"), (3000, "50 min")],
)
def test_seconds_are_read_in_their_size(value: float, said: str) -> None:
    assert seconds(value) == said


def test_beyond_the_last_measured_point_is_shaded() -> None:
    picture = usl_curve(gallery.USL, "u")
    last = max(place(dot, "cx")[0] for dot in of_class(picture, "dot", "circle"))
    assert place(of_class(picture, "zone")[0], "x")[0] == pytest.approx(last, abs=0.02)
    assert usl_table(gallery.USL).rows[-1] == ("144", "1,775", "1,820")


def test_a_law_without_a_peak_names_none() -> None:
    message = usl_curve(gallery.USL | {"n_max": None}, "u").message
    assert message == "Checkout: no peak within what was measured, up to 144 at the same time"


def test_the_band_of_dates_stands_under_its_threshold() -> None:
    picture = growth.growth_line(gallery.GROWTH, "g")
    band = of_class(picture, "eta")[0]
    measured = steps(of_class(picture, "curve", "path")[0])
    per_day = (measured[-1][0] - measured[0][0]) / 151  # 1 January to 1 June
    assert place(band, "x", "width") == pytest.approx((measured[0][0] + 243 * per_day, 70 * per_day), abs=0.1)
    assert place(of_class(picture, "limit", "line")[0], "y1") == place(band, "y")


def test_names_of_close_thresholds_stand_at_both_ends_and_a_third_in_the_table() -> None:
    limits = [{"title": name, "value": value} for name, value in (("a", 5e6), ("b", 5.1e6), ("c", 5.2e6), ("d", 2e6))]
    picture = growth.growth_line(gallery.GROWTH | {"thresholds": limits}, "g")
    names = [text for text in texts(picture) if text[:1] in "abcd" and "rows" in text]
    assert [name[0] for name in names] == ["d", "a", "b"]
    assert len(of_class(picture, "limit", "line")) == 4


def test_exponential_growth_is_straight() -> None:
    points = steps(of_class(growth.growth_line(gallery.GROWTH, "g"), "curve", "path")[0])
    rises = [one[1] - two[1] for one, two in pairwise(points)]
    assert max(rises) - min(rises) < 0.05


def test_parts_of_a_flow_stand_one_after_another() -> None:
    picture = time_per_flow(gallery.FLOWS[:1], "f")
    bars = [place(e, "x", "width") for kind in ("solid", "patterned", "shade") for e in of_class(picture, kind)]
    parts = sorted(bar for bar in bars if bar[1] != 10)  # the key's squares are 10 wide
    assert sum(width for _, width in parts) == pytest.approx(360, abs=0.1)
    assert parts[0][1] == pytest.approx(360 * 0.412 / 1.012, abs=0.1)
    assert picture.message == "checkout: 41 % of its time goes to the database"
    assert all(one[0] + one[1] == pytest.approx(two[0], abs=0.05) for one, two in pairwise(parts))


def test_the_sum_ends_at_the_share_of_everything() -> None:
    picture = pareto.pareto(gallery.QUERIES, "p", "statement", "s", "all time")
    end = steps(of_class(picture, "sum", "path")[0])[-1]
    share = sum(row["value"] for row in gallery.QUERIES) / 15000
    assert end[0] == pytest.approx(pareto.LEFT + share * (pareto.RIGHT - pareto.LEFT), abs=0.02)


@pytest.mark.parametrize(
    ("values", "total", "message"),
    [
        ((70, 20, 10), None, "2 statements take 90 % of all time"),
        ((90, 10), None, "1 statement takes 90 % of all time"),
        ((30, 20), 200, "2 statements take 25 % of all time"),
    ],
)
def test_few_that_take_most_are_counted(values: tuple[int, ...], total: int | None, message: str) -> None:
    rows = [{"label": "a", "value": value, "total": total} for value in values]
    assert pareto.pareto(rows, "p", "statement", "s", "all time").message == message


def test_jobs_that_wait_share_a_scale_and_rates_are_compared_within_their_queue() -> None:
    picture = queues.queue_health(gallery.QUEUES, "q")
    bars = sorted((place(bar, "y", "x", "width") for bar in of_class(picture, "solid")), key=lambda bar: bar[0])
    waits = [width for y, x, width in bars if x == queues.WAITING[0]]
    assert waits == pytest.approx([84 * 440 / 500, 84 * 40 / 500], abs=0.02)
    arrivals = [width for y, x, width in bars if x == queues.RATES[0] and width != 10]
    assert arrivals == pytest.approx([110, 110 / 4.25], abs=0.02)
    assert queues.queue_table(gallery.QUEUES).rows == (
        ("emails", "440 (most 500)", "6 min", "0.07", "0.05", "stated", "grows by 72 jobs an hour, never gone"),
        ("webhooks", "40", "not measured", "1", "4.25", "measured", "gone in 12.3 s"),
        ("exports", "not measured", "30 s", "not measured", "not measured", "", "not measured"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"waiting": 3, "grows_per_s": 0.5}, "a: more comes in than can be done, 1,800 jobs an hour too many"),
        ({"waiting": 3, "oldest": 90.0}, "a: the oldest job waits for 90 s"),
        ({"waiting": 1}, "a: 1 job waiting"),
        ({"waiting": 0, "arrives": 1, "done": 1, "grows_per_s": 0.0}, "No job waits in any queue that was counted"),
    ],
)
def test_what_grows_is_said_before_what_is_old_and_what_is_long(row: dict[str, float], message: str) -> None:
    assert queues.queue_health([{"name": "a"} | row], "q").message == message


def test_what_nobody_answered_is_striped() -> None:
    picture = scorecard.scorecard_bars(gallery.DIMENSIONS, 3.4, "s")
    room = scorecard.RIGHT - scorecard.LEFT
    widths = [place(bar, "width")[0] for bar in of_class(picture, "patterned")]
    assert widths == pytest.approx([0.3 * room, 0.1 * room, room], abs=0.02)
    assert [place(bar, "width")[0] for bar in of_class(picture, "solid")] == pytest.approx([162, 67.5, 243])


def test_columns_are_as_high_as_their_price() -> None:
    picture = cost.cost_by_phase(gallery.PHASES, "USD", "c")
    solid = [place(bar, "height")[0] for bar in of_class(picture, "solid")][1:]  # the first is the key's
    assert [height / solid[2] for height in solid] == pytest.approx([500 / 10500, 3000 / 10500, 1], abs=0.002)
    assert "no price known" in texts(picture)
    table = cost.cost_table(gallery.PHASES, "USD")
    assert table.rows[-3:] == (
        ("Together a month", "USD 900", "USD 4,800", "USD 17,000", "not known"),
        ("Users", "1,000", "10,000", "50,000", "100,000"),
        ("Per user", "USD 0.90", "USD 0.48", "USD 0.34", "not known"),
    )


def test_more_components_than_fills_end_in_other() -> None:
    rows = [{"title": "Today", "users": 1, "parts": {f"part {n}": 10 - n for n in range(9)}}]
    picture = cost.cost_by_phase(rows, "USD", "c")
    assert "other" in texts(picture)
    columns = [place(e, "height", "width") for kind in ("solid", "patterned", "shade", "hollow")
               for e in of_class(picture, kind)]  # fmt: skip
    assert sum(height for height, width in columns if width == 70) == pytest.approx(106 / 1.08, abs=0.2)


def test_percentiles_and_budget_stand_on_one_axis() -> None:
    picture = latency.latency_ranges(gallery.LATENCY[:1], "l")
    scale = Scale(0.18 / 1.4, 2.9 * 1.4, latency.LEFT, WIDTH - latency.RIGHT, log=True)
    found = [place(e, "cx")[0] for kind in ("dot", "point") for e in of_class(picture, kind, "circle")]
    assert found == pytest.approx([scale.at(value) for value in (0.18, 2.9, 1.02)], abs=0.02)
    assert place(of_class(picture, "limit", "line")[0], "x1")[0] == pytest.approx(scale.at(0.5), abs=0.02)
    assert "1.02 s, over" in texts(picture)


def test_the_step_we_are_on_is_filled_and_each_step_is_higher() -> None:
    picture = step_ladder(gallery.STEPS, "s")
    here = of_class(picture, "solid")
    assert [place(step, "x")[0] for step in here] == [WIDTH / 5 + 1]
    boxes = [place(step, "x", "y") for step in (*of_class(picture, "box"), *here)]
    heights = [y for _, y in sorted(boxes)]
    assert heights == sorted(heights, reverse=True)


def test_a_cell_stands_only_where_a_section_rests_on_the_input() -> None:
    picture = coverage_matrix(gallery.INPUTS, ["Risks", "Capacity", "Cost"], "m")
    assert [t for t in texts(picture) if t in ("M", "D", "S", "A", "–")] == list("MMSSSAD–")
    assert picture.message == (
        "2 of 5 kinds of numbers measured throughout; 1 missing where a section needs it"
    )  # fmt: skip


def test_a_box_that_breaks_first_is_marked_and_links_end_at_boxes() -> None:
    picture = topology.topology(gallery.BOXES, gallery.LINKS, "t")
    assert len(of_class(picture, "first")) == 1
    assert len(of_class(picture, "axis", "line")) == 6  # the seventh leads nowhere
    left, top, width = place(of_class(picture, "first")[0], "x", "y", "width")
    ends = {place(line, "x2", "y2") for line in of_class(picture, "axis", "line")}
    assert (round(left + width / 2, 2), top) in ends
    assert not math.isnan(left)


def test_numbers_out_of_range_are_held_at_the_ends() -> None:
    rows = [{"title": "a", "score": 99, "answered": 7}, {"title": "b", "score": -3, "answered": -1}]
    assert [place(bar, "width")[0] for bar in of_class(scorecard.scorecard_bars(rows, None, "s"), "solid")] == [270, 0]
    assert drawn(headroom.headroom([{"title": "a", "multiple": 1e12}], [{"multiple": 1e15}], "h")) is not None
