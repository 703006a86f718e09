"""What every test may ask for, and the order of the stages."""

import pytest
from django.core.cache import cache
from django.middleware import csrf
from hypothesis import HealthCheck, settings

# Random tokens stand in every page with a form. Of these letters none spells a word or a number that a test looks for.
csrf.CSRF_ALLOWED_CHARS = "Zz"

pytest_plugins = ["tests.services", "tests.chromium"]

# The same examples in every run, so that what fails fails again, and no complaint when a busy machine is slow to make
# them. Others: ./test --hypothesis-profile=default
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")

STAGES = ("unit", "database", "worker", "browser")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "services"}


def stage(item: pytest.Item) -> str:
    """The stage of a test: the slowest thing that it needs."""
    if item.get_closest_marker("browser"):
        return "browser"
    if item.get_closest_marker("worker"):
        return "worker"
    needs_database = item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
    return "database" if needs_database else "unit"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast stages first: a slip shows before the browser starts."""
    items.sort(key=lambda item: STAGES.index(stage(item)))


def pytest_report_collectionfinish(items: list[pytest.Item]) -> str:
    """How many tests there are of each stage."""
    stages = [stage(item) for item in items]
    return "stages: " + ", ".join(f"{stages.count(name)} {name}" for name in STAGES)


@pytest.fixture(autouse=True)
def nobody_is_rate_limited() -> None:
    """Sign-ins are counted in the cache; a test must not be refused for what the tests before it did."""
    cache.clear()
