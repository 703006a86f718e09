"""Inputs and price sheets for the tests of the cost."""

from reviews.capacity.catalogue import title_of, unit_of
from reviews.capacity.inputs import Input, Inputs, Source
from reviews.intake_capacity import Price, Range
from reviews.risk.matrix import Grade


def one(key: str, value: Range, grade: Grade = Grade.STATED) -> Input:
    low, high = value if isinstance(value, tuple) else (value, value)
    return Input(key, title_of(key), (low + high) / 2, unit_of(key), grade, Source("a test"), low, high)


def inputs(numbers: dict[str, Range], grade: Grade = Grade.STATED) -> Inputs:
    return Inputs(one(key, value, grade) for key, value in numbers.items())


# The first seed's table of cost by phase, and the components of the second's.
GROWTH = {
    "today": (1_000, {"Compute": 200, "Database": 100, "AI": 500, "Vector DB": 100}),
    "Phase 2": (10_000, {"Compute": 800, "Database": 500, "AI": 3_000, "Vector DB": 500}),
    "Phase 3": (50_000, {"Compute": 3_000, "Database": 2_000, "AI": 10_000, "Vector DB": 2_000}),
    "Phase 4": (100_000, {"Compute": 8_000, "Database": 5_000, "AI": 15_000, "Vector DB": 4_000}),
}
GROWTH_SHEET = tuple(
    Price(component, float(monthly), phase, float(users))
    for phase, (users, costs) in GROWTH.items()
    for component, monthly in costs.items()
)
BACKEND_SHEET = (
    Price("App servers", 50.0, count=1, carries=1_000.0, unit="1/s"),
    Price("Database", 100.0),
    Price("App servers", 250.0, "scaled", count=5, carries=1_000.0, unit="1/s", meant_for=10_000),
    Price("Database", 400.0, "scaled"),
    Price("Redis", 50.0, "scaled"),
    Price("Message queue", 30.0, "scaled"),
    Price("S3 + CDN", 100.0, "scaled"),
    Price("Load balancer", 20.0, "scaled"),
)
