"""What a rule is, what it answers, and how all of them are run."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.kinds import unit_of


class Status(StrEnum):
    """The three answers of a rule."""

    HIT = "hit"
    CLEAR = "clear"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit with its unit, in words why it is this number, and where the number comes from."""

    value: float
    unit: str
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class Effort:
    """Engineer-days for the whole fix: low, likely, high."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class FirstSlice:
    """The part of the fix that fits into a day: what is done, in how many engineer-hours (at most 8)."""

    title: str
    hours: float


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about: kind ("table", "query", "route", "queue", "server" ...) and name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Cite:
    """One number of one evidence row: the file, the line and the quote come with it."""

    evidence: Evidence
    metric: str

    @property
    def value(self) -> float:
        return self.evidence.metrics[self.metric]

    @property
    def unit(self) -> str:
        return unit_of(self.evidence.kind, self.metric)


@dataclass(frozen=True, slots=True)
class Hit:
    """A failure mode that the evidence shows.

    `title` names the problem in eight words or fewer. `said` is one exact sentence: number, limit, consequence.
    `cites[0]` is the deciding number; every number in `said` stands in a cite or in `limit`.
    Proximity: `breach` = it already hurt within the window; else `utilisation` (share of a limit at peak) or
    `days_to_limit`; all empty = a missing control that has not hurt yet.
    Reach: `routes`, `tables`, `queues` it touches; `shared` = a single point that every flow passes.
    `exposure` (0..1) is the measured share of the touched flows' requests that meet it, None when not measured.
    `degradation` replaces the rule's own where the evidence is worse or milder: 1.0 stops, loses or duplicates money
    or data; 0.6 errors or timeouts for a part; 0.3 latency over budget; 0.1 cost or toil.
    """

    subject: Subject
    title: str
    said: str
    cites: tuple[Cite, ...]
    limit: float
    breach: bool = False
    utilisation: float | None = None
    days_to_limit: float | None = None
    routes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    shared: bool = False
    exposure: float | None = None
    degradation: float | None = None
    snippet: str = ""  # copyable SQL or configuration for this subject; executed in tests where it is SQL


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The evidence is there but too small or too short to judge; `needs` says what would settle it."""

    needs: str


Check = Callable[[EvidenceSet, Threshold], Iterator[Hit | CannotTell]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One failure mode and how to see it. `id` is two letters for the area and three digits, never reused."""

    id: str
    slug: str
    area: str
    mechanism: str
    title: str  # names the problem, eight words or fewer
    needs: tuple[tuple[str, str], ...]  # (kind, metric) pairs; all must be measured
    threshold: Threshold
    degradation: float
    why: str  # one sentence a buyer understands
    fix: tuple[str, ...]  # steps
    first_slice: FirstSlice
    effort: Effort
    removes: float  # share of the risk the whole fix takes away, 0..1
    verify: str  # how you will see that it worked
    rollback: str
    references: tuple[str, ...]
    check: Check
    enabler: bool = False  # visibility, idempotency, rollback: other fixes need it first
    needs_any: tuple[tuple[str, str], ...] = ()  # (kind, metric) pairs; at least one must be measured


@dataclass(frozen=True, slots=True)
class Outcome:
    """A rule's answer. HIT has `hits`; CANNOT_TELL has `needs`; CLEAR has neither."""

    rule: Rule
    status: Status
    hits: tuple[Hit, ...] = ()
    needs: tuple[str, ...] = field(default=())


def run_rule(rule: Rule, evidence: EvidenceSet) -> Outcome:
    """Ask one rule. Missing evidence is "cannot tell", never "clear"."""
    missing = tuple(f"{kind}.{metric}" for kind, metric in rule.needs if not evidence.has(kind, metric))
    if rule.needs_any and not any(evidence.has(kind, metric) for kind, metric in rule.needs_any):
        missing += (" or ".join(f"{kind}.{metric}" for kind, metric in rule.needs_any),)
    if missing:
        return Outcome(rule, Status.CANNOT_TELL, needs=missing)
    answers = list(rule.check(evidence, rule.threshold))
    hits = tuple(answer for answer in answers if isinstance(answer, Hit))
    doubts = tuple(answer.needs for answer in answers if isinstance(answer, CannotTell))
    if hits:
        return Outcome(rule, Status.HIT, hits=hits)
    if doubts:
        return Outcome(rule, Status.CANNOT_TELL, needs=doubts)
    return Outcome(rule, Status.CLEAR)


def run_rules(rules: Sequence[Rule], evidence: EvidenceSet) -> list[Outcome]:
    """Ask every rule, in the order of the list."""
    return [run_rule(rule, evidence) for rule in rules]
