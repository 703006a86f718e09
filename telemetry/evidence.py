"""The words that parsers and rules share: what was read, where it stands, and how the reading ended.

Nothing here knows Django, a client or a rule. A metric that was not in the file is absent, never zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SAMPLES = 3  # rejected lines that are shown


# The subject that stands for all that is beyond a bound of a parser, with their sums: totals of a file stay whole.
OTHER = "other"
# Here a subject may be called so; only a row that says so (attrs: folded) stands for several.
_NAMED = frozenset({"queue.counts", "queue.task", "lambda.function", "pg.log.application"})


class ParseError(Exception):
    """The file is wrong. `message` is for a consultant and says what to send instead; `line` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the file, counted from 1, and the text that stands there (redacted, at most 500 characters).

    `file` is set only where it is another one than the evidence's own: parts of a series stand in several files.
    """

    line: int
    quote: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one file says about one subject.

    `kind` and the names in `metrics` come from `telemetry.kinds.KINDS`, which also gives their units. `place` is where
    the subject stands; `places` holds a metric's own line where that is another one. `attrs` are facts that are not
    numbers (JSON-safe). `file` is the path inside what was given: set by the reader, or by the parser of a file that
    holds others (a repository's source).

    `sketches` are what percentiles and peaks are made of, so that parts of a series can be added up: values by bucket
    of `telemetry.histogram` ("ms"), or counts by minute or second since 1970 at both ends of the file ("minute").
    """

    kind: str
    subject: str
    metrics: Mapping[str, float]
    place: Place
    places: Mapping[str, Place] = field(default_factory=dict)
    attrs: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    sketches: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    @property
    def folded(self) -> bool:
        """Whether this is no subject of its own but all that was beyond a bound."""
        return self.subject == OTHER and bool(self.attrs.get("folded", self.kind not in _NAMED))

    def place_of(self, metric: str) -> Place:
        """Where the number of this metric stands."""
        return self.places.get(metric, self.place)


@dataclass(slots=True)
class ParseResult:
    """What a parser made of a file.

    For line formats `lines` = `records_lines` + `rejected` + `blank` holds, where `records_lines` counts the lines that
    belong to a record (a record may span several). `totals` uses the names of the format's row in the product's table;
    `enables` says in a consultant's words what the review can now answer; `notes` what the file cannot tell.
    """

    evidence: list[Evidence] = field(default_factory=list)
    carrier: str = ""
    records: int = 0
    lines: int = 0
    records_lines: int = 0
    blank: int = 0
    rejected: int = 0
    rejected_samples: list[Place] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    totals: dict[str, float | int | str] = field(default_factory=dict)
    redacted: int = 0
    enables: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def shows_samples(self) -> bool:
        """Whether the next rejected line will be kept as a sample."""
        return len(self.rejected_samples) < SAMPLES

    def reject(self, line: int, quote: str) -> None:
        """Count a line that could not be read and keep the first three as samples."""
        self.rejected += 1
        if self.shows_samples:
            self.rejected_samples.append(Place(line, quote[:200]))


class EvidenceSet:
    """All evidence of an engagement, grouped by kind: what a rule is given.

    `window_s(kind)` is the longest observed span, in seconds, behind evidence of a kind (metric `window_s`), or None.
    What was folded into "other" is in `rows` only: a rule speaks of subjects, and this is none.
    """

    def __init__(self, rows: list[Evidence]) -> None:
        self.rows = rows
        self._by_kind: dict[str, list[Evidence]] = {}
        self._files: dict[str, list[str]] = {}
        for row in rows:
            if not row.folded:
                self._by_kind.setdefault(row.kind, []).append(row)

    def of(self, kind: str) -> list[Evidence]:
        """Evidence of one kind, in the order it was read; empty when no file provides it."""
        return self._by_kind.get(kind, [])

    def having(self, kind: str, *metrics: str) -> Iterator[Evidence]:
        """Evidence of one kind that holds every named metric."""
        return (row for row in self.of(kind) if all(name in row.metrics for name in metrics))

    def has(self, kind: str, metric: str) -> bool:
        """Whether any file measured this metric."""
        return any(metric in row.metrics for row in self.of(kind))

    def files_of(self, kind: str) -> list[str]:
        """Files that provide this kind, each once, in the order they were read."""
        if kind not in self._files:
            self._files[kind] = list(dict.fromkeys(row.file for row in self.of(kind) if row.file))
        return self._files[kind]

    def window_s(self, kind: str) -> float | None:
        """Longest observed span in seconds behind this kind, None when no file states one."""
        spans = [row.metrics["window_s"] for row in self.of(kind) if "window_s" in row.metrics]
        return max(spans) if spans else None
