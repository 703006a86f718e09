"""The nine dimensions of readiness, each a literal list of checks."""

from reviews.capacity.readiness.base import Check, Dimension
from reviews.capacity.readiness.data import DATABASE, MONEY, TENANCY
from reviews.capacity.readiness.safety import OBSERVABILITY, RELEASE, SECURITY
from reviews.capacity.readiness.work import API, INFRASTRUCTURE, WORKERS

__all__ = ["DIMENSIONS", "Check", "Dimension", "all_checks"]

DIMENSIONS: tuple[Dimension, ...] = (
    DATABASE,
    WORKERS,
    API,
    TENANCY,
    MONEY,
    INFRASTRUCTURE,
    SECURITY,
    OBSERVABILITY,
    RELEASE,
)


def all_checks() -> list[Check]:
    """Every check of every dimension."""
    return [check for dimension in DIMENSIONS for check in dimension.checks]
