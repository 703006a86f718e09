"""Numbers, dates and colours as the report prints them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reviews.report import colour, readout
from reviews.report.figures import days, digits, figure, listed, when
from reviews.report.markdown import LONGEST, to_html
from reviews.report.words import text

TOKENS = (Path(__file__).resolve().parents[3] / "static" / "css" / "tokens.css").read_text("utf-8")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (3.0, "3"), (12, "12"), (1840, "1,840"), (2410300, "2,410,300"), (12.345, "12.3"),
     (1.005, "1"), (184.2, "184"), (0.0384, "0.0384"), (0.00002, "2.0e-05"), (-4.5, "-4.5"),
     (float("nan"), "not finite"), (float("inf"), "not finite")],
)  # fmt: skip
def test_no_more_digits_than_the_evidence_carries(value: float, shown: str) -> None:
    assert digits(value) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [(0.0121, "ratio", "1.21 %"), (3328599654, "bytes", "3.33 GB"), (512, "bytes", "512 B"), (184.2, "ms", "184 ms"),
     (0.48, "money", "0.48"),
     (9230.0, "1", "9,230"), (None, "ms", "not measured"), ("on", "", "on"), (True, "", "True")],
)  # fmt: skip
def test_units_are_said_as_people_say_them(value: object, unit: str, shown: str) -> None:
    assert str(figure(value, unit)) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(1, 1, "1 day"), (1, 2, "1 to 2 days"), (0.25, 1, "0.25 to 1 day"), (0.25, 0.5, "2 to 4 hours"),
     (0.125, 0.125, "1 hour"), (None, None, ""), (None, 3, "3 days")],
)  # fmt: skip
def test_estimates_are_ranges(low: float | None, high: float | None, shown: str) -> None:
    assert days(low, high) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2026-11-12", "12 Nov 2026"), ("2026-11-12T14:05:00Z", "12 Nov 2026 14:05"), ("soon", "soon"), (None, "")],
)
def test_dates_are_readable(value: object, shown: str) -> None:
    assert when(value) == shown


@pytest.mark.parametrize(
    ("words", "shown"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (list("abcdef"), "a, b, c, d and 2 more")]
)
def test_lists_are_sentences(words: list[str], shown: str) -> None:
    assert listed(words) == shown


def test_months_to_the_target_follow_from_growth() -> None:
    facts = {"current_mau": 120_000, "target_mau": 500_000, "growth_per_month": 0.08}
    assert readout.months_to_target(facts) == pytest.approx(18.54, abs=0.01)
    assert readout.months_to_target(facts | {"growth_per_month": None}) is None
    assert readout.months_to_target(facts | {"target_mau": 100_000}) is None


@pytest.mark.parametrize("value", ["red", "#12345", "#1234567", "#12345g", "#0b5d66;}", None, 7, "url(x)"])
def test_only_colours_are_colours(value: object) -> None:
    assert colour.checked(value, "#0b5d66") == "#0b5d66"


@pytest.mark.parametrize("accent", ["#ffcc00", "#ffffff", "#00ff00", "#0b5d66", "#000000"])
def test_text_in_the_accent_can_be_read(accent: str) -> None:
    assert colour.contrast(colour.readable(accent), "#ffffff") >= 4.5
    assert colour.contrast(colour.on(accent), accent) >= 4.5


def test_black_on_white_is_the_largest_contrast() -> None:
    assert colour.contrast("#000000", "#ffffff") == pytest.approx(21)


def test_reading_direction_cannot_be_reversed_by_a_name() -> None:
    assert text("invoice\u202efdp.exe\x00\x1b[31m") == "invoicefdp.exe[31m"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("![a](file:///etc/passwd)", "<p>![a](file:///etc/passwd)</p>"),
        ("![a <b>](http://x/y.png)", "<p>[image: a &lt;b&gt;]</p>"),
        ("[a](javascript:x)", "<p>[a](javascript:x)</p>"),
        ("# Title", "<h4>Title</h4>"),
        ("{{ x }}", "<p>{{ x }}</p>"),
        ("**b** `c`", "<p><strong>b</strong> <code>c</code></p>"),
    ],
)
def test_markdown_shows_html_as_text_and_fetches_nothing(source: str, html: str) -> None:
    assert to_html(source).strip() == html


def test_markdown_of_any_length_ends() -> None:
    assert f"cut after {LONGEST:,} characters" in to_html("a " * LONGEST)


def values_of(block: str) -> dict[str, str]:
    return dict(re.findall(r"(--ll-[a-z0-9-]+): (#[0-9a-f]{6})", block))


def test_both_ways_into_the_dark_are_the_same() -> None:
    dark = TOKENS.split("/* DARK */")[1]
    by_class, by_system = dark.split("@media (prefers-color-scheme: dark)")
    assert values_of(by_class) == values_of(by_system)
    assert len(values_of(by_class)) > 20


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "ink", ["neutral-7", "neutral-8", "neutral-9", "high", "medium", "low", "ok", "warn", "bad", "accent"]
)
@pytest.mark.parametrize("paper", ["paper", "neutral-1", "neutral-2"])
def test_text_on_surfaces_can_be_read(ink: str, paper: str, dark: bool) -> None:
    light, night = TOKENS.split("/* DARK */")
    values = values_of(light) | (values_of(night) if dark else {})
    assert colour.contrast(values[f"--ll-{ink}"], values[f"--ll-{paper}"]) >= 4.5
