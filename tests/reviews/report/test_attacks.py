"""What strangers write into a report: it is printed as text, reaches nothing, and cannot hold a worker."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pypdf
import pytest

from reviews.report import child, sections
from reviews.report.fetcher import AssetFetcher, Refused
from reviews.report.render import RenderError, render_pdf
from tests.reviews.report.conftest import squeezed, words_of
from tests.reviews.report.document import make_brand, make_document

TAGS = (
    '<img src="{url}">',
    '<img src="x" srcset="{url} 2x">',
    "<style>@import url({url});</style>",
    '<link rel="stylesheet" href="{url}">',
    '<link rel="attachment" href="{url}">',
    '<p style="background:url({url})">x</p>',
    "<svg><image href='{url}' xlink:href='{url}'/></svg>",
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<a rel="attachment" href="{url}">x</a>',
    "<style>@font-face{{font-family:x;src:url({url})}}</style>",
    '<iframe src="{url}"></iframe>',
    "<script>fetch('{url}')</script>",
    '<base href="{url}">',
    '<meta http-equiv="refresh" content="0;url={url}">',
    '<body background="{url}" onload="x()">',
    "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='{url}'/></svg>\">",
    "![x]({url})",
    "[x]: {url}\n\n![y][x]",
    "<![CDATA[<img src='{url}'>]]>",
    '"><img src={url}><p class="',
    "</style></title></textarea><img src={url}>",
    "<table><td colspan=65534><img src={url}></table>",
    "{{{{ settings.SECRET_KEY }}}} {{% include '{url}' %}} ${{7*7}} <%= 7*7 %>",
)
MARKDOWN = {("p", ()), ("br", ()), ("em", ())}  # what a narrative may hold anyway
CODES = ("severity", "confidence", "id", "causes", "symptoms", "finding", "findings", "accent", "ink", "paper", "state")


class Outline(HTMLParser):
    """Every element with the names of its attributes, and every address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[tuple[str, tuple[str, ...]]] = set()
        self.addresses: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, tuple(name for name, _ in attrs)))
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src", "data", "style")}


def poisoned(value: Any, payload: str, key: str = "") -> Any:
    """The same structure with `payload` behind every text that a person or a file can set."""
    if isinstance(value, dict):
        return {name: poisoned(inner, payload, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, payload, key) for inner in value]
    return f"{value} {payload}" if isinstance(value, str) and key not in CODES else value


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server on the loopback with the list of what was asked of it."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def page_of(document: dict[str, Any], brand: dict[str, Any]) -> Outline:
    return Outline(child.write(sections.build(document, brand)))


@pytest.mark.parametrize("tag", TAGS)
def test_no_field_adds_an_element_or_an_address(tag: str) -> None:
    clean = page_of(make_document(2), make_brand())
    payload = tag.format(url="http://attack.invalid/x")
    dirty = page_of(poisoned(make_document(2), payload), poisoned(make_brand(), payload))
    assert dirty.elements - clean.elements <= MARKDOWN
    assert not [a for a in dirty.addresses - clean.addresses if a.startswith(("http://attack", "file:", "data:"))]


def test_every_field_with_every_tag_reaches_nothing(listener: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("MARKER-7f3a-NOT-FOR-PRINT")
    payload = " ".join(tag.format(url=url) for tag in TAGS for url in (f"{address}/x", secret.as_uri()))
    document = make_document(1)
    fields = ("coverage", "not_assessed", "tickets")
    document |= {name: document[name][:1] for name in fields}
    made = render_pdf(poisoned(document, payload), poisoned(make_brand(), payload))
    assert asked == []
    assert "MARKER-7f3a" not in words_of(made.pdf)
    assert b"/EmbeddedFile" not in made.pdf
    assert made.warnings == ()


def test_template_language_is_printed_as_it_stands() -> None:
    document = make_document(1)
    document["findings"][0]["title"] = "{{ 7|add:7 }} {% now 'Y' %} ${7*7} <%= 7*7 %>"
    assert squeezed("{{ 7|add:7 }} {% now 'Y' %} ${7*7} <%= 7*7 %>") in words_of(render_pdf(document, make_brand()).pdf)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9/x", "https://a.invalid/", "file:///etc/hostname", "ftp://a.invalid/x", "//host/share",
     "\\\\host\\share", "data:text/css,p{}", "asset:other", "asset:", "", "ASSET:logo"],
)  # fmt: skip
def test_the_fetcher_knows_only_what_was_handed_in(url: str) -> None:
    fetcher = AssetFetcher({"asset:logo": ("image/png", b"picture")})
    with pytest.raises(Refused):
        fetcher.fetch(url)
    with pytest.raises(Refused):
        fetcher.open(url)
    assert fetcher.fetch("asset:logo").read() == b"picture"


def test_brand_colours_that_are_not_colours_are_replaced() -> None:
    view = sections.brand_view(
        make_brand(accent="red;} body{background:url(http://a.invalid)}", ink="#12345", paper="A0")
    )
    assert (view["accent"], view["ink"], view["paper"]) == ("#0b5d66", "#172026", "A4")


@pytest.mark.parametrize(
    ("change", "largest"),
    [
        (lambda d: d["findings"][0].update(narrative="x" * 25_000_000), "findings"),
        (lambda d: d.update(tickets=[{"id": "T", "title": "t" * 200}] * 110_000), "tickets"),
    ],
)
def test_more_text_than_can_be_printed_is_refused_at_once(
    change: Callable[[dict[str, Any]], None], largest: str
) -> None:
    document = make_document(1)
    change(document)
    with pytest.raises(RenderError, match=rf"largest section is '{largest}'"):
        render_pdf(document, make_brand())


def test_a_layout_without_end_is_stopped_and_the_next_report_is_made() -> None:
    document = make_document(1)
    document["tickets"] = [{"id": f"T-{n}", "title": "t " * 100} for n in range(20_000)]
    with pytest.raises(RenderError, match=r"within 3 seconds\. The largest section is 'tickets' with 20,000 entries"):
        render_pdf(document, make_brand(), timeout_s=3)
    assert render_pdf(make_document(1), make_brand()).pages > 3


def test_memory_has_a_bound() -> None:
    with pytest.raises(RenderError, match=r"needs more than 160 MB of memory\. The largest section is 'findings'"):
        render_pdf(make_document(25), make_brand(), memory_mb=160)


@pytest.mark.parametrize(
    "text",
    [">" * 10_000 + " deep", "[" * 10_000, "- " * 5_000, "*" * 20_000, "|a" * 3_000 + "|\n" + "|-" * 3_000 + "|"],
)
def test_deep_or_wide_markdown_ends(text: str) -> None:
    document = make_document(1)
    document["findings"][0]["narrative"] = text
    assert render_pdf(document, make_brand(), timeout_s=60).pages > 3


def test_two_reports_at_the_same_time_share_nothing() -> None:
    def make(marker: str) -> str:
        document = make_document(1)
        document["engagement"]["client"] = marker
        return words_of(render_pdf(document, make_brand(name=marker)).pdf)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(make, ["ALPHACLIENT", "BRAVOCLIENT"])
    assert "ALPHACLIENT" in first
    assert "ALPHACLIENT" not in second
    assert "BRAVOCLIENT" in second
    assert "BRAVOCLIENT" not in first


def test_the_child_sees_no_secret_and_no_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret@nowhere/x")
    from reviews.report import render

    assert not [name for name in render._environment("/nowhere") if "SECRET" in name or "DATABASE" in name]
    head, _ = render._run(b'{"document": {}, "brand": {}}', {}, 60, 1500)
    assert head["modules"] == []


def test_metadata_names_the_report_and_the_brand_only(report: Any) -> None:
    found = pypdf.PdfReader(io.BytesIO(report.pdf)).metadata
    assert found is not None
    assert {key: str(value) for key, value in found.items() if key != "/Producer"} == {
        "/Title": "500k MAU scaling review: Tern & Tide (fictional)",
        "/Author": "Loadline",
    }
    assert str(Path(__file__).resolve().parents[3]).encode() not in report.pdf
