"""A resource: what it can carry, what it carries now, and what moves that. All kinds answer in the same shape."""

from dataclasses import dataclass

from reviews.capacity.formulas.operational import used
from reviews.capacity.inputs import Figure
from reviews.risk.matrix import Grade

MEAN, PEAK = "mean", "peak"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that can run out.

    `kind`: connections | pool | cpu | memory | disk | workers | window | concurrency | quota | table | rate | clients.
    `component` is what it belongs to (postgres, redis, queue "emails", functions, host, third party ...).
    Load at a multiple m of today's driver is `fixed + m * variable`, in the unit of `capacity`; `mean` and `peak` hold
    the variable part for steady load and for the busiest minutes (None: nobody knows). `driver` is the key of what
    moves it ("driver.users"). `critical`: a user waits on it. `grows` marks what piles up (rows, bytes on disk): it is
    reached by time, in capacity per day `per_day`, also when the load stands still; its `fixed` is the level now, its
    mean and peak what comes on top within the horizon. `driver` is "" where no load moves it. `hold` are the seconds
    one job holds one of `capacity` servers, where waiting follows Erlang C. `when_full` says what happens at the limit:
    waits | loses data | duplicates data. `remedy` is what helps where no larger number does. `follows` grades that the
    load rises with the driver: assumed where it was seen at one load only and need not, as memory. `tries` is how often
    each job takes a server: the load counts all of them, and load ÷ (hold × tries) are the jobs a second.
    """

    id: str
    title: str
    kind: str
    component: str
    driver: str
    critical: bool
    capacity: Figure
    fixed: float = 0.0
    mean: Figure | None = None
    peak: Figure | None = None
    grows: bool = False
    per_day: Figure | None = None
    note: str = ""
    hold: Figure | None = None
    when_full: str = "waits"
    remedy: str = ""
    follows: Grade = Grade.MEASURED
    tries: float = 1.0

    def load(self, multiple: float, at: str = PEAK) -> float | None:
        """Load in the capacity's unit at a multiple of today's driver; None when this was not measured."""
        variable = self.peak if at == PEAK else self.mean
        return None if variable is None else self.fixed + multiple * variable.value

    def utilisation(self, multiple: float, at: str = PEAK) -> float | None:
        """Load as a share of capacity (utilisation law, U = X S / c); above 1 it cannot be carried."""
        load = self.load(multiple, at)
        return None if load is None or self.capacity.value <= 0 else used(load, self.capacity.value)
