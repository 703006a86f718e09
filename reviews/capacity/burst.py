"""What a burst does to one station: simulated five times, with the closed form beside it where one holds.

Calls arrive at random (Poisson). Hold times are mostly short and sometimes long (exponential), what the closed forms
assume too, so that the two can be compared; or all the same, or with a heavy tail. Results are means over the runs with
their 95 % interval (Student's t); the seeds are fixed, so that the same numbers give the same answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reviews.capacity.arrivals import Exponential, Herd, Hold, Lognormal, Poisson, Same
from reviews.capacity.formulas import drain, erlang, retries
from reviews.capacity.formulas.operational import utilisation
from reviews.capacity.formulas.ranges import Range
from reviews.capacity.formulas.sane import OutOfRange, not_negative, positive, share, whole
from reviews.capacity.simulation import Outcome, Station, Stream, interval, replicate

RUNS = 5
MOST = 7_000  # attempts of one run: five of them stay below two seconds of processor
CALLS = 3_000  # of a steady run; a fifth of them fills the queue first
AT_ONCE = 1e-6  # of a hold time: what comes together comes within that
MOST_SLOTS = 2_000  # beyond that hardly anybody waits, and a run takes too long
AHEAD = 1.5  # times as long as the closed form lets it drain, the background goes on
STEADY, HERD, BURST = "steady", "herd", "burst"
FIRST, REST = 0, 1
# How hold times differ: the coefficient of variation (standard deviation over mean).
EXPONENTIAL, SAME, HEAVY = "exponential", "same", "heavy"
SPREADS = {EXPONENTIAL: 1.0, SAME: 0.0, HEAVY: 3.0}
ERLANG, BACKLOG = "Erlang C", "(in − slots ÷ hold time) × seconds"


@dataclass(frozen=True, slots=True)
class Burst:
    """What is tried.

    `shape`: steady (nothing but `rate` calls a second), herd (`count` all at once) or burst (`count` within `within`
    seconds), the last two on top of `rate`. `patience` seconds one waits before giving up (None: for ever), `again`
    times what timed out, was refused or failed is tried again after `backoff` seconds, doubled each time; `failing` the
    share of served tries that fail; `first` the share of calls that is served before the others; `room` how many may
    wait before more are refused (None: all); `spread` how hold times differ.
    """

    shape: str
    rate: float
    count: int = 0
    within: float = 0.0
    patience: float | None = None
    again: int = 0
    backoff: float = 1.0
    failing: float = 0.0
    first: float = 0.0
    room: int | None = None
    spread: str = EXPONENTIAL

    def __post_init__(self) -> None:
        not_negative(rate=self.rate, times_tried_again=self.again, pause=self.backoff)
        share(failing=self.failing, served_first=self.first)
        if self.shape == STEADY:
            positive(calls_a_second=self.rate)
        else:
            whole(calls_at_once=self.count)
        if self.shape == BURST:
            positive(seconds_of_the_burst=self.within)
        if self.patience is not None:
            positive(patience=self.patience)


@dataclass(frozen=True, slots=True)
class Shown:
    """One number: mean over the runs with its ends, its unit ("s", "share", "1"), and the closed form's words."""

    title: str
    found: Range[float]
    unit: str
    closed: str = ""
    closed_value: float | None = None


def tried(servers: int, hold: float, burst: Burst) -> list[Shown]:
    """Every number of the answer; OutOfRange says what to change when it would take too long."""
    station = Station(
        servers,
        _hold(hold, burst.spread),
        burst.room,
        burst.patience,
        burst.failing,
        burst.again,
        burst.backoff if burst.again else 0.0,
    )
    plan = _plan(servers, hold, burst)
    try:
        runs = replicate(station, plan.streams, plan.seconds, RUNS, 1, plan.warm_up, plan.mark, MOST)
    except OutOfRange as refused:
        raise OutOfRange(f"More than {MOST:,} tries would be simulated: {_less(burst)}.") from refused
    return list(filter(None, (row(runs, servers, hold, burst) for row in ROWS)))


def _hold(mean: float, spread: str) -> Hold:
    if spread == SAME:
        return Same(mean)
    return Lognormal(mean, SPREADS[HEAVY]) if spread == HEAVY else Exponential(mean)


@dataclass(frozen=True, slots=True)
class Plan:
    """The arrivals of a run, how long they go on, what is not counted at its beginning, and the end of the burst."""

    streams: Sequence[Stream]
    seconds: float
    warm_up: float
    mark: float


def _plan(servers: int, hold: float, burst: Burst) -> Plan:
    if burst.shape == STEADY:
        seconds = CALLS / burst.rate
        return Plan(_split(burst, Poisson), seconds, seconds / 5, seconds)
    mark = max(burst.within if burst.shape == BURST else 0.0, AT_ONCE * hold)
    work = burst.count + burst.rate * mark
    inflow = burst.rate if utilisation(burst.rate, hold, servers) < 1 else 0.0  # behind those who came before anyway
    longest = drain.drained_in(work, inflow, servers, hold) or 0.0
    seconds = mark + AHEAD * longest + 10 * hold
    return Plan(_herds(burst, mark, seconds) + _split(burst, Poisson), seconds, 0.0, mark)


def _split(burst: Burst, pattern: Callable[[float], Poisson]) -> list[Stream]:
    """The calls that go on, the share that is served first apart."""
    parts = ((FIRST, burst.rate * burst.first), (REST, burst.rate * (1 - burst.first)))
    return [Stream(pattern(rate), rank) for rank, rate in parts if rate > 0]


def _herds(burst: Burst, mark: float, seconds: float) -> list[Stream]:
    """One herd each, that never comes back within the run."""
    ahead = round(burst.count * burst.first)
    counts = ((FIRST, ahead), (REST, burst.count - ahead))
    return [Stream(Herd(count, every=2 * seconds, spread=mark), rank) for rank, count in counts if count > 0]


def _less(burst: Burst) -> str:
    again = ", fewer tries again" if burst.again else ""
    if burst.shape == STEADY:
        return f"try a lower rate{again}"
    return f"try fewer calls at once, a lower rate beside them{again}"


def _mean_of(runs: Sequence[Outcome], value: Callable[[Outcome], float | None]) -> Range[float] | None:
    """Over the runs in which it is known; None where it is known in fewer than two."""
    known = [found for run in runs if (found := value(run)) is not None]
    return interval(known) if len(known) > 1 else None


def _share(values: Sequence[float]) -> Range[float]:
    found = interval(values)
    return replace(found, high=min(1.0, found.high))


def _calm(burst: Burst) -> bool:
    """Whether closed forms hold: nobody gives up, nobody is refused, and nothing comes back."""
    return burst.patience is None and burst.room is None and not burst.again


def _erlang(servers: int, hold: float, burst: Burst) -> erlang.Waits | None:
    if burst.shape != STEADY or not _calm(burst):
        return None
    answer = erlang.waits(burst.rate, hold, servers)
    return answer if isinstance(answer, erlang.Waits) else None


def _wait(runs: Sequence[Outcome], servers: int, hold: float, burst: Burst) -> Shown | None:
    found, exact = _mean_of(runs, lambda run: run.mean_wait), _erlang(servers, hold, burst)
    if found is None:
        return None
    if exact is None or burst.spread == EXPONENTIAL:
        return Shown("Wait for a slot, mean", found, "s", ERLANG, exact.mean if exact else None)
    closed = erlang.uneven(exact.mean, 1.0, SPREADS[burst.spread] ** 2)
    return Shown("Wait for a slot, mean", found, "s", f"{ERLANG} × (1 + cv²) ÷ 2", closed)


def _slow(runs: Sequence[Outcome], servers: int, hold: float, burst: Burst) -> Shown | None:
    found, exact = _mean_of(runs, lambda run: run.p95_wait), _erlang(servers, hold, burst)
    closed = exact.percentile(0.95) if exact and burst.spread == EXPONENTIAL else None
    return None if found is None else Shown("One in twenty waits at least", found, "s", ERLANG, closed)


def _ranked(rank: int, title: str) -> "Row":
    def row(runs: Sequence[Outcome], servers: int, hold: float, burst: Burst) -> Shown | None:
        if not 0 < burst.first < 1:
            return None
        found = _mean_of(runs, lambda run: run.waits[rank][0] if rank in run.waits else None)
        return None if found is None else Shown(title, found, "s")

    return row


def _timed_out(runs: Sequence[Outcome], servers: int, hold: float, burst: Burst) -> Shown | None:
    if burst.patience is None:
        return None
    return Shown("Tries that gave up waiting", _share([run.timed_out for run in runs]), "share")


def _refused(runs: Sequence[Outcome], servers: int, hold: float, burst: Burst) -> Shown | None:
    if burst.room is None:
        return None
    return Shown("Tries that were refused", _share([run.refused for run in runs]), "share")


def _lost(runs: Sequence[Outcome], servers: int, hold: float, burst: Burst) -> Shown | None:
    served = burst.patience is None and burst.room is None
    if served and not burst.failing:
        return None
    closed = retries.gives_up(burst.failing, burst.again) if served else None
    return Shown("Calls that fail in the end", _share([run.lost for run in runs]), "share", "p^(r + 1)", closed)


def _amplified(runs: Sequence[Outcome], servers: int, hold: float, burst: Burst) -> Shown | None:
    if not burst.again:
        return None
    served = burst.patience is None and burst.room is None
    closed = retries.attempts(burst.failing, burst.again) if served else None
    found = interval([run.amplified for run in runs])
    found = replace(found, low=max(1.0, found.low))  # each call is tried once at least
    return Shown("Tries for each call", found, "1", "1 + p … + p^r", closed)


def _backlog(runs: Sequence[Outcome], servers: int, hold: float, burst: Burst) -> Shown | None:
    found = interval([float(run.backlog) for run in runs])
    if burst.shape == STEADY and _calm(burst) and utilisation(burst.rate, hold, servers) > 1:
        closed = drain.peak_backlog(burst.rate, servers, hold, CALLS / burst.rate)
        return Shown("Waiting at the end of the run", found, "1", BACKLOG, closed)
    if burst.shape == BURST and _calm(burst):
        closed = drain.peak_backlog(burst.rate + burst.count / burst.within, servers, hold, burst.within)
        return Shown("Waiting when the burst ends", found, "1", BACKLOG, closed)
    title = "Waiting at the end of the run" if burst.shape == STEADY else "Waiting when the burst ends"
    return Shown(title, found, "1")


def _drained(runs: Sequence[Outcome], servers: int, hold: float, burst: Burst) -> Shown | None:
    if burst.shape == STEADY:
        return None
    found, closed = interval([run.drained for run in runs]), None
    if burst.shape == HERD and _calm(burst) and not burst.first:
        closed = drain.drained_in(burst.count, 0.0, servers, hold)
    return Shown("Until all of them are through", found, "s", "calls ÷ (slots ÷ hold time)", closed)


Row = Callable[[Sequence[Outcome], int, float, Burst], Shown | None]
ROWS: tuple[Row, ...] = (
    _wait,
    _slow,
    _ranked(FIRST, "Wait of those served first, mean"),
    _ranked(REST, "Wait of the others, mean"),
    _refused,
    _timed_out,
    _lost,
    _amplified,
    _backlog,
    _drained,
)


def slots_without_wait(hold: float, burst: Burst) -> int | None:
    """The fewest slots at which at most one in twenty waits at this rate (Erlang C); None where it does not hold."""
    few = burst.rate * hold <= MOST_SLOTS
    if burst.shape != STEADY or not _calm(burst) or burst.spread != EXPONENTIAL or not few:
        return None
    return erlang.servers_for_probability(burst.rate, hold, 0.05)


def growing(servers: int, hold: float, burst: Burst) -> float | None:
    """Calls a second by which the queue grows as long as `rate` goes on; None where the slots keep up."""
    answer = drain.drain(0, burst.rate, servers, hold)
    return answer.per_s if isinstance(answer, drain.Growing) else None
