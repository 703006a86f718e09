"""A made-up review to print: Tern & Tide, a fictional ticket shop. Every name and figure in it is invented."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

STORED: dict[str, Any] = json.loads(Path(__file__).with_name("tern_and_tide.json").read_text("utf-8"))


def make_document(count: int = 8) -> dict[str, Any]:
    """A whole review with `count` findings; beyond the eight stored ones they repeat, smaller and elsewhere."""
    document = copy.deepcopy(STORED)
    document.pop("brand")
    stored = document["findings"]
    document["findings"] = [_again(stored[index % len(stored)], index, len(stored)) for index in range(count)]
    return document


def make_brand(**changes: Any) -> dict[str, Any]:
    """A brand without a logo; pass `accent=`, `heading_font=` and so on to change it."""
    return copy.deepcopy(STORED["brand"]) | changes


def _again(finding: dict[str, Any], index: int, stored: int) -> dict[str, Any]:
    if index < stored:
        return finding
    fainter = {"high": "medium", "medium": "low", "low": "low"}
    return copy.deepcopy(finding) | {
        "id": f"TT-{index + 1:02d}",
        "rank": index + 1,
        "title": f"{finding['title']} ({index // stored + 1})",
        "severity": fainter[finding["severity"]],
        "impact": max(finding["impact"] - 1, 1),
        "proximity": max(finding["proximity"] - 2, 1),
        "causes": [],
        "symptoms": [],
        "override": None,
        "evidence": [row | {"line": row["line"] + 1000 * index} for row in finding["evidence"]],
    }
