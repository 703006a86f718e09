"""The report says everything the document holds, says what is missing, and is laid out as paper should be."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest

from reviews.report import findings, readout, sections
from reviews.report.render import RenderedPdf, render_pdf
from tests.reviews.report.conftest import squeezed, words_of
from tests.reviews.report.document import make_brand, make_document

CONTENT_TOP, CONTENT_FOOT = 297 - 23, 20  # mm from the foot of an A4 page; see @page in report.css
SAID: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("said.toml").read_text("utf-8"))


@pytest.mark.parametrize("what", SAID)
def test_the_report_says(what: str, says: Callable[[str], bool]) -> None:
    missing = [text for text in SAID[what] if not says(text)]
    assert missing == []


def test_the_renderer_has_nothing_to_complain_about(report: RenderedPdf) -> None:
    assert report.warnings == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"heading_font": "inter", "accent": "#ffcc00", "paper": "Letter"},
        {"heading_font": "hanken", "body_font": "source-serif", "accent": "#7a1f5c"},
    ],
)
def test_other_brands_render_without_warnings(changes: dict[str, Any]) -> None:
    made = render_pdf(make_document(4), make_brand(**changes))
    assert made.warnings == ()
    size = pypdf.PdfReader(io.BytesIO(made.pdf)).pages[0].mediabox
    assert round(size.width) == (612 if changes.get("paper") == "Letter" else 595)


def test_the_logo_is_drawn_and_described() -> None:
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (300, 80), "#884400").save(picture, "PNG")
    made = render_pdf(make_document(1), make_brand(logo={"type": "png", "data": picture.getvalue()}))
    assert made.warnings == ()
    assert len(pypdf.PdfReader(io.BytesIO(made.pdf)).pages[0].images) == 1


def test_equal_documents_give_equal_bytes(report: RenderedPdf) -> None:
    assert render_pdf(make_document(8), make_brand()).pdf == report.pdf


def test_an_empty_document_says_what_it_needs() -> None:
    made = render_pdf({}, {})
    printed = words_of(made.pdf)
    assert made.warnings == ()
    for text in (
        "Nothing was received yet",
        "No risk was found above a limit in what was received. That is not a statement of health",
        "Not planned: needs the number of engineers",
        "No tickets: needs at least one finding",
        "No flow was named: every share is a default",
    ):
        assert squeezed(text) in printed


def test_fewer_than_one_page_in_twenty_is_less_than_half_full() -> None:
    """Measured as the lowest text of each page between cover and last, which may end where they end."""
    pages = pypdf.PdfReader(io.BytesIO(render_pdf(make_document(25), make_brand()).pdf)).pages
    short = [number for number, page in enumerate(pages[1:-1], 2) if lowest_mm(page) > (CONTENT_TOP + CONTENT_FOOT) / 2]
    assert len(short) * 20 < len(pages), short


def lowest_mm(page: pypdf.PageObject) -> float:
    """Height in mm above the foot of the lowest text that is not the page's foot line."""
    heights: list[float] = []

    def visit(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            heights.append((tm[5] * cm[3] + cm[5]) / 72 * 25.4)

    page.extract_text(visitor_text=visit)
    return min(height for height in heights if height > CONTENT_FOOT - 1)


def test_every_claim_links_to_evidence_that_is_there() -> None:
    from reviews.report.child import write
    from tests.reviews.report.test_attacks import Outline

    page = write(sections.build(make_document(25), make_brand()))
    inside = {address for address in Outline(page).addresses if address.startswith("#")}
    assert len(inside) > 60
    assert [address for address in inside if f'id="{address[1:]}"' not in page] == []


def test_evidence_is_numbered_once_per_line() -> None:
    document = make_document(2)
    document["findings"][1]["evidence"] = document["findings"][0]["evidence"]
    entries = sections.build(document, make_brand())["evidence"]
    assert [(entry["mark"], entry["numbers"]) for entry in entries] == [("E1", [1, 2]), ("E2", [1, 2]), ("E3", [1, 2])]


def test_what_could_not_be_answered_stands_by_what_would_answer_it() -> None:
    asked = [("Slots", ["pg_slots"]), ("Lag", ["pg_lag", "a log"]), ("Size", ["pg_slots"]), ("Rest", list("abcde"))]
    document = {"not_assessed": [{"title": title, "needs": needs} for title, needs in asked]}
    assert sections.build(document, {})["open_by_need"] == [
        {"needs": "pg_slots", "titles": ["Slots", "Size"]},
        {"needs": "pg_lag; a log", "titles": ["Lag"]},
        {"needs": "a; b; c; 2 more", "titles": ["Rest"]},
    ]


def test_flows_that_say_the_same_of_a_finding_are_named_together() -> None:
    said = [("checkout", "1.00"), ("search", "1.00"), ("admin", "0.50")]
    rows = [{"label": f"{flow}: share met", "value": value, "grade": "measured"} for flow, value in said]
    shares = findings.arithmetic(rows)["shares"]
    assert shares == [{"what": "share met", "parts": "checkout, search 1.00 measured; admin 0.50 measured"}]


def test_the_readout_names_what_earns_most_first() -> None:
    high = {"severity": "high", "flows": ["admin", "search", "checkout"], "slice_hours": 4, "href": "#finding-1"}
    flows = [{"name": "search", "revenue_share": 0.2}, {"name": "checkout", "revenue_share": 0.7}]
    assert readout.sentence({"client": "Tern", "flows": flows}, [high], []) == (
        "Tern has 1 high risk to remove first. It touches checkout, search and admin: 90 % of revenue, as stated. "
        "A first slice of each fix takes 4 hours in all."
    )


def test_more_evidence_than_paper_holds_is_counted() -> None:
    document = make_document(1)
    document["findings"][0]["evidence"] = [{"file": "a.log", "line": n, "quote": "q"} for n in range(1_200)]
    view = sections.build(document, make_brand())
    assert (len(view["evidence"]), view["evidence_left_out"]) == (1_000, 200)
