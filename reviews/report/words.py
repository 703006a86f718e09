"""Text of unknown origin made fit to print, and the words behind the codes of the machine interface."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

# Controls that XML forbids, and the marks that reverse the reading direction: a file name could lie with them.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
LONGEST = 6_000  # characters of one field; a paragraph is 600
AREAS = {
    "postgres": "Postgres",
    "redis": "Redis",
    "queues": "Queues",
    "platform": "Platform",
    "release": "Release safety",
    "observability": "Observability",
    "security": "Security",
    "tenancy": "Tenancy",
    "integrity": "Data integrity",
    "cost": "Cost",
}
SEVERITY = {"high": "High", "medium": "Medium", "low": "Low"}
CONFIDENCE = {"measured": "Measured", "partly-measured": "Partly measured", "assumed": "Assumed"}
STATES = {"received": "Received", "missing": "Missing", "not applicable": "Not applicable", "partly": "Partly received"}


def text(value: object, limit: int = LONGEST) -> str:
    """Any value as printable text of at most `limit` characters; None is empty."""
    plain = UNPRINTABLE.sub("", "" if value is None else str(value)).strip()
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"


def rows(value: object) -> list[Mapping[str, Any]]:
    """The mappings in a list; anything else that stands there is passed over."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def mapping(value: object) -> Mapping[str, Any]:
    """`value` when it is a mapping, otherwise an empty one."""
    return value if isinstance(value, Mapping) else {}


def entries(value: object) -> list[Any]:
    """The entries of a list or tuple; anything else has none."""
    return list(value) if isinstance(value, list | tuple) else []


def number(value: object) -> float | int | None:
    """`value` when it is a number; truth values are none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def pair(value: object) -> tuple[float, float] | None:
    """A list of exactly two numbers; anything else is none."""
    found = [number(entry) for entry in entries(value)]
    known = [float(entry) for entry in found if entry is not None and math.isfinite(entry)]
    return (known[0], known[1]) if len(found) == len(known) == 2 else None


def pairs(value: object) -> list[tuple[float, float]]:
    """The pairs of numbers in a list by their first number; what is none is passed over."""
    return sorted(found for entry in entries(value) if (found := pair(entry)))


def texts(value: object, limit: int = LONGEST) -> list[str]:
    """The entries of a list as text, empty ones left out; a single string counts as one entry."""
    entries: Iterable[object] = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return [shown for entry in entries if (shown := text(entry, limit))]


def area(slug: object) -> str:
    """`queues` → `Queues`; an area that is not in the vocabulary keeps its own word."""
    return AREAS.get(str(slug), text(slug, 40).replace("-", " ").capitalize() or "Other")


def mechanism(slug: object) -> str:
    """`missing-index` → `missing index`."""
    return text(slug, 60).replace("-", " ")


def state(slug: object) -> str:
    """State of a buyer input in words; hyphens and spaces are the same."""
    return STATES.get(str(slug).replace("-", " "), "Missing")


def anchor(prefix: str, name: object) -> str:
    """An id that is safe in HTML and in a link: letters, digits and hyphens."""
    return f"{prefix}-{re.sub(r'[^A-Za-z0-9]+', '-', str(name))[:60].strip('-')}"
