"""Confidence: the worse of grades and window, and what would lift it."""

import pytest

from reviews.risk.confidence import Confidence, assure, is_written, span, window_of
from reviews.risk.matrix import Grade
from telemetry.evidence import EvidenceSet
from tests.reviews.risk.making import make_row

DAY = 86_400.0
M, D, S, A = Grade.MEASURED, Grade.DERIVED, Grade.STATED, Grade.ASSUMED


@pytest.mark.parametrize(
    ("grades", "window", "expected"),
    [
        ((M,), 7 * DAY, Confidence.MEASURED),
        ((M, D), 30 * DAY, Confidence.MEASURED),
        ((M, S), 7 * DAY, Confidence.PARTLY_MEASURED),
        ((M,), 7 * DAY - 1, Confidence.PARTLY_MEASURED),
        ((M,), DAY, Confidence.PARTLY_MEASURED),
        ((M,), DAY - 1, Confidence.ASSUMED),
        ((M,), 0.0, Confidence.ASSUMED),
        ((M,), None, Confidence.PARTLY_MEASURED),
        ((M, S, A), 7 * DAY, Confidence.ASSUMED),
    ],
)
def test_the_worse_of_grades_and_window(grades: tuple[Grade, ...], window: float | None, expected: Confidence) -> None:
    answer = assure(grades, window)
    assert answer.confidence is expected
    assert bool(answer.upgrade) is (expected is not Confidence.MEASURED)


def test_a_family_shares_its_window() -> None:
    evidence = EvidenceSet([make_row("pg.log.server", "server", window_s=DAY), make_row("pg.table", "t", live=1.0)])
    assert window_of("pg.log.lock", evidence) == DAY
    assert window_of("http.route", evidence) == 0.0
    assert window_of("pg.table", evidence) is None
    assert window_of("route", evidence) is None


def test_what_is_read_from_code_tells_no_frequency() -> None:
    answer = assure((M,), None, is_written("code.smell"))
    assert answer.confidence is Confidence.PARTLY_MEASURED
    assert "code" in answer.reason
    assert not is_written("pg.table")


def test_words_are_those_of_the_interface() -> None:
    assert [entry.word for entry in Confidence] == ["assumed", "partly-measured", "measured"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(45, "45 seconds"), (600, "10 minutes"), (7200, "2 hours"), (8 * DAY, "8 days")]
)
def test_spans_read_well(seconds: float, text: str) -> None:
    assert span(seconds) == text
