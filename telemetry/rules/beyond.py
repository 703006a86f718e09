"""A check that many rules share: one metric beyond a limit, with a guard for what is too little to judge."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Hit, Subject, Threshold
from telemetry.rules.shapes import Answer, Standing, Wording, hit_of

Near = Callable[[Evidence], float | None]


def everything(row: Evidence) -> bool:
    """No row is left out."""
    return True


def no_doubt(row: Evidence) -> str:
    """Every row is enough to judge."""
    return ""


@dataclass(frozen=True)
class Beyond:
    """One metric over its limit, or under it (`floor`), the worst row of each subject. Call it as a rule's check.

    `limit` replaces the rule's own where a rule judges several metrics; one that depends on the row is a function.
    `doubt` says what would settle a row that is too little to judge ("" where it is enough). `near` gives the share of
    the limit at which it hurts, for what has not hurt yet; `broken` admits those rows that have hurt.
    """

    kind: str
    metric: str
    subject: Callable[[Evidence], Subject]
    wording: Wording
    standing: Standing = field(default_factory=Standing)
    where: Callable[[Evidence], bool] = everything
    doubt: Callable[[Evidence], str] = no_doubt
    limit: float | Callable[[Evidence], float] | None = None
    floor: bool = False
    near: Near | None = None
    broken: Callable[[Evidence], bool] | None = None

    def __call__(self, evidence: EvidenceSet, threshold: Threshold) -> Iterator[Answer]:
        for row in self._worst(evidence):
            limit = self._limit_of(row, threshold)
            value = row.metrics[self.metric]
            if (value >= limit if self.floor else value <= limit) or not self.where(row):
                continue
            doubt = self.doubt(row)
            yield CannotTell(doubt) if doubt else self._hit(row, limit)

    def _limit_of(self, row: Evidence, threshold: Threshold) -> float:
        if self.limit is None:
            return threshold.value
        return self.limit if isinstance(self.limit, int | float) else self.limit(row)

    def _worst(self, evidence: EvidenceSet) -> list[Evidence]:
        worst: dict[str, Evidence] = {}
        sign = -1.0 if self.floor else 1.0
        for row in evidence.having(self.kind, self.metric):
            kept = worst.get(row.subject)
            if kept is None or sign * row.metrics[self.metric] > sign * kept.metrics[self.metric]:
                worst[row.subject] = row
        return sorted(worst.values(), key=lambda row: -sign * row.metrics[self.metric])

    def _hit(self, row: Evidence, limit: float) -> Hit:
        hit = hit_of(row, self.metric, limit, self.subject(row), self.wording, self.standing)
        if self.broken is not None:
            hit = replace(hit, breach=self.broken(row))
        share = self.near(row) if self.near is not None and not hit.breach else None
        return hit if share is None else replace(hit, utilisation=max(0.0, min(1.0, share)))


def at_least(metric: str, number: float, needs: str) -> Callable[[Evidence], str]:
    """A doubt: fewer than `number` of a metric (or none known) are too few; `needs` may hold {name}."""
    return lambda row: "" if row.metrics.get(metric, 0.0) >= number else needs.format(name=row.subject)
