"""Drivers from tables of the business: users and orders of the newest month, and how they grow."""

from collections.abc import Iterator

from reviews.capacity.gather.base import longest, measured
from reviews.capacity.inputs import Input
from telemetry.evidence import EvidenceSet

# Driver, and what it is called in the tables; active users come before all who ever signed up.
DRIVERS = (("users", "active_users"), ("users", "users"), ("orders", "orders"))


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Level, growth and the months that were watched, of each driver the tables speak of."""
    months = sorted(evidence.of("business.month"), key=lambda row: (row.subject, row.file))
    for driver, metric in DRIVERS:
        newest = next((row for row in reversed(months) if metric in row.metrics), None)
        if newest is not None:
            yield from measured(f"driver.{driver}", newest, metric, words=f"measured: {newest.subject}")
        rows = [row for row in evidence.having("business.growth", "growth_per_month") if row.subject == metric]
        growth = longest(rows, "growth_per_month", "months")
        if growth is not None:
            yield from measured(f"driver.{driver}.growth", growth, "growth_per_month")
            yield from measured(f"driver.{driver}.observed_months", growth, "months")
