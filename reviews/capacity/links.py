"""Which parts of a system talk to each other, as far as exports, code or intake say so: the lines of the map.

Ends are components as resources name them ("postgres", "queue emails"), and "application" for what answers requests,
whatever it runs on.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from reviews.capacity.systems import IN_REDIS
from reviews.intake import Flow, Intake
from telemetry.evidence import EvidenceSet

Link = tuple[str, str]

APPLICATION, POSTGRES, REDIS, POOLER = "application", "postgres", "redis", "pooler"
STORES = {"database": POSTGRES, "redis": REDIS}
# Keys of the intake that only an application with a pool of its own has.
POOLS = ("postgres.pool_size", "postgres.instances")
OTHER_DATABASES = ("MONGO", "MYSQL")


def links_of(evidence: EvidenceSet, intake: Intake) -> list[list[str]]:
    """Pairs of components, each pair once, in alphabetical order."""
    found = chain(_clients(evidence), _pools(evidence, intake), _queues(evidence), _hosts(evidence))
    return [list(link) for link in sorted({*found, *_flows(intake.flows)})]


def _clients(evidence: EvidenceSet) -> Iterator[Link]:
    """A pool or client that the code opens, a connection string that it expects, a statement that a request ran."""
    for row in evidence.of("code.pool"):
        if store := STORES.get(str(row.attrs.get("connects"))):
            yield APPLICATION, store
    for row in evidence.of("repo.setting"):
        store = STORES.get(str(row.attrs.get("purpose")))
        if store and not any(name in row.subject.upper() for name in OTHER_DATABASES):
            yield APPLICATION, store
    if any(row.attrs.get("query") and row.attrs.get("routes") for row in evidence.of("trace.query")):
        yield APPLICATION, POSTGRES


def _pools(evidence: EvidenceSet, intake: Intake) -> Iterator[Link]:
    if any(key in intake.capacity.numbers for key in POOLS):
        yield APPLICATION, POSTGRES
    if evidence.of("pool.show"):
        yield APPLICATION, POOLER
        yield POOLER, POSTGRES


def _queues(evidence: EvidenceSet) -> Iterator[Link]:
    """Queues that live in Redis; who puts jobs in, and which tables their work touches, as the code says."""
    for row in evidence.of("queue.counts"):
        if row.attrs.get("system") in IN_REDIS:
            yield f"queue {row.subject}", REDIS
    for row in evidence.of("code.use"):
        if row.attrs.get("run_as") != "job":
            yield from ((APPLICATION, f"queue {name}") for name in row.attrs.get("queues") or ())
        elif row.attrs.get("tables") and ":" not in row.subject:  # else it is named after its function
            yield f"queue {row.subject}", POSTGRES


def _hosts(evidence: EvidenceSet) -> Iterator[Link]:
    for row in evidence.of("trace.external"):
        if row.attrs.get("routes"):
            yield APPLICATION, f"third party {row.subject}"


def _flows(flows: Sequence[Flow]) -> Iterator[Link]:
    """What the intake says a flow runs through: requests come first, tables and queues behind them."""
    for flow in flows:
        if flow.routes and flow.tables:
            yield APPLICATION, POSTGRES
        if flow.routes:
            yield from ((APPLICATION, f"queue {name}") for name in flow.queues)
