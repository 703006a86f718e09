"""The words of a policy profile: a threshold, a phase, a floor. All are declared values with their source."""

from dataclasses import dataclass

ABOVE, BELOW = "above", "below"
# What a threshold is for: start a piece of work, wake or tell somebody, decide on a technology.
TRIGGER, CRITICAL, WARNING, CRITERION = "trigger", "critical", "warning", "criterion"
# A threshold is near from this share of it on, and on the way from this one: the bands 4 and 2 of the risk map's
# proximity (`reviews.risk.matrix.UTILISATION_BANDS`), so that two pages of one report mean the same by "near".
NEAR, ON_THE_WAY = 0.8, 0.4


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit of a measure, reached when the value is strictly beyond it, as "more than 80 %" reads.

    `measure` is a key of `reviews.capacity.measured`, `value` in its unit. `use` is what it decides: a technology's
    slug for a criterion, "" otherwise. `required`: without it no other criterion of that technology decides. `phase`
    (from 1) is where a trigger belongs. `minutes`: how long an alert waits.
    """

    measure: str
    direction: str
    value: float
    role: str
    source: str
    action: str = ""
    phase: int = 0
    use: str = ""
    minutes: int = 0
    required: bool = False
    abrupt: bool = False  # a count of few: one person is not "near" two teams

    @property
    def key(self) -> tuple[str, str, int, str]:
        """Two profiles answer the same question when these agree."""
        return self.role, self.use, self.phase, self.measure

    def passed(self, value: float) -> bool:
        """Whether a value lies beyond the limit; at the limit it does not."""
        return value > self.value if self.direction == ABOVE else value < self.value

    def used(self, value: float) -> float:
        """How much of the way to the limit is gone, 1 at the limit.

        A limit from below counts what lacks: a hit rate of 75 % has used 25 of the 30 points that 70 % leaves.
        """
        if self.direction == ABOVE:
            return value / self.value
        return (1 - value) / (1 - self.value) if self.value < 1 else self.value / value if value else float("inf")


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of size: from `low` up to, not including, `high` (None: no end) of the profile's driver."""

    name: str
    low: float
    high: float | None


@dataclass(frozen=True, slots=True)
class Floor:
    """Below this size nothing of the right-sizing's list is built unless a criterion was shown to be met."""

    users: float
    team: float
    source: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of thresholds that agree with each other. `suits` says for whom; `driver` is a measure's key."""

    name: str
    title: str
    suits: str
    source: str
    driver: str
    phases: tuple[Phase, ...]
    phases_source: str
    thresholds: tuple[Threshold, ...]
    floor: Floor | None = None
