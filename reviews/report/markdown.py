"""The one way from a consultant's Markdown to HTML, for the report and for pages.

HTML in the source is shown as text, images become their description, links go to http, https and mailto only, and what
comes out is cleaned once more against a short list of tags. Nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

LONGEST = 60_000  # characters; a finding's narrative is a page or two, this is about thirty
TAGS = {
    "p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable(["reference"])


def _image_as_text(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """An image is told, never shown: showing it would mean fetching it."""
    return f"[image: {escape(tokens[index].content)}]"


PARSER.add_render_rule("image", _image_as_text)


def to_html(source: str) -> str:
    """Markdown as safe HTML, with headings from level four on because they stand inside a finding.

    Longer text than `LONGEST` characters is cut, and the cut is said in the output.
    """
    text = source if len(source) <= LONGEST else f"{source[:LONGEST]}\n\n(cut after {LONGEST:,} characters)"
    tokens = PARSER.parse(text.replace("\x00", ""))
    _lower_headings(tokens)
    html = PARSER.renderer.render(tokens, PARSER.options, {})
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _lower_headings(tokens: list[Token]) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 3, 6)}"
