"""The event loop behind the simulation: Ciw's, with arrivals that come back and queues that stay quick when long.

Ciw draws from the process-wide random numbers where two things happen at one moment; here the first in order happens,
so that a seed gives one result and nothing outside is touched. Two searches are narrowed to the head of each queue,
where first-come-first-served finds its next and, with one patience for all, whoever leaves next: Ciw walks the whole
queue at every event, which a herd of ten thousand would wait minutes for.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from random import Random
from typing import Any

import ciw

from reviews.capacity.arrivals import Hold
from reviews.capacity.formulas.sane import OutOfRange
from reviews.capacity.simulation import too_many

DOUBLINGS = 10  # of a pause between attempts: clients cap it


@dataclass(slots=True)
class Tally:
    """What happened to attempts that began after the warm-up, by priority where it says so."""

    calls: int = 0
    attempts: int = 0
    refused: int = 0
    timed_out: int = 0
    lost: int = 0
    waits: dict[int, list[float]] = field(default_factory=dict)
    ended: float = 0.0


@dataclass(frozen=True, slots=True)
class Rules:
    """How attempts fare: see `simulation.Station`; `mark` and `most` as in `simulation.simulate`."""

    hold: Hold
    room: float
    failing: float
    retries: int
    backoff: float
    warm_up: float
    mark: float
    most: int


class Attempts(ciw.ArrivalNode):
    """The door: arrivals as drawn beforehand, and those who come back after a failure."""

    def initialise(self) -> None:
        self.rules, self.rng, self.tally = self.simulation.rules, self.simulation.rng, Tally()
        self.order = count()
        self.coming = [(at, next(self.order), name, 0, at) for at, name in self.simulation.arrivals]
        heapq.heapify(self.coming)
        self.find_next_event_date()

    def find_next_event_date(self) -> None:
        self.next_event_date = self.coming[0][0] if self.coming else float("inf")

    def have_event(self) -> None:
        at, _, name, tried, began = heapq.heappop(self.coming)
        self.number_of_individuals += 1
        if self.number_of_individuals > self.rules.most:
            raise OutOfRange(too_many(self.rules.most))
        attempt = self.simulation.IndividualType(
            self.number_of_individuals,
            name,
            self.simulation.network.priority_class_mapping[name],
            simulation=self.simulation,
        )
        attempt.tried, attempt.began = tried, began
        attempt.counts = at >= self.rules.warm_up and began < self.rules.mark
        self.tally.attempts += attempt.counts
        self.tally.calls += attempt.counts and not tried
        station = self.simulation.transitive_nodes[0]
        if station.number_of_individuals >= station.c + self.rules.room:
            self.tally.refused += attempt.counts
            self.failed(attempt)
            self.simulation.nodes[-1].accept(attempt, completed=False)
        else:
            self.next_class = name
            self.send_individual(station, attempt)
        self.find_next_event_date()

    def left(self, attempt: Any) -> None:
        """The moment is kept as the last at which an attempt of a call from before the mark left."""
        if attempt.began < self.rules.mark:
            self.tally.ended = self.simulation.current_time

    def failed(self, attempt: Any) -> None:
        """Back after the backoff, doubled each time and spread at random, or lost when it tried often enough."""
        if attempt.tried >= self.rules.retries:
            self.tally.lost += attempt.counts
            return
        pause = self.rules.backoff * 2 ** min(attempt.tried, DOUBLINGS) * (0.5 + self.rng.random())
        at, name, tried = self.simulation.current_time + pause, attempt.customer_class, attempt.tried + 1
        heapq.heappush(self.coming, (at, next(self.order), name, tried, attempt.began))
        self.find_next_event_date()


class Slots(ciw.Node):
    """The servers and the queues before them, one for each priority, first come first served."""

    def choose_next_customer(self) -> Any:
        return next(self._heads(), None)

    def update_next_renege_time(self) -> None:
        heads = [head for head in self._heads() if head.reneging_date < float("inf")] if self.reneging else []
        if heads:
            first = min(heads, key=lambda head: head.reneging_date)
            self.possible_next_events["renege"] = ([first], first.reneging_date)

    def decide_between_simultaneous_individuals(self) -> Any:
        return self.next_individual[0]

    def write_individual_record(self, individual: Any) -> None:
        door = self.simulation.nodes[0]
        if individual.counts:
            waited = individual.service_start_date - individual.arrival_date
            door.tally.waits.setdefault(individual.priority_class, []).append(waited)
        door.left(individual)
        if door.rules.failing and door.rng.random() < door.rules.failing:
            door.failed(individual)

    def write_reneging_record(self, individual: Any) -> None:
        door = self.simulation.nodes[0]
        door.tally.timed_out += individual.counts
        door.left(individual)
        door.failed(individual)

    def _heads(self) -> Iterator[Any]:
        """Who has waited longest in each queue, highest priority first."""
        for queue in self.individuals:
            yield from islice((one for one in queue if not one.server), 1)


class Run(ciw.Simulation):
    """One run: everything that arrives, until `seconds` and then until the last has left."""

    def __init__(self, network: Any, rules: Rules, rng: Random, arrivals: Iterable[tuple[float, str]]) -> None:
        self.rules, self.rng, self.arrivals = rules, rng, list(arrivals)
        super().__init__(network, node_class=Slots, arrival_node_class=Attempts)

    def find_next_active_node(self) -> Any:
        """Who leaves makes room before who comes at the same moment."""
        return min(reversed(self.active_nodes), key=lambda node: node.next_event_date)

    def until(self, end: float) -> None:
        """All events before `end`."""
        node = self.find_next_active_node()
        while node.next_event_date < end:
            self.current_time = node.next_event_date
            node = self.event_and_return_nextnode(node)

    @property
    def tally(self) -> Tally:
        """What happened so far."""
        return self.nodes[0].tally  # type: ignore[no-any-return]

    @property
    def waiting(self) -> int:
        """How many wait for a slot now."""
        return int(self.transitive_nodes[0].number_of_individuals - self.transitive_nodes[0].number_in_service)


class Draws(ciw.dists.Distribution):
    """Hold times from the run's own random numbers."""

    def __init__(self, hold: Hold, rng: Random) -> None:
        self.hold, self.rng = hold, rng

    def __deepcopy__(self, memo: object) -> "Draws":
        """Itself: a copy would draw the numbers of the original again."""
        return self

    def sample(self, t: float | None = None, ind: Any = None) -> float:
        return self.hold.draw(self.rng)


def network_of(servers: int, patience: float | None, hold: Hold, rng: Random, priorities: int) -> Any:
    """A Ciw network of one station; its class names are the priorities as text, "0" first."""
    names = [str(rank) for rank in range(priorities)]
    leaves = None if patience is None else {name: [ciw.dists.Deterministic(patience)] for name in names}
    return ciw.create_network(
        arrival_distributions={name: [None] for name in names},
        service_distributions={name: [Draws(hold, rng)] for name in names},
        routing={name: [[0.0]] for name in names},
        number_of_servers=[servers],
        priority_classes={name: rank for rank, name in enumerate(names)},
        **({} if leaves is None else {"reneging_time_distributions": leaves}),
    )
