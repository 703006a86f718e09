"""Rate over the last seconds, and the time that is left at it."""

from telemetry.pace import WINDOW_S, Pace, seconds_left


def test_a_steady_reading_has_its_rate_from_the_first_mark_with_time() -> None:
    pace = Pace(100.0)
    assert pace.mark(100.0, 0) is None
    assert [pace.mark(100.0 + second, 10 * second) for second in (1, 2, 3)] == [10, 10, 10]


def test_what_was_long_ago_does_not_count() -> None:
    pace = Pace(0.0)
    for second in range(1, 11):
        pace.mark(float(second), 1000 * second)
    for second in range(11, 11 + int(WINDOW_S)):
        rate = pace.mark(float(second), 10_000)
    assert rate == 0


def test_a_reading_that_begins_again_is_not_negative() -> None:
    pace = Pace(0.0)
    pace.mark(1.0, 500)
    assert pace.mark(2.0, 0) == 0


def test_time_left_is_the_rest_by_the_rate() -> None:
    assert seconds_left(1000, 400, 100) == 6.0
    assert seconds_left(1000, 1200, 100) == 0.0
    assert seconds_left(1000, 400, 0) is None
    assert seconds_left(1000, 400, None) is None
