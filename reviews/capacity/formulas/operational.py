"""Operational analysis: what counters alone say about a resource, without a queue model.

U = X S / c; U = B / T; S = B / C. Source: Denning and Buzen, ACM Computing Surveys 10 (1978); Menasce, Almeida and
Dowdy, Performance by Design, ch. 3. Assumes flow balance: what came in went out. Its asymptotic bound, X <= 1 / D_max,
is the first breaking point (`reviews.capacity.breaking`): the resource that reaches U = 1 at the smallest multiple.
Demands that grow with the load make it too kind; there `usl` fits. Stolen CPU time is nobody's.
"""

from reviews.capacity.formulas.little import in_flight
from reviews.capacity.formulas.sane import counted, not_negative, positive


def used(load: float, capacity: float) -> float:
    """U = a / c: share of a capacity that a load in the same unit takes (of servers, the load X S in erlang)."""
    positive(capacity=capacity)
    return counted(load / capacity)


def utilisation(rate: float, service: float, servers: float = 1) -> float:
    """U = X S / c: busy share of each of `servers`, at `rate` completions per second of `service` seconds each."""
    return used(in_flight(rate, service), servers)


def busy(spent: float, watched: float) -> float:
    """U = B / T: how many were busy on average, from seconds spent by all within so many seconds watched.

    Of one server it is its busy share. It is Little's N by its own sum, too.
    """
    not_negative(spent=spent)
    positive(watched=watched)
    return counted(spent / watched)


def service_time(spent: float, completions: float) -> float:
    """S = B / C: seconds for one, from busy seconds and completions over one window."""
    not_negative(spent=spent)
    positive(completions=completions)
    return counted(spent / completions)
