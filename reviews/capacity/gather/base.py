"""How a number of the evidence becomes an input: with the file, the line and the quote it stands in.

Where several files say the same, the answer does not depend on their order: the largest number wins, of equal ones
the file that comes first by name. Numbers that are not finite do not exist.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from reviews.capacity.catalogue import title_of, unit_of
from reviews.capacity.formulas.sane import OutOfRange
from reviews.capacity.inputs import Input, Source
from reviews.risk.matrix import Grade
from telemetry.evidence import Evidence, EvidenceSet

MEASURED = "measured"
DAY_S = 86_400


def source_of(row: Evidence, metric: str, words: str = MEASURED) -> Source:
    """Where a metric of a row stands."""
    place = row.place_of(metric)
    return Source(words, place.file or row.file, place.line, place.quote)


def measured(key: str, row: Evidence, metric: str, scale: float = 1.0, words: str = MEASURED) -> Iterator[Input]:
    """The metric, times a change of unit, as an input; nothing when the row does not hold it."""
    value = row.metrics.get(metric)
    if value is not None and math.isfinite(value):
        yield Input(key, title_of(key), value * scale, unit_of(key), Grade.MEASURED, source_of(row, metric, words))


def derived(key: str, value: float, words: str, row: Evidence, metric: str) -> Iterator[Input]:
    """What follows from several metrics by a formula (`words`); it stands where the one that decides stands."""
    if math.isfinite(value):
        source = source_of(row, metric, words)
        yield Input(key, title_of(key), float(value), unit_of(key), Grade.DERIVED, source)


def computed(key: str, compute: Callable[[], float], words: str, row: Evidence, metric: str) -> Iterator[Input]:
    """`derived` by one of the formulas; nothing where it refuses its numbers: a file may hold any."""
    try:
        value = compute()
    except OutOfRange:
        return
    yield from derived(key, value, words, row, metric)


def most(rows: Iterable[Evidence], metric: str) -> Evidence | None:
    """The row with the largest value of a metric; of equal ones the first by file and subject."""
    known = [row for row in rows if math.isfinite(row.metrics.get(metric, math.nan))]
    return min(known, key=lambda row: (-row.metrics[metric], row.file, row.subject), default=None)


def longest(rows: Iterable[Evidence], metric: str, window: str = "window_s") -> Evidence | None:
    """The row that holds a metric and watched for the longest time."""
    return most((row for row in rows if metric in row.metrics), window)


def watched(key: str, row: Evidence) -> Iterator[Input]:
    """For how long a rate was watched: no growth is carried much further than that."""
    yield from measured(f"watched.{key}", row, "window_s")


def total(key: str, rows: Sequence[Evidence], metric: str, words: str, scale: float = 1.0) -> Iterator[Input]:
    """The sum over all rows that hold the metric; it stands where the largest part stands."""
    largest = most(rows, metric)
    if largest is None:
        return
    known = [row.metrics[metric] for row in rows if math.isfinite(row.metrics.get(metric, math.nan))]
    if len(known) == 1:
        yield from measured(key, largest, metric, scale)
    else:
        yield from derived(key, math.fsum(known) * scale, words, largest, metric)


def by_subject(evidence: EvidenceSet, kind: str, metric: str) -> Iterator[Evidence]:
    """For each subject the row with the largest value of a metric, by name."""
    rows: dict[str, list[Evidence]] = {}
    for row in evidence.having(kind, metric):
        rows.setdefault(row.subject, []).append(row)
    for _, same in sorted(rows.items()):
        best = most(same, metric)
        if best is not None:
            yield best
