"""Functions that run one request at a time: how many run at once, and what they ask of the database.

concurrency = rate x mean duration; requests per second <= 10 x concurrency; 1,000 more environments every 10 s for each
function; connections = instances x pool of each. Source: AWS Lambda Developer Guide, "Understanding Lambda function
scaling" and "Lambda scaling behavior". Assumes one request for each instance: where instances are shared (Vercel Fluid)
or suspended ones keep connections open, count the real ones in pg_stat_activity instead.
"""

from reviews.capacity.formulas.little import in_flight
from reviews.capacity.formulas.sane import counted, not_negative, positive

REQUESTS_PER_ENVIRONMENT = 10  # a second; AWS, "requests per second quota": ten times the concurrency
ENVIRONMENTS, EVERY_S = 1000, 10.0  # that one function may add, AWS "concurrency scaling rate"


def concurrency(rate: float, duration: float) -> float:
    """Instances that run at once, of `rate` requests per second of `duration` seconds: Little's law."""
    return in_flight(rate, duration)


def most_per_second(environments: float, duration: float) -> float:
    """Requests per second that a concurrency limit allows: by duration, and at most ten for each environment."""
    not_negative(environments=environments)
    positive(duration=duration)
    return counted(environments * min(REQUESTS_PER_ENVIRONMENT, 1 / duration))


def seconds_to_scale(now: float, wanted: float) -> float:
    """The shortest time in which one function grows from `now` to `wanted` environments; 0 when it is there."""
    not_negative(now=now, wanted=wanted)
    return counted(max(0.0, wanted - now) / ENVIRONMENTS * EVERY_S)


def connections(instances: float, pool_each: float) -> float:
    """Database connections that so many instances open with a pool of their own."""
    not_negative(instances=instances, pool_each=pool_each)
    return counted(instances * pool_each)
