"""A very small SVG writer: elements, escaping, and a string that templates do not escape again."""

from __future__ import annotations

import html
import re

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
WIDTHS = {"narrow": 0.29, "wide": 0.86, "upper": 0.68, "digit": 0.62, "other": 0.55}


INK, TEXT, MUTED, LINE, PAPER = "#172026", "#323e46", "#53616a", "#cbd4d9", "#ffffff"
TINT = {"high": "#d3dbe0", "medium": "#e9eef1", "low": "#f8fafb"}
SEVERITY = {"high": "#a8201a", "medium": "#8f5300", "low": "#4a6475"}
FONT = "Inter, sans-serif"


class Svg(str):
    """Markup that is already safe; Django templates honour ``__html__`` and print it as it stands.

    Of a whole picture, `message` is its title: what a page prints above it.
    """

    message: str = ""

    def __html__(self) -> str:
        return str(self)


def escape(text: object) -> Svg:
    """Text made safe for element content and attributes; characters that XML forbids are dropped."""
    return Svg(html.escape(NOT_XML.sub("", str(text)), quote=True))


def element(name: str, *children: str | Svg, **attributes: object) -> Svg:
    """One element. Plain strings are escaped, `Svg` goes in as it is.

    Attribute names: a trailing underscore is dropped (`class_`), other underscores become hyphens, `None` leaves the
    attribute out. Numbers are written with at most two decimals so that equal input gives equal bytes.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(child if isinstance(child, Svg) else escape(child) for child in children)
    return Svg(f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>")


def number(value: object) -> object:
    """A float with at most two decimals and no trailing zeros; everything else untouched."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def join(*parts: Svg) -> Svg:
    """Several pieces of safe markup in a row."""
    return Svg("".join(parts))


def picture(
    idprefix: str, width: float, height: float, title: str, desc: str, *children: Svg, links: bool = False
) -> Svg:
    """A whole chart: `role="img"`, a title that carries the message and a description that says what is drawn.

    With `links` in it the role is "group": an image would hide them from a screen reader.

    `idprefix` must be unique on the page: two charts that share an id would read out each other's title.
    """
    prefix = prefix_of(idprefix)
    drawn = element(
        "svg",
        element("title", title, id=f"{prefix}-title"),
        element("desc", desc, id=f"{prefix}-desc"),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        class_="ll-chart",
        role="group" if links else "img",
        aria_labelledby=f"{prefix}-title {prefix}-desc",
        viewBox=f"0 0 {number(float(width))} {number(float(height))}",
        width=float(width),
        height=float(height),
    )
    drawn.message = title
    return drawn


def prefix_of(idprefix: str) -> str:
    """What ids inside a picture begin with: letters, digits, hyphens and underscores only."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", idprefix) or "chart"


def label(
    text: str,
    x: float,
    y: float,
    *,
    size: float = 10,
    anchor: str = "start",
    weight: int = 400,
    fill: str = TEXT,
    class_: str = "ll-text",
) -> Svg:
    """A line of text; stays text in the PDF, so it can be found and read out."""
    return element(
        "text",
        text,
        x=float(x),
        y=float(y),
        font_size=size,
        text_anchor=anchor,
        font_weight=weight,
        font_family=FONT,
        fill=fill,
        class_=class_,
    )


def text_width(text: str, size: float) -> float:
    """Roughly how wide `text` is at `size`, in the same unit; for fitting labels, not for layout."""
    return size * sum(WIDTHS[_kind(character)] for character in text)


def fit(text: str, width: float, size: float) -> str:
    """`text`, or as much of it as fits into `width`, ending with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    room = width - text_width("…", size)
    kept = ""
    for character in text:
        if text_width(kept + character, size) > room:
            break
        kept += character
    return kept.rstrip() + "…"


def _kind(character: str) -> str:
    if character in "iljtfrI.,:;'|()[]! ":
        return "narrow"
    if character in "mwMW@%…":
        return "wide"
    if character.isdigit():
        return "digit"
    return "upper" if character.isupper() else "other"
