"""What a changed input did is said row by row; what stayed is not mentioned."""

from typing import Any

import pytest

from reviews.capacity.moved import moved


def model(verdict: str = "comfortable", multiple: float | None = 2.0, reached: Any = None) -> dict[str, Any]:
    point = {"resource": "pool", "title": "Pool", "multiple": multiple, "reached": reached}
    return {
        "scenarios": [{"name": "today", "title": "Today", "verdict": verdict}],
        "breaking_points": [point] if multiple is not None else [],
    }


SPAN = {"from": "2027-01-01", "to": "2027-03-01", "words": "January to March"}
LATER = {"from": "2027-02-01", "to": "2027-04-01", "words": "February to April"}
ROW = {"verdict": "Today", "multiple": "Pool", "reached": "Pool"}
CASES = [
    ("nothing", model(), model(), []),
    ("noise", model(), model(multiple=2.001), []),
    ("a verdict", model(), model("complete failure"), [("verdict", "comfortable", "complete failure")]),
    ("a multiple", model(), model(multiple=1.5), [("multiple", 2.0, 1.5)]),
    ("no longer known", model(), model(multiple=None), [("multiple", 2.0, None)]),
    ("known now", model(multiple=None), model(), [("multiple", None, 2.0)]),
    (
        "a date",
        model(reached=SPAN),
        model(reached=LATER),
        [("reached", {"from": "2027-01-01", "to": "2027-03-01"}, {"from": "2027-02-01", "to": "2027-04-01"})],
    ),
]


@pytest.mark.parametrize(("before", "after", "rows"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_moved(before: dict[str, Any], after: dict[str, Any], rows: list[tuple[str, Any, Any]]) -> None:
    assert moved(before, after) == [
        {"what": what, "title": ROW[what], "before": old, "after": new} for what, old, new in rows
    ]
