"""Checks that several rules share: one metric over, under or beside its limit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.kinds import unit_of
from telemetry.rules.base import CannotTell, Check, Hit, Subject, Threshold
from telemetry.rules.numbers import Told, shown, wilson_lower, worst_each

Answer = Hit | CannotTell
FEW = 5  # of a handful of requests one error is already beyond any share


def as_server(name: str) -> Callable[[Evidence], Subject]:
    """The subject of a row that speaks of a whole server."""
    return lambda row: Subject("server", name)


def as_kind(kind: str) -> Callable[[Evidence], Subject]:
    """The subject of a row that carries its own name."""
    return lambda row: Subject(kind, row.subject)


@dataclass(frozen=True)
class Wording:
    """How a hit of a one-metric rule is put.

    `said` may hold {value}, {limit}, {name} and {metric names} of the same row; each that is said is cited.
    """

    title: str
    said: str
    also: tuple[str, ...] = ()
    snippet: str = ""


@dataclass(frozen=True)
class Standing:
    """Proximity and reach that hold for every hit of a one-metric rule."""

    breach: bool = True
    shared: bool = False
    touches: str = ""  # "routes", "tables" or "queues": the subject itself is what is touched
    degradation: float | None = None


class _Fields(dict[str, str]):
    """Numbers for a sentence, fetched and cited as the sentence asks for them."""

    def __init__(self, told: Told, row: Evidence, limit: str) -> None:
        super().__init__(limit=limit, name=row.subject)
        self._told, self._row = told, row

    def __missing__(self, metric: str) -> str:
        return self._told(self._row, metric)


def hit_of(
    row: Evidence,
    metric: str,
    limit: float,
    subject: Subject,
    wording: Wording,
    standing: Standing,
) -> Hit:
    """A hit about one row whose deciding number is `metric`."""
    told = Told()
    value = told(row, metric)
    fields = _Fields(told, row, _limit_text(row, metric, limit))
    fields["value"] = value
    said = wording.said.format_map(fields)
    told.also(row, *wording.also)
    touched = (row.subject,) if standing.touches else ()
    return Hit(
        subject=subject,
        title=wording.title.format(name=row.subject),
        said=said,
        cites=told.cites,
        limit=limit,
        breach=standing.breach,
        shared=standing.shared,
        routes=touched if standing.touches == "routes" else (),
        tables=touched if standing.touches == "tables" else (),
        queues=touched if standing.touches == "queues" else (),
        degradation=standing.degradation,
        snippet=wording.snippet,
    )


def _limit_text(row: Evidence, metric: str, limit: float) -> str:
    return shown(limit, unit_of(row.kind, metric))


@dataclass(frozen=True)
class Above:
    """One metric of one kind over the rule's limit, on rows that `where` admits. Call it as a rule's check."""

    kind: str
    metric: str
    subject: Callable[[Evidence], Subject]
    wording: Wording
    standing: Standing = field(default_factory=Standing)
    where: Callable[[Evidence], bool] = lambda row: True

    def __call__(self, evidence: EvidenceSet, threshold: Threshold) -> Iterator[Answer]:
        for row in worst_each(evidence.of(self.kind), self.metric):
            if row.metrics[self.metric] > threshold.value and self.where(row):
                yield hit_of(row, self.metric, threshold.value, self.subject(row), self.wording, self.standing)


def first_of(*checks: Check) -> Check:
    """Ask several checks; a subject that one has answered for is not answered for again."""

    def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Answer]:
        seen: set[Subject] = set()
        for one in checks:
            for answer in one(evidence, threshold):
                if isinstance(answer, Hit):
                    if answer.subject in seen:
                        continue
                    seen.add(answer.subject)
                yield answer

    return check


def beyond_chance(part: float, whole: float, share: float, enough: float) -> bool:
    """Whether a share is over its limit beyond chance: 95 % Wilson lower bound, with `enough` trials.

    Fewer trials than that may still show it when even the lower bound is five times the limit, and it is no accident
    of a quiet hour: `FEW` of them.
    """
    lower = wilson_lower(part, whole)
    return lower > share if whole >= enough else part >= FEW and lower > 5 * share
