"""Which few take most: bars by size, and the sum of their shares as a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.report import words
from reviews.report.figures import figure, percent, plural
from reviews.report.pictures.scale import Scale
from reviews.report.pictures.shapes import ACCENT, WIDTH, bold, dot, line, muted, path, rect, said
from reviews.report.svg import Svg, picture

MOST = 16
MOST_OF_IT = 0.8
LEFT, RIGHT, TOP, ROW = 190.0, 440.0, 18.0, 19.0


def pareto(
    rows: Sequence[Mapping[str, Any]], idprefix: str, what: str, unit: str, whole: str, *, accent: str = ACCENT
) -> Svg:
    """Bars by size with the cumulative share as a line. `rows`: `label`, `value`, and optionally `total` once: of all.

    `what` names one of them ("statement"), `unit` is the values', `whole` what they are shares of ("database time").
    The line runs over all that is known: when a row carries `total`, shares are of that, else of the rows given.
    Nothing above 0: an empty string.
    """
    shown, total = _ranked(rows)
    if not shown:
        return Svg("")
    scale, share = Scale(0.0, shown[0][1], LEFT, RIGHT), Scale(0.0, 1.0, LEFT, RIGHT)
    parts, sums, so_far = [], [], 0.0
    for index, (name, value) in enumerate(shown):
        y, so_far = TOP + index * ROW, so_far + value
        sums.append((share.at(so_far / total), y + 9.5))
        parts += [
            said(name, LEFT - 8, y + 12.5, "end", room=LEFT - 20),
            rect("solid", LEFT, y + 3, scale.at(value) - LEFT, 13, accent),
            muted(figure(value, unit), RIGHT + 10, y + 12.5),
            bold(percent(so_far / total), WIDTH, y + 12.5, "end"),
        ]  # fmt: skip
    heads = [muted("sum of share", WIDTH, 10, "end"), line("rule", RIGHT, 16, RIGHT, TOP + 2 + ROW * len(shown))]
    curve = [path("sum", sums), *(dot("dot", x, y, 2.6) for x, y in sums)]
    desc = "; ".join(f"{name}: {figure(value, unit)}" for name, value in shown)
    return picture(
        idprefix, WIDTH, TOP + 6 + ROW * len(shown), _message(shown, total, what, whole), desc, *heads, *parts, *curve
    )


def _ranked(rows: Sequence[Mapping[str, Any]]) -> tuple[list[tuple[str, float]], float]:
    """The largest values, and what shares are shares of."""
    known = [(words.text(r.get("label"), 90), float(v)) for r in rows if (v := words.number(r.get("value"))) and v > 0]
    known.sort(key=lambda pair: -pair[1])
    totals = [float(total) for row in rows if (total := words.number(row.get("total")))]
    return known[:MOST], max([sum(value for _, value in known), *totals])


def _message(shown: Sequence[tuple[str, float]], total: float, what: str, whole: str) -> str:
    """How many of the largest take four fifths, or what all that are shown take."""
    so_far, count = 0.0, 0
    for _, value in shown:
        so_far, count = so_far + value, count + 1
        if so_far >= MOST_OF_IT * total:
            break
    return f"{plural(count, what)} {'takes' if count == 1 else 'take'} {percent(so_far / total)} of {whole}"
