"""The printed rule by which a scenario gets its verdict: utilisation of every resource, steady and at its peak.

The rule is METHOD 2.A ("Simulation verdict rule"); `RULE` is how it is printed. A memory that is full stops what lives
in it. A burst over the limit is an outage of a part as long as what piled up meanwhile is gone within a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reviews.capacity.formulas.drain import drained_in, peak_backlog
from reviews.capacity.resource import Resource
from reviews.report.figures import percent

COMFORTABLE, STRESSED, PARTIAL, FAILURE = range(4)
WORDS = ("comfortable", "survivable but stressed", "partial outage", "complete failure")
NOT_KNOWN = "not known"
COMFORT = 0.7
DRAINS_WITHIN_H = 24.0
PEAK_H = 5 / 60  # the busiest five minutes
TOUCH = 1 + 1e-9  # a peak that just touches the limit is allowed
QUEUED = ("window", "workers")  # what waits here stays until it is done; elsewhere callers give up
RULE = (
    "Utilisation is load ÷ capacity, at steady load and in the busiest five minutes. Complete failure: a resource that "
    "users wait on is at 100 % or more at steady load, or a memory is full, or what piled up in a burst is not gone "
    "within a day. Partial outage: such a resource is over 100 % only in a burst, or another resource is at 100 % "
    "or more, or data is lost or doubled. Survivable but stressed: the highest utilisation is from 70 % to 100 %. "
    "Comfortable: below 70 %. Not known: no resource that users wait on is known."
)


@dataclass(frozen=True, slots=True)
class Use:
    """A resource in a scenario: shares of its capacity in use, None where the load is not known."""

    part: Resource
    steady: float | None
    peak: float | None

    @property
    def most(self) -> float | None:
        """The higher of the two that are known."""
        known = [share for share in (self.steady, self.peak) if share is not None]
        return max(known) if known else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word, in a sentence why, and the uses that decided."""

    word: str
    reason: str
    level: int | None
    deciding: tuple[Use, ...] = ()


def level_of(use: Use, event_h: float | None) -> int | None:
    """How bad one resource is, `COMFORTABLE` to `FAILURE`; None when its load is not known."""
    most = use.most
    if most is None:
        return None
    drops = use.part.when_full != "waits"
    memory = use.part.kind == "memory"
    if most >= 1 and memory:
        return PARTIAL if drops or not use.part.critical else FAILURE
    if use.steady is not None and use.steady >= 1:
        return FAILURE if use.part.critical else PARTIAL
    if most > TOUCH or (drops and most >= 1):
        return FAILURE if use.part.critical and not _drains(use, event_h) else PARTIAL
    return _calm(most)


def _calm(most: float) -> int:
    return STRESSED if most >= COMFORT else COMFORTABLE


def _drains(use: Use, event_h: float | None) -> bool:
    """Whether what piled up in the burst is gone within a day. Work counts in hours of the whole capacity."""
    if use.part.kind not in QUEUED or use.steady is None or use.peak is None:
        return True
    piled = peak_backlog(use.peak, workers=1, hold=1, lasting=event_h or PEAK_H)
    gone = drained_in(piled, use.steady, workers=1, hold=1)
    return gone is not None and gone <= DRAINS_WITHIN_H


def judge(uses: Sequence[Use], conditions: Sequence[str] = (), event_h: float | None = None) -> Verdict:
    """The verdict over all resources. `conditions` are observed losses or doublings of data, in words."""
    graded = [(level, use) for use in uses if (level := level_of(use, event_h)) is not None]
    if not any(use.part.critical for _, use in graded):
        return Verdict(NOT_KNOWN, "No resource that users wait on is known.", None)
    worst = max(level for level, _ in graded)
    if conditions and worst < PARTIAL:
        return Verdict(WORDS[PARTIAL], f"{conditions[0]}.", PARTIAL)
    deciding = tuple(sorted((use for level, use in graded if level == worst), key=lambda use: -(use.most or 0.0)))
    unseen = [use for use in uses if use.part.critical and use.peak is None]
    if worst == COMFORTABLE and unseen:
        title = unseen[0].part.title
        return Verdict(NOT_KNOWN, f"{title}: the load of its busiest minutes is not known.", None)
    return Verdict(WORDS[worst], _reason(worst, deciding, event_h), worst, deciding)


def _reason(level: int, deciding: Sequence[Use], event_h: float | None) -> str:
    if level == COMFORTABLE:
        return f"The highest utilisation is {percent(deciding[0].most or 0.0)}, of {deciding[0].part.title}."
    said = "; ".join(_said(use, event_h) for use in deciding[:3])
    more = f"; and {len(deciding) - 3} more" if len(deciding) > 3 else ""
    return f"{said}{more}."


def _said(use: Use, event_h: float | None) -> str:
    steady = use.steady is not None and use.steady >= 1
    share, when = (use.steady, "at steady load") if steady else (use.peak, "in the busiest minutes")
    if share is None:
        share, when = use.steady, "at steady load"
    if use.peak is not None and not steady and event_h:
        when = "during the event"
    then = "" if use.part.when_full == "waits" or (share or 0) < 1 else f", where it {use.part.when_full}"
    return f"{use.part.title} at {percent(share or 0.0)} of its capacity {when}{then}"
