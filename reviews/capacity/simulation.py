"""A station simulated event by event: what bursts, cron herds, timeouts, retries and priorities do to waiting.

Closed forms stop where arrivals come in herds, people give up, or failures feed the load. This is the second opinion:
with Poisson arrivals and exponential hold times it agrees with Erlang C within its own interval (the tests see to it).
A seed and the same inputs give the same answer. It answers for one station with equal slots; the numbers are those of
a model, so they are graded like the worst of its inputs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from reviews.capacity.arrivals import Arrivals, Hold
from reviews.capacity.formulas.ranges import Range
from reviews.capacity.formulas.sane import OutOfRange, not_negative, positive, share, whole
from reviews.capacity.formulas.student import two_sided

if TYPE_CHECKING:
    from reviews.capacity.station import Tally

MOST_ATTEMPTS = 200_000  # of one run, retries included: some ten seconds


@dataclass(frozen=True, slots=True)
class Station:
    """What attempts meet.

    `servers` slots (connections, workers, instances), each held for `hold`; `room` how many may wait (None: all);
    `patience` seconds one waits before giving up (None: for ever); `failing` the share of served attempts that fail all
    the same. What was refused, timed out or failed is tried again up to `retries` times, after `backoff` seconds,
    doubled each time (up to a thousandfold) and spread by half.
    """

    servers: int
    hold: Hold
    room: int | None = None
    patience: float | None = None
    failing: float = 0.0
    retries: int = 0
    backoff: float = 0.0

    def __post_init__(self) -> None:
        whole(servers=self.servers)
        share(failing=self.failing)
        not_negative(room=self.room or 0, retries=self.retries, backoff=self.backoff)
        if self.patience is not None:
            positive(patience=self.patience)


@dataclass(frozen=True, slots=True)
class Stream:
    """Arrivals of one priority; 0 is served first, and nobody is interrupted."""

    arrivals: Arrivals
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run showed.

    Of calls that came before the mark: waits in seconds, of attempts that got a slot; `waited` the share of those that
    did not get it at once; `refused` and `timed_out` shares of attempts; `lost` share of calls that failed after all
    retries; `amplified` attempts per call; `backlog` how many wait at the mark, `drained` seconds from it until the
    last of these calls has left. `waits` by priority: (mean, p95). None where nobody was served.
    """

    calls: int
    attempts: int
    mean_wait: float | None
    p95_wait: float | None
    waited: float
    refused: float
    timed_out: float
    lost: float
    amplified: float
    backlog: int
    drained: float
    waits: dict[int, tuple[float, float]]


def simulate(
    station: Station,
    streams: Sequence[Stream],
    seconds: float,
    seed: int = 1,
    warm_up: float = 0.0,
    mark: float | None = None,
    most: int = MOST_ATTEMPTS,
) -> Outcome:
    """One run with arrivals for so many `seconds`, of at most so many attempts; OutOfRange when they would be more.

    What begins before `warm_up` fills the queue but is not counted; what comes after the `mark` (the end of a burst;
    without one the end of arrivals) is not counted either: it only goes on to load the station.
    """
    from reviews.capacity.station import Rules, Run, network_of  # here: Ciw takes a second to load

    mark = seconds if mark is None else mark
    _bounded(streams, seconds, warm_up, mark, most)
    rng = Random(seed)  # noqa: S311 (it must be repeatable)
    ranks = sorted({stream.priority for stream in streams})
    arrivals = [(at, str(ranks.index(one.priority))) for one in streams for at in one.arrivals.times(seconds, rng)]
    room = math.inf if station.room is None else station.room
    rules = Rules(station.hold, room, station.failing, station.retries, station.backoff, warm_up, mark, most)
    run = Run(network_of(station.servers, station.patience, station.hold, rng, len(ranks)), rules, rng, arrivals)
    run.until(mark)
    backlog = run.waiting
    run.until(math.inf)
    return _seen(run.tally, ranks, backlog, mark)


def replicate(
    station: Station,
    streams: Sequence[Stream],
    seconds: float,
    runs: int = 5,
    seed: int = 1,
    warm_up: float = 0.0,
    mark: float | None = None,
    most: int = MOST_ATTEMPTS,
) -> list[Outcome]:
    """Independent runs, with the seeds from `seed` on; each as `simulate`."""
    whole(runs=runs)
    return [simulate(station, streams, seconds, seed + run, warm_up, mark, most) for run in range(runs)]


def interval(values: Sequence[float]) -> Range[float]:
    """The mean of one number over the runs with its 95 % interval (Student's t); at least two runs."""
    if len(values) < 2:
        raise OutOfRange("an interval needs at least two runs")
    middle = fmean(values)
    margin = two_sided(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    return Range(middle, max(0.0, middle - margin), middle + margin)


def _seen(tally: "Tally", ranks: Sequence[int], backlog: int, mark: float) -> Outcome:
    waits = {ranks[rank]: sorted(found) for rank, found in sorted(tally.waits.items())}
    together = sorted(wait for found in waits.values() for wait in found)
    return Outcome(
        tally.calls,
        tally.attempts,
        fmean(together) if together else None,
        _p95(together) if together else None,
        _of(sum(wait > 0 for wait in together), len(together)),
        _of(tally.refused, tally.attempts),
        _of(tally.timed_out, tally.attempts),
        _of(tally.lost, tally.calls),
        _of(tally.attempts, tally.calls),
        backlog,
        max(0.0, tally.ended - mark),
        {priority: (fmean(found), _p95(found)) for priority, found in waits.items()},
    )


def _bounded(streams: Sequence[Stream], seconds: float, warm_up: float, mark: float, most: int) -> None:
    """Refuses what is too long before it begins; retries are counted on the way."""
    positive(seconds=seconds, mark=mark)
    not_negative(warm_up=warm_up)
    if not warm_up < mark <= seconds:
        raise OutOfRange("the warm-up must end before the mark, and the mark must lie within the run")
    if sum(stream.arrivals.rate for stream in streams) * seconds > most:
        raise OutOfRange(too_many(most))


def too_many(most: int) -> str:
    """Why a run is refused, or ends."""
    return f"more than {most:,} attempts would be simulated: shorten the run or scale it down"


def _p95(ordered: Sequence[float]) -> float:
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def _of(part: int, all_of_them: int) -> float:
    return part / all_of_them if all_of_them else 0.0
