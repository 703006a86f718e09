"""When work arrives and how long it holds a slot: what the simulation draws from, with the Random it is given.

Times in seconds, rates per second. Every pattern has a mean rate, so that patterns can be compared at the same load.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from reviews.capacity.formulas.sane import OutOfRange, not_negative, positive, whole


class Arrivals(Protocol):
    """A pattern of arrivals."""

    @property
    def rate(self) -> float:
        """Mean arrivals per second."""
        ...

    def times(self, seconds: float, rng: Random) -> Sequence[float]:
        """Moments of arrival before `seconds`, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Poisson:
    """Arrivals that know nothing of each other."""

    rate: float

    def __post_init__(self) -> None:
        not_negative(rate=self.rate)

    def times(self, seconds: float, rng: Random) -> list[float]:
        return _poisson(self.rate, 0.0, seconds, rng)


@dataclass(frozen=True, slots=True)
class Herd:
    """A cron job: `count` arrivals at once every so many seconds, or spread evenly at random over `spread` of it."""

    count: int
    every: float
    spread: float = 0.0

    def __post_init__(self) -> None:
        whole(count=self.count)
        positive(every=self.every)
        not_negative(spread=self.spread)
        if self.spread > self.every:
            raise OutOfRange("a herd cannot be spread over more than the time from one to the next")

    @property
    def rate(self) -> float:
        """Mean arrivals per second."""
        return self.count / self.every

    def times(self, seconds: float, rng: Random) -> list[float]:
        ticks = range(math.ceil(seconds / self.every))
        found = [tick * self.every + rng.random() * self.spread for tick in ticks for _ in range(self.count)]
        return sorted(moment for moment in found if moment < seconds)


class Hold(Protocol):
    """How long one holds a slot."""

    @property
    def mean(self) -> float:
        """Mean seconds."""
        ...

    def draw(self, rng: Random) -> float:
        """Seconds of one."""
        ...


@dataclass(frozen=True, slots=True)
class Exponential:
    """Mostly short, sometimes long: what Erlang's formulas assume."""

    mean: float

    def __post_init__(self) -> None:
        positive(mean=self.mean)

    def draw(self, rng: Random) -> float:
        return rng.expovariate(1 / self.mean)


@dataclass(frozen=True, slots=True)
class Same:
    """Every one takes the same time."""

    mean: float

    def __post_init__(self) -> None:
        positive(mean=self.mean)

    def draw(self, rng: Random) -> float:
        return self.mean


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A heavy tail, as call times of third parties have; `cv` is standard deviation over mean."""

    mean: float
    cv: float

    def __post_init__(self) -> None:
        positive(mean=self.mean, cv=self.cv)

    def draw(self, rng: Random) -> float:
        variance = math.log1p(self.cv**2)
        return rng.lognormvariate(math.log(self.mean) - variance / 2, math.sqrt(variance))


def _poisson(rate: float, start: float, end: float, rng: Random) -> list[float]:
    found: list[float] = []
    moment = start + rng.expovariate(rate) if rate > 0 else end
    while moment < end:
        found.append(moment)
        moment += rng.expovariate(rate)
    return found
