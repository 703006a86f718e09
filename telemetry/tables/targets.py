"""Everything that a table can be. The list is literal; the mapping page offers it in this order."""

from telemetry.tables.base import Target
from telemetry.tables.business import MONTHS, SIZES, TENANTS
from telemetry.tables.costs import INVOICE, PRICES
from telemetry.tables.operations import INCIDENTS, QUEUES
from telemetry.tables.traffic import ROUTES, SERIES

TARGETS: list[Target] = [INVOICE, PRICES, INCIDENTS, QUEUES, ROUTES, SERIES, SIZES, TENANTS, MONTHS]


def target_of(name: str) -> Target | None:
    """The target with this id."""
    return next((target for target in TARGETS if target.id == name), None)
