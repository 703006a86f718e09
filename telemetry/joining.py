"""Several files of one log become one: a log cut in two, rotated by day, or paged says what the whole would say.

Files of one format are parts of a series when their times follow each other. Two that cover the same time are two
readings of it (two carriers, a log and its excerpt): nothing is added up, the fuller reading of a subject counts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from telemetry.evidence import Evidence, Place
from telemetry.kinds.joining import Scope
from telemetry.kinds.joins import JOINS, SERIES

# Lines of several processes are written a little out of order, so parts may overlap by so much.
OVERLAP_S = 60.0
GAP_S = 3_600.0
_ENTRIES = 50  # of a list in attrs

Key = tuple[str, str]  # kind and subject


@dataclass(slots=True)
class Part:
    """One file that was read: its row of the coverage table and its evidence. `notes` say how it was joined.

    `upload` is the stored file's id, where it is stored.
    """

    coverage: Mapping[str, Any]
    rows: list[Evidence]
    notes: list[str] = field(default_factory=list)
    upload: int | None = None

    @property
    def noted(self) -> dict[str, Any]:
        """The row of the coverage table with the notes on how the file was joined."""
        return {**self.coverage, "notes": [*self.coverage.get("notes", []), *self.notes]}

    @property
    def file(self) -> str:
        """The path inside what was given."""
        return str(self.coverage.get("file", ""))

    @property
    def span(self) -> tuple[float, float] | None:
        """First and last event in seconds since 1970, as the file writes its time; None when it does not tell."""
        first, last = self.coverage.get("from"), self.coverage.get("to")
        if first and last:
            return _seconds(str(first)), _seconds(str(last))
        seconds = [second for row in self.rows for second in row.sketches.get("second", {})]
        return (float(min(seconds)), float(max(seconds))) if seconds else None


Span = tuple[float, float]


def join_parts(parts: Sequence[Part]) -> list[Evidence]:
    """All evidence with the parts of each series joined; what was joined is said in the parts' notes."""
    apart = _apart(parts)
    groups: dict[tuple[str, ...], list[Part]] = defaultdict(list)
    for part in parts:
        groups[_source_of(part, apart)].append(part)
    joined: list[Evidence] = []
    for source, group in groups.items():
        joined += _joined(group, SERIES[source[0]].max_gap_s) if source[0] in SERIES else _rows_of(group)
    return joined


def _rows_of(parts: Iterable[Part]) -> list[Evidence]:
    return [row for part in parts for row in part.rows]


def _apart(parts: Sequence[Part]) -> set[str]:
    """Formats of which one carrier names two servers. What two carriers call a server may be two names of one."""
    named: dict[Key, set[tuple[str, ...]]] = defaultdict(set)
    for part in parts:
        if hosts := _hosts(part):
            named[str(part.coverage.get("format")), str(part.coverage.get("carrier"))].add(hosts)
    return {name for (name, _), hosts in named.items() if len(hosts) > 1}


def _hosts(part: Part) -> tuple[str, ...]:
    return tuple(sorted({str(row.attrs["host"]) for row in part.rows if row.attrs.get("host")}))


def _source_of(part: Part, apart: Collection[str]) -> tuple[str, ...]:
    """What files of one series share: the format, where it matters the carrier, and the server if it is told."""
    name, carrier = str(part.coverage.get("format") or ""), str(part.coverage.get("carrier") or "")
    series = SERIES.get(name)
    if series is None or not part.rows or (series.carriers and carrier not in series.carriers):
        return ("",)
    hosts = _hosts(part) if name in apart else ()
    if hosts:
        part.notes.append(f"Written by {' and '.join(hosts)}: judged apart from the logs of other servers.")
    return (name, carrier if series.by_carrier else "", *hosts)


def _joined(parts: Sequence[Part], max_gap_s: float | None) -> list[Evidence]:
    """One source's rows: series that follow in time are added up, readings of the same time are compared."""
    timed = [(span, part) for part in parts if (span := part.span)]
    rows = _rows_of(part for part in parts if not part.span)
    timed.sort(key=lambda pair: _order(pair[0]))
    kept = _without_repeats(timed)
    lanes = _lanes(kept)
    for lane in lanes:
        _note_overlap(lane, lanes)
    found = [_one(series) for lane in lanes for series in _series(lane, max_gap_s)]
    return (found[0] if len(found) == 1 else _fuller(found, separate=max_gap_s is not None)) + rows


def _order(span: Span) -> tuple[float, bool, float]:
    """By their beginning; of those that begin together an instant first, since the others go on from it."""
    return span[0], span[1] > span[0], -span[1]


def _without_repeats(timed: Sequence[tuple[Span, Part]]) -> list[tuple[Span, Part]]:
    """Files that say exactly the same about the same time count once."""
    kept: list[tuple[Span, Part]] = []
    seen: dict[Span, list[Part]] = defaultdict(list)
    for span, part in timed:
        twin = next((one for one in seen[span] if _says(one) == _says(part)), None)
        if twin is None:
            kept.append((span, part))
            seen[span].append(part)
        else:
            part.notes.append(f"Says the same as {twin.file} about the same time; it counts once.")
    return kept


def _says(part: Part) -> list[tuple[str, str, Mapping[str, float]]]:
    return sorted(((row.kind, row.subject, row.metrics) for row in part.rows), key=lambda row: row[:2])


def _lanes(timed: Sequence[tuple[Span, Part]]) -> list[list[tuple[Span, Part]]]:
    """Files in as few sequences as possible, within which none covers the time of another."""
    lanes: list[list[tuple[Span, Part]]] = []
    for span, part in timed:
        lane = next((lane for lane in lanes if _follows(lane[-1][0], span)), None)
        if lane is None:
            lanes.append([(span, part)])
        else:
            lane.append((span, part))
    return lanes


def _follows(before: Span, after: Span) -> bool:
    """Whether a file begins where another ends, give or take lines out of order."""
    overlap = before[1] - after[0]
    shorter = min(before[1] - before[0], after[1] - after[0])
    return overlap <= 0 or (overlap <= OVERLAP_S and 2 * overlap <= shorter and after[1] > before[1])


def _series(lane: Sequence[tuple[Span, Part]], max_gap_s: float | None) -> list[list[tuple[Span, Part]]]:
    """A lane cut where the pause is too long for one log."""
    found = [[lane[0]]]
    for before, after in pairwise(lane):
        if max_gap_s is not None and after[0][0] - before[0][1] > max_gap_s:
            found.append([])
        found[-1].append(after)
    return found


def _one(series: Sequence[tuple[Span, Part]]) -> list[Evidence]:
    """The rows of a series as if it had been one file."""
    parts = [part for _, part in series]
    if len(parts) == 1:
        return parts[0].rows
    _note_series(series)
    window_s = max(span[1] for span, _ in series) - series[0][0][0]
    by_key: dict[Key, list[Evidence]] = defaultdict(list)
    totals: dict[Key, float] = defaultdict(float)
    for part in parts:
        for row in part.rows:
            by_key[row.kind, row.subject].append(row)
            for metric, value in row.metrics.items():
                totals[row.kind, metric] += value
    kinds: dict[str, int] = defaultdict(int)
    for kind, _ in by_key:
        kinds[kind] += 1
    return [
        _row(Scope(rows, window_s, lambda kind, metric: totals.get((kind, metric), 0.0), lambda kind: kinds[kind]))
        for rows in by_key.values()
    ]


def _row(scope: Scope) -> Evidence:
    """One subject of a series; each number keeps the file and line where it stands."""
    first = scope.parts[0]
    metrics: dict[str, float] = {}
    places: dict[str, Place] = {}
    for metric, join in JOINS[first.kind].items():
        answer = join(metric, scope)
        if answer is None:
            continue
        metrics[metric], part = answer
        place = part.place_of(metric)
        if part is not first:
            places[metric] = replace(place, file=part.file) if part.file != first.file else place
        elif metric in part.places:
            places[metric] = place
    if len(scope.parts) == 1:
        return replace(first, metrics=metrics)
    return replace(first, metrics=metrics, places=places, attrs=_attrs(scope.parts), sketches={})


def _attrs(parts: Sequence[Evidence]) -> dict[str, Any]:
    """Lists are united (sorted where all were), what holds in one part holds, of words the first known ones stay."""
    found: dict[str, Any] = {}
    for part in parts:
        for name, value in part.attrs.items():
            known = found.get(name)
            if isinstance(value, list) and isinstance(known, list):
                union = known + [entry for entry in value if entry not in known]
                in_order = _is_sorted(known) and _is_sorted(value)
                found[name] = (sorted(union) if in_order else union)[:_ENTRIES]
            elif isinstance(value, bool) and isinstance(known, bool):
                found[name] = known or value
            elif not known:
                found[name] = value
    return found


def _is_sorted(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str) for value in values) and list(values) == sorted(values)


def _fuller(readings: Sequence[Sequence[Evidence]], separate: bool) -> list[Evidence]:
    """Of every subject the reading with the most of it; with `separate` all, since each is a measurement of its own."""
    if separate:
        return [row for rows in readings for row in rows]
    found: dict[Key, Evidence] = {}
    for row in (row for rows in readings for row in rows):
        key = row.kind, row.subject
        if key not in found or _weight(row) > _weight(found[key]):
            found[key] = row
    return list(found.values())


def _weight(row: Evidence) -> float:
    return row.metrics.get(next(iter(JOINS[row.kind])), 0.0)


def _note_series(series: Sequence[tuple[Span, Part]]) -> None:
    for place, (span, part) in enumerate(series, 1):
        others = [other.file for _, other in series if other is not part]
        named = " and ".join(others) if len(others) < 3 else f"{series[0][1].file} to {series[-1][1].file}"
        part.notes.append(f"Part {place} of {len(series)} of one series with {named}: read as one log.")
        if place > 1 and (gap := span[0] - series[place - 2][0][1]) > GAP_S:
            part.notes.append(
                f"No file covers the {gap / 3600:.1f} h before this one; rates over the whole span include them."
            )


def _note_overlap(lane: Sequence[tuple[Span, Part]], lanes: Sequence[Sequence[tuple[Span, Part]]]) -> None:
    for span, part in lane:
        other = next((one for rest in lanes if rest is not lane for of, one in rest if _meet(of, span)), None)
        if other:
            part.notes.append(
                f"Covers the same time as {other.file}: nothing is added up, of each subject the fuller reading "
                "counts. If they are logs of two servers, the smaller one's share is not in these figures."
            )


def _meet(one: Span, other: Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1] and not _follows(one, other) and not _follows(other, one)


def _seconds(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
