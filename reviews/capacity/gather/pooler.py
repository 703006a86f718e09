"""Pools: PgBouncer's own settings and counts, and the pools that the code sets."""

from collections.abc import Iterator

from reviews.capacity.gather.base import derived, measured, most, total
from reviews.capacity.gather.postgres import setting
from reviews.capacity.inputs import Input
from telemetry.evidence import EvidenceSet

SETTINGS = (("pooler.pool_size", "default_pool_size"), ("pooler.max_clients", "max_client_conn"))


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """Settings, clients and servers at the moment of the snapshot, hold time of a transaction, the code's pool."""
    for key, name in SETTINGS:
        row = setting(evidence, name, "pool.setting")
        if row is not None:
            yield from measured(key, row, "value")
    pools = evidence.of("pool.show")
    for key, metrics in (
        ("pooler.clients", ("clients_active", "clients_waiting")),
        ("pooler.servers", ("servers_active",)),
    ):
        known = [row for row in pools if metrics[0] in row.metrics]
        largest = most(known, metrics[0])
        if largest is not None:
            amount = sum(row.metrics.get(name, 0.0) for row in known for name in metrics)
            yield from derived(key, amount, "all pools at one moment", largest, metrics[0])
    yield from total("postgres.pool_waiting", pools, "clients_waiting", "all pools at one moment")
    yield from _code(evidence)


def _code(evidence: EvidenceSet) -> Iterator[Input]:
    """The largest pool of a database that the code sets, of one process."""
    pools = [row for row in evidence.of("code.pool") if row.attrs.get("connects") == "database"]
    largest = most(pools, "max_connections")
    if largest is not None:
        yield from measured("postgres.pool_size", largest, "max_connections", words="measured: set in the code")
