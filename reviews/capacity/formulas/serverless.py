"""Functions that run one request at a time: how many run at once.

concurrency = rate x mean duration. Source: AWS Lambda Developer Guide, "Understanding Lambda function scaling". Assumes
one request for each instance: where instances are shared (Vercel Fluid) or suspended ones keep connections open, count
the real ones in pg_stat_activity instead.
"""

from reviews.capacity.formulas.little import in_flight


def concurrency(rate: float, duration: float) -> float:
    """Instances that run at once, of `rate` requests per second of `duration` seconds: Little's law."""
    return in_flight(rate, duration)
