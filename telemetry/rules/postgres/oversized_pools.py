"""The pools of all processes together may ask for more connections than the server has."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest

RESERVED = 3.0  # superuser_reserved_connections


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """The largest pool of the code times the instances that the compose file starts, against max_connections."""
    pools = [row for row in evidence.having("code.pool", "max_connections") if row.attrs.get("connects") == "database"]
    pool = largest(pools, "max_connections")
    limit = next((row for row in evidence.having("pg.setting", "value") if row.subject == "max_connections"), None)
    if pool is None or limit is None:
        return
    replicas = largest((row for row in evidence.of("repo.service") if not row.attrs.get("image")), "replicas")
    instances = 1.0 if replicas is None else max(1.0, replicas.metrics["replicas"])
    wanted = pool.metrics["max_connections"] * instances
    room = threshold.value * (limit.metrics["value"] - RESERVED)
    if wanted > room:
        yield _hit(pool, replicas, limit, room / instances)
    elif replicas is None:
        yield CannotTell("how many instances of the application run at the peak: each has a pool of its own")


def _hit(pool: Evidence, replicas: Evidence | None, limit: Evidence, share: float) -> Hit:
    """`share` is what one process may hold when each has the same."""
    told = Told()
    said = f"{pool.subject} may hold {told(pool, 'max_connections')} connections in each process"
    if replicas is not None:
        said += f", {told(replicas, 'replicas')} processes run"
    said += f", and the server allows {told(limit, 'value')} in all, with some kept for its own people."
    return Hit(
        subject=Subject("server", "postgres"),
        title="Pools may outgrow the server's connections",
        said=said,
        cites=told.cites,
        limit=share,
        shared=True,
    )


RULE = Rule(
    id="PG084",
    slug="oversized-pools",
    area="postgres",
    mechanism="connection-exhaustion",
    title="Pools may outgrow the server's connections",
    needs=(("code.pool", "max_connections"), ("pg.setting", "value")),
    threshold=Threshold(
        0.8,
        "share",
        "All pools together should leave a fifth for migrations, workers and people.",
        "House limit; HikariCP, About Pool Sizing; PostgreSQL keeps three connections for superusers",
    ),
    degradation=0.6,
    why="Every process is polite on its own, and together they lock each other out on the busiest day, when all pools "
    "fill at once.",
    fix=(
        "Divide what the server allows, less a fifth, by the number of processes: that is the pool of each.",
        "Start from twice the server's processor cores for all of them together.",
        "Put a pooler in transaction mode between, when there are many processes.",
    ),
    first_slice=FirstSlice("Set the pool of each process to its share", 1),
    effort=Effort(0.125, 0.5, 1.5),
    removes=0.8,
    verify="Processes times pool stays under four fifths of max_connections.",
    rollback="Set the old size again.",
    references=(
        "HikariCP, About Pool Sizing https://github.com/brettwooldridge/HikariCP/wiki/About-Pool-Sizing",
        "PostgreSQL, Connections and Authentication "
        "https://www.postgresql.org/docs/current/runtime-config-connection.html",
    ),
    check=check,
)
