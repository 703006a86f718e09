"""A backlog that drains or grows: t = backlog / (c/S - lambda); it grows by lambda - c/S when that is not above zero.

Flow balance over constant rates (fluid approximation of a queue; Kleinrock, Queueing Systems II, ch. 2). Retries and
poison messages feed lambda and are not in here; see `retries`.
"""

from dataclasses import dataclass

from reviews.capacity.formulas.sane import counted, enough, not_negative, positive

HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Growing:
    """More comes in than goes out: the backlog grows by `per_s` each second, and no number of seconds ends the wait.

    At 0 the two are equal: nothing drains, and chance alone makes the queue grow without an end.
    """

    per_s: float

    @property
    def per_hour(self) -> float:
        return counted(self.per_s * HOUR_S)


@dataclass(frozen=True, slots=True)
class Draining:
    """The backlog is gone after so many seconds."""

    seconds: float


def drain(backlog: float, inflow: float, workers: float, hold: float) -> Draining | Growing:
    """What becomes of `backlog` jobs when `inflow` per second arrive and `workers` take `hold` seconds for each."""
    not_negative(backlog=backlog, inflow=inflow)
    positive(workers=workers, hold=hold)
    spare = counted(workers / hold) - inflow
    return Draining(counted(backlog / spare)) if spare > 0 else Growing(-spare)


def drained_in(backlog: float, inflow: float, workers: float, hold: float) -> float | None:
    """Seconds until the backlog is gone, None when it is never: for ranges."""
    answer = drain(backlog, inflow, workers, hold)
    return answer.seconds if isinstance(answer, Draining) else None


def workers_to_drain(backlog: float, inflow: float, hold: float, within: float) -> int:
    """Workers that empty the backlog within so many seconds while the inflow goes on."""
    not_negative(backlog=backlog, inflow=inflow)
    positive(hold=hold, within=within)
    return enough(counted(hold * (inflow + backlog / within)))


def peak_backlog(inflow: float, workers: float, hold: float, lasting: float) -> float:
    """Jobs that wait at the end of a bounded event of `lasting` seconds; 0 when the workers keep up."""
    not_negative(lasting=lasting)
    answer = drain(0, inflow, workers, hold)
    return counted(answer.per_s * lasting) if isinstance(answer, Growing) else 0.0
