"""How sure we are of a risk: the worst grade that decides, and the length of the window behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from reviews.risk.matrix import Grade
from telemetry.evidence import EvidenceSet

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
WEEK_S = 7 * DAY_S
# The kind of each family that states how long was observed. A family without one is a snapshot of running counters.
WINDOW_KINDS = {
    "pg.log": ("pg.log.server", "pg.log.statement"),
    "http": ("http.server", "http.route"),
    "function": ("function.server", "function.route"),
    "redis": ("redis.server",),
    "ops.payment_event": ("ops.payment_event",),
    "ops.deployment": ("ops.deployment",),
    "ops.component": ("ops.component",),
    "ops.incident": ("ops.component",),
}
# Families that are read from a repository: what may happen, at no time in particular.
WRITTEN = ("code.", "repo.", "schema.", "route")


class Confidence(IntEnum):
    """Three answers, best last."""

    ASSUMED = 1
    PARTLY_MEASURED = 2
    MEASURED = 3

    @property
    def word(self) -> str:
        """The word of the machine interface."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Assurance:
    """A confidence, why it is not better, and what would make it so (empty at the best)."""

    confidence: Confidence
    reason: str
    upgrade: str = ""


def window_of(kind: str, evidence: EvidenceSet) -> float | None:
    """Longest span in seconds behind a kind's family; 0 when the family states none, None for a snapshot."""
    family = next((name for name in WINDOW_KINDS if kind == name or kind.startswith(name + ".")), None)
    if family is None:
        return None
    return max((evidence.window_s(name) or 0.0 for name in WINDOW_KINDS[family]), default=0.0)


def assure(grades: Sequence[Grade], window_s: float | None, written: bool = False) -> Assurance:
    """The worse of what the deciding grades allow and what the window allows; what is `written` has no window."""
    by_time = _by_text() if written else _by_window(window_s)
    return min(_by_grade(grades), by_time, key=lambda answer: answer.confidence)


def is_written(kind: str) -> bool:
    """Whether a kind is read from code, settings or a schema."""
    return kind.startswith(WRITTEN)


def _by_text() -> Assurance:
    reason = "it is read from the code: what may happen, not how often"
    return Assurance(Confidence.PARTLY_MEASURED, reason, "Send a log or statistics that show it happening.")


def _by_grade(grades: Sequence[Grade]) -> Assurance:
    if Grade.ASSUMED in grades:
        reason = "the share of revenue and users behind it is assumed"
        return Assurance(Confidence.ASSUMED, reason, "State the top user flows with their routes, tables and shares.")
    if Grade.STATED in grades:
        reason = "the share of revenue and users behind it is stated by the client"
        return Assurance(Confidence.PARTLY_MEASURED, reason, "Send an access log that covers the flow's routes.")
    return Assurance(Confidence.MEASURED, "every deciding input is measured")


def _by_window(window_s: float | None) -> Assurance:
    if window_s is None:
        reason = "running counters, whose start is not stated"
        return Assurance(Confidence.PARTLY_MEASURED, reason, "Send a second export of the same counters a week later.")
    if window_s < DAY_S:
        reason = f"the evidence spans {span(window_s)}, less than a day"
        return Assurance(Confidence.ASSUMED, reason, "Send seven days that hold a business peak.")
    if window_s < WEEK_S:
        reason = f"the evidence spans {span(window_s)}, less than a week"
        return Assurance(Confidence.PARTLY_MEASURED, reason, "Send seven days that hold a business peak.")
    return Assurance(Confidence.MEASURED, f"the evidence spans {span(window_s)}")


def span(seconds: float) -> str:
    """A span in the largest unit that leaves at least 2 of it."""
    for size, unit in ((DAY_S, "days"), (HOUR_S, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
