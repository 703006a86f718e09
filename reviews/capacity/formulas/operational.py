"""Operational analysis: what counters alone say about a bottleneck, without a queue model.

U = X S; S = B / C; D_k = V_k S_k; R = N / X - Z; X <= min(1 / D_max, N / (D + Z)); R >= max(D, N D_max - Z);
knee N* = (D + Z) / D_max. Source: Denning and Buzen, ACM Computing Surveys 10 (1978); Menasce, Almeida and Dowdy,
Performance by Design, ch. 3. Assumes flow balance (what came in went out) and demands that do not grow with N: where
contention does, use `usl`. A resource that was not measured is not in the bounds; stolen CPU time is nobody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from reviews.capacity.formulas.sane import OutOfRange, counted, not_negative, positive


def utilisation(rate: float, service: float, servers: float = 1) -> float:
    """U = X S / c: busy share of each of `servers`, at `rate` completions per second of `service` seconds each."""
    not_negative(rate=rate, service=service)
    positive(servers=servers)
    return counted(rate * service / servers)


def service_time(busy: float, completions: float) -> float:
    """S = B / C: seconds for one, from busy seconds and completions over one window."""
    not_negative(busy=busy)
    positive(completions=completions)
    return counted(busy / completions)


def demand(visits: float, service: float) -> float:
    """D = V S: seconds of a resource that one request needs in all its visits."""
    not_negative(visits=visits, service=service)
    return counted(visits * service)


def response(clients: float, rate: float, think: float = 0.0) -> float:
    """R = N / X - Z: response time in seconds of `clients` that think `think` seconds between requests."""
    not_negative(clients=clients, think=think)
    positive(rate=rate)
    found = clients / rate - think
    if found < 0:
        raise OutOfRange("clients, rate and think time do not fit each other: they speak of different windows")
    return counted(found)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What no tuning elsewhere gets past. `demands` in seconds by resource, `think` in seconds."""

    demands: Mapping[str, float]
    think: float = 0.0

    def __post_init__(self) -> None:
        not_negative(think=self.think, **self.demands)
        if not any(self.demands.values()):
            raise OutOfRange("bounds need at least one resource with a demand above 0")

    @property
    def bottleneck(self) -> str:
        """The resource with the largest demand; the first by name when several have it."""
        return min(self.demands, key=lambda name: (-self.demands[name], name))

    @property
    def total(self) -> float:
        """D: seconds one request takes when it is alone."""
        return counted(sum(self.demands.values()))

    @property
    def most_per_second(self) -> float:
        """1 / D_max: the rate that the bottleneck allows."""
        return counted(1 / self.demands[self.bottleneck])

    @property
    def knee(self) -> float:
        """N*: clients from which on somebody always waits."""
        return counted((self.total + self.think) / self.demands[self.bottleneck])

    def rate(self, clients: float) -> float:
        """The highest rate per second that so many clients can reach."""
        not_negative(clients=clients)
        return min(self.most_per_second, clients / (self.total + self.think))

    def response(self, clients: float) -> float:
        """The shortest response in seconds that so many clients can see."""
        not_negative(clients=clients)
        return max(self.total, counted(clients * self.demands[self.bottleneck]) - self.think)
