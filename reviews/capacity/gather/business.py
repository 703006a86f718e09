"""Drivers from tables of the business: users and orders of the newest month, and how they grow, with an interval."""

from collections.abc import Iterator

from reviews.capacity.catalogue import title_of, unit_of
from reviews.capacity.formulas.growth import growth_a_month
from reviews.capacity.formulas.sane import OutOfRange, TooLittle
from reviews.capacity.gather.base import longest, measured, source_of
from reviews.capacity.inputs import Input
from reviews.risk.matrix import Grade
from telemetry.evidence import Evidence, EvidenceSet

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
            yield _growth(f"driver.{driver}.growth", growth, [row for row in months if row.file == growth.file], metric)
            yield from measured(f"driver.{driver}.observed_months", growth, "months")


def _growth(key: str, row: Evidence, months: list[Evidence], metric: str) -> Input:
    """From all months, so that one odd one does not bend it; where that cannot be, from the first to the last."""
    values = [(_number(month.subject), month.metrics[metric]) for month in months if metric in month.metrics]
    try:
        found = growth_a_month(values)
    except (OutOfRange, TooLittle):
        source = source_of(row, "growth_per_month")
        return Input(key, title_of(key), row.metrics["growth_per_month"], unit_of(key), Grade.MEASURED, source)
    source = source_of(row, "growth_per_month", f"{len(values)} months: median growth of all pairs, 95 % interval")
    return Input(key, title_of(key), found.value, unit_of(key), Grade.DERIVED, source, found.low, found.high)


def _number(month: str) -> float:
    """Months since year 0 of "2026-03"."""
    year, _, number = month.partition("-")
    return float(int(year) * 12 + int(number))
