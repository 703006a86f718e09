"""Curves of waiting for the fullest pools and workers, put back through the formula that gave today's wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.capacity.formulas.erlang import Waits, waits
from reviews.report import words
from reviews.report.figures import percent
from reviews.report.pictures.wait import seconds, wait_curve

MOST_CURVES = 2
FELT = 0.01  # a wait that fewer than one request in a hundred meets is not worth a picture
MOST_SERVERS = 2_000  # a curve of more would take the recursion a second and say the same: no wait until full
SHARES = [step / 100 for step in range(2, 100)]


def waits_of(resources: Sequence[Mapping[str, Any]], accent: str) -> list[dict[str, Any]]:
    """The curves, fullest first: `picture` and `note`. Only where a wait at the peak was computed (Erlang C)."""
    found = [row for row in resources if _peak(row)]
    fullest = sorted(found, key=lambda row: -float(words.number(row.get("used_peak")) or 0.0))[:MOST_CURVES]
    drawn = [(row, wait_curve(_curve(row), f"wait-{index}", accent=accent)) for index, row in enumerate(fullest)]
    return [{"picture": picture, "note": _note(row)} for row, picture in drawn if picture]


def _peak(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Today's wait at the peak; empty when there is none to draw."""
    peak = words.mapping(words.mapping(row.get("wait")).get("peak"))
    known = [words.number(peak.get(name)) for name in ("waits_share", "mean_s")]
    servers = words.number(words.mapping(row.get("capacity")).get("value")) or 0
    used = words.number(row.get("used_peak")) or 0
    felt = (words.number(peak.get("waits_share")) or 0) >= FELT
    return peak if all(known) and felt and 1 <= servers <= MOST_SERVERS and 0 < used < 1 else {}


def _curve(row: Mapping[str, Any]) -> dict[str, Any]:
    """Points of M/M/c for the hold time behind today's wait: S = mean wait × (c − a) ÷ share that waits."""
    servers, used, peak = int(row["capacity"]["value"]), float(row["used_peak"]), _peak(row)
    hold = peak["mean_s"] * servers * (1 - used) / peak["waits_share"]
    found = [(share, waits(share * servers / hold, hold, servers)) for share in SHARES]
    return {
        "title": words.text(row.get("title"), 60),
        "points": [[share, answer.mean] for share, answer in found if isinstance(answer, Waits)],
        "peak": [used, peak["mean_s"]],
    }


def _note(row: Mapping[str, Any]) -> str:
    peak = _peak(row)
    slow = words.number(peak.get("p95_s"))
    tail = f", one in twenty at least {seconds(slow)}" if slow else ""
    return (
        f"At today's peak {percent(peak['waits_share'])} of requests wait{tail} ({words.text(peak.get('grade'), 12)}). "
        f"{words.text(peak.get('formula'), 80)}: steady arrivals at random, nobody gives up; bursts wait longer."
    )
