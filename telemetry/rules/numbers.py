"""How rules say a number, and how sure a share is."""

import math
from collections.abc import Iterable

from telemetry.evidence import Evidence
from telemetry.kinds import unit_of
from telemetry.rules.base import Cite

Z_95 = 1.959963984540054


def shown(value: float, unit: str) -> str:
    """A number with its unit as it stands in a sentence; thousands separated, at most three significant decimals.

    Counts and rates come without a unit word, since the sentence names what is counted.
    """
    if unit == "share":
        return f"{_trimmed(value * 100)} %"
    if unit == "us":
        return _duration(value / 1000)
    if unit == "ms":
        return _duration(value)
    if unit == "s":
        return _duration(value * 1000)
    return _size(value) if unit == "bytes" else _trimmed(value)


def _trimmed(value: float) -> str:
    """Whole above 100, else at most one decimal, two below one."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _duration(ms: float) -> str:
    if ms >= 3_600_000:
        return f"{_trimmed(ms / 3_600_000)} h"
    if ms >= 120_000:
        return f"{_trimmed(ms / 60_000)} min"
    return f"{_trimmed(ms / 1000)} s" if ms >= 10_000 else f"{_trimmed(ms)} ms"


def _size(value: float) -> str:
    for name, size in (("GB", 1024**3), ("MB", 1024**2), ("kB", 1024)):
        if value >= size:
            return f"{_trimmed(value / size)} {name}"
    return f"{_trimmed(value)} bytes"


def wilson_lower(part: float, whole: float) -> float:
    """Lower end of the 95 % Wilson interval of a share; 0 for no trials. Oracle: 27 of 30 gives 0.744."""
    if whole <= 0:
        return 0.0
    share, square = min(1.0, part / whole), Z_95**2  # counters of one file need not fit each other
    middle = share + square / (2 * whole)
    spread = Z_95 * math.sqrt(share * (1 - share) / whole + square / (4 * whole**2))
    return max(0.0, (middle - spread) / (1 + square / whole))


class Told:
    """The numbers of one sentence: each that is said becomes a cite, the first said is the deciding one."""

    def __init__(self) -> None:
        self._cites: list[Cite] = []

    def __call__(self, row: Evidence, metric: str) -> str:
        """The number as text; keeps it as a cite."""
        self.also(row, metric)
        return shown(row.metrics[metric], unit_of(row.kind, metric))

    def also(self, row: Evidence, *metrics: str) -> None:
        """Keep numbers that stand behind the sentence without being said in it; those not measured are passed over."""
        for metric in metrics:
            if metric in row.metrics and not any(
                cite.evidence is row and cite.metric == metric for cite in self._cites
            ):
                self._cites.append(Cite(row, metric))

    @property
    def cites(self) -> tuple[Cite, ...]:
        return tuple(self._cites)


def largest(rows: Iterable[Evidence], metric: str) -> Evidence | None:
    """The row with the largest value of a metric; None when no row measured it."""
    measured = [row for row in rows if metric in row.metrics]
    return max(measured, key=lambda row: row.metrics[metric]) if measured else None


def worst_each(rows: Iterable[Evidence], metric: str) -> list[Evidence]:
    """For every subject the row with the largest value, largest first: two files may speak of the same subject."""
    worst: dict[str, Evidence] = {}
    for row in rows:
        kept = worst.get(row.subject)
        if metric in row.metrics and (kept is None or row.metrics[metric] > kept.metrics[metric]):
            worst[row.subject] = row
    return sorted(worst.values(), key=lambda row: -row.metrics[metric])
