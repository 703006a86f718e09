"""Brand colours, checked before they come near a stylesheet and made readable where they carry text."""

from __future__ import annotations

import re

HEX = re.compile(r"#[0-9a-fA-F]{6}")
ACCENT, INK = "#0b5d66", "#172026"


def checked(value: object, default: str) -> str:
    """A colour of the form #rrggbb, or `default`; nothing else ever reaches the stylesheet."""
    return str(value).lower() if isinstance(value, str) and HEX.fullmatch(value) else default


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two #rrggbb colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, paper: str = "#ffffff", ratio: float = 4.5) -> str:
    """`colour`, darkened step by step until text in it reads on `paper` (4.5 : 1, WCAG 2.2 level AA)."""
    while contrast(colour, paper) < ratio:
        colour = _mix(colour, "#000000", 0.08)
    return colour


def on(colour: str) -> str:
    """Ink or white, whichever reads better on `colour`."""
    return "#ffffff" if contrast(colour, "#ffffff") >= contrast(colour, INK) else INK


def soft(colour: str) -> str:
    """A tint of `colour` for surfaces behind text."""
    return _mix(colour, "#ffffff", 0.9)


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mix(colour: str, other: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
