"""Charts put marks where the numbers say, keep text as text, and cannot be broken out of."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from django.template import Context, Engine

from reviews.report import charts
from reviews.report.grid import COMPACT, STEPS, WIDE, Shape
from reviews.risk.matrix import severity_of

SVG = "{http://www.w3.org/2000/svg}"


def finding(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "number": number, "title": "Slow", "impact": 3, "proximity": 4, "severity": "medium",
        "confidence": "measured", "overridden": False,
    } | changes  # fmt: skip


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 (our own output)


def marks(svg: str) -> list[ET.Element]:
    return [g for g in drawn(svg).iter(f"{SVG}g") if g.get("class") == "ll-finding"]


def outline(mark: ET.Element) -> ET.Element:
    return next(rect for rect in mark.iter(f"{SVG}rect") if "ll-tag" in str(rect.get("class")))


@pytest.mark.parametrize(("compact", "shape"), [(False, WIDE), (True, COMPACT)])
@pytest.mark.parametrize("impact", STEPS)
@pytest.mark.parametrize("proximity", STEPS)
def test_a_mark_stands_in_its_cell(impact: int, proximity: int, compact: bool, shape: Shape) -> None:
    grid = charts.risk_grid([finding(impact=impact, proximity=proximity)], "g", compact=compact)
    rect = outline(marks(grid)[0])
    left, top = shape.corner(impact, proximity)
    assert left < float(rect.get("x", 0)) < left + shape.width
    assert top < float(rect.get("y", 0)) < top + shape.height


def test_a_symptom_has_no_mark_of_its_own() -> None:
    grid = charts.risk_grid([finding(number=1), finding(number=2, causes=["F1"])], "g")
    assert len(marks(grid)) == 1


def test_cells_are_tinted_as_the_matrix_says() -> None:
    zones = [
        r.get("class") for r in drawn(charts.risk_grid([], "g")).iter(f"{SVG}rect") if "ll-zone" in str(r.get("class"))
    ]
    assert zones == [f"ll-zone ll-zone--{severity_of(i, p).word}" for i in STEPS for p in STEPS]


@pytest.mark.parametrize(
    ("changes", "dashes", "kind"),
    [
        ({"severity": "high"}, None, "ll-tag ll-tag--high is-filled"),
        ({"severity": "high", "confidence": "partly-measured"}, "3 2", "ll-tag ll-tag--high"),
        ({"severity": "high", "confidence": "assumed"}, "1 2", "ll-tag ll-tag--high"),
        ({"severity": "high", "overridden": True}, None, "ll-tag ll-tag--high is-hollow"),
        ({"severity": "nonsense", "confidence": "nonsense"}, "1 2", "ll-tag ll-tag--low"),
    ],
)
def test_line_style_says_confidence_and_hollow_says_by_hand(
    changes: dict[str, Any], dashes: str | None, kind: str
) -> None:
    rect = outline(marks(charts.risk_grid([finding(**changes)], "g"))[0])
    assert (rect.get("stroke-dasharray"), rect.get("class")) == (dashes, kind)


@pytest.mark.parametrize(("severity", "solid"), [("high", 7.0), ("medium", 3.5), ("low", None)])
def test_the_small_square_is_full_half_or_empty(severity: str, solid: float | None) -> None:
    mark = marks(charts.risk_grid([finding(severity=severity, confidence="assumed")], "g"))[0]
    widths = [float(r.get("width", 0)) for r in mark.iter(f"{SVG}rect") if "is-solid" in str(r.get("class"))]
    assert widths == ([] if solid is None else [solid])


def test_marks_that_do_not_fit_are_counted() -> None:
    grid = charts.risk_grid([finding(n) for n in range(1, 13)], "g")
    assert len(marks(grid)) == 8
    assert "+4" in [text.text for text in drawn(grid).iter(f"{SVG}text")]


def test_a_finding_that_is_not_placed_is_left_out() -> None:
    assert marks(charts.risk_grid([finding(impact=None), finding(proximity=9), {}], "g")) == []


@pytest.mark.parametrize("href", ["https://a.invalid", "//a.invalid", "javascript:x", ""])
def test_a_mark_links_only_inside(href: str) -> None:
    assert "<a " not in charts.risk_grid([finding(href=href)], "g")


def test_a_mark_links_to_its_finding() -> None:
    assert '<a href="#finding-1">' in charts.risk_grid([finding(href="#finding-1")], "g")


@pytest.mark.parametrize(
    "text", ["</title><script>x</script>", '"><image href="http://a.invalid"/>', "a\x00b\x1b]]>", "{{ x }}"]
)
def test_text_stays_text(text: str) -> None:
    days = [{"name": text, "hours": 1, "capacity": 2, "entries": [{"title": text, "hours": 1}]}]
    pictures = (
        charts.risk_grid([finding(title=text)], text),
        charts.plan_gantt(days, text),
        charts.coverage_spans([{"file": text, "from": "2026-01-01", "to": "2026-01-02"}], text),
        charts.bars([{"label": text, "share": 0.5, "note": text}], text, text),
    )
    for picture in pictures:
        tags = {element.tag.removeprefix(SVG) for element in drawn(picture).iter()}
        assert tags <= {"svg", "title", "desc", "g", "rect", "line", "text"}


def test_every_chart_has_a_name_that_can_be_read_out() -> None:
    picture = drawn(charts.risk_grid([finding(severity="high")], "left"))
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == "left-title left-desc"
    assert picture.findtext(f"{SVG}title") == "1 risks by impact and proximity, 1 of them high"
    assert picture.findtext(f"{SVG}desc") == "1: Slow, impact 3, proximity 4, high, measured"


def test_templates_print_a_chart_as_it_stands() -> None:
    chart = charts.risk_grid([], "g")
    assert Engine().from_string("{{ chart }}").render(Context({"chart": chart})) == str(chart)


def test_work_starts_where_the_entry_before_it_ends() -> None:
    days = [
        {
            "name": "Day 1",
            "hours": 6,
            "capacity": 8,
            "entries": [{"title": "a", "hours": 2}, {"title": "b", "hours": 4}],
        }
    ]
    first, second = (
        r for r in drawn(charts.plan_gantt(days, "p")).iter(f"{SVG}rect") if "ll-bar" in str(r.get("class"))
    )
    end = float(first.get("x", 0)) + float(first.get("width", 0))
    assert float(second.get("x", 0)) - end == pytest.approx(2)
    assert float(second.get("width", 0)) + 2 == pytest.approx(2 * (float(first.get("width", 0)) + 2))


def test_files_without_a_time_have_no_span() -> None:
    assert charts.coverage_spans([{"file": "a.csv", "from": "", "to": None}], "c") == ""


def test_the_scale_puts_today_at_its_share_of_the_target() -> None:
    scale = drawn(charts.load_scale(120_000, 500_000, "s"))
    marks_at = [float(r.get("x", 0)) + 1.25 for r in scale.iter(f"{SVG}rect")]
    assert marks_at == pytest.approx([2 + 476 * 0.24, 478], abs=0.01)
