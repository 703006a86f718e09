"""Redis may take all memory of its machine."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown

WORTH_BYTES = 100 * 1024 * 1024
MANAGED = frozenset({"elasticache", "memorydb", "upstash"})  # these set a limit that INFO may not show


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Only where there is something to lose: a server that holds 100 MB or more, on a machine of one's own."""
    unlimited = [row for row in evidence.having("redis.server", "maxmemory") if row.metrics["maxmemory"] == 0]
    unlimited += [row for row in evidence.having("redis.config", "maxmemory") if row.metrics["maxmemory"] == 0]
    used = [row for row in evidence.having("redis.server", "used_memory") if row.attrs.get("server") not in MANAGED]
    large = [row for row in used if row.metrics["used_memory"] > threshold.value]
    for server in large:
        own = next((row for row in unlimited if row.file == server.file or row.kind == "redis.config"), None)
        if own is None or (own is not server and len(used) > 1):
            continue
        yield _hit(server, own, threshold.value)
        return


def _hit(server: Evidence, own: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"Redis holds {told(server, 'used_memory')} (limit {shown(limit, 'bytes')} without one) and maxmemory is "
        "not set: it grows until the machine ends it."
    )
    told.also(own, "maxmemory")
    told.also(server, "peak_memory")
    return Hit(
        subject=Subject("server", "redis"),
        title="Redis has no memory limit",
        said=said,
        cites=told.cites,
        limit=limit,
        shared=True,
        snippet="# redis.conf: about two thirds of the machine's memory\nmaxmemory 4gb",
    )


RULE = Rule(
    id="RD030",
    slug="no-memory-limit",
    area="redis",
    mechanism="memory-growth",
    title="Redis has no memory limit",
    needs=(("redis.server", "used_memory"),),
    needs_any=(("redis.server", "maxmemory"), ("redis.config", "maxmemory")),
    threshold=Threshold(
        WORTH_BYTES,
        "bytes",
        "Below 100 MB a server is small beside any machine; above it a limit decides who is refused, not the kernel.",
        "Redis, Administration (set maxmemory, leave room for forks)",
    ),
    degradation=0.6,
    why="Nothing tells Redis where to stop. When the machine's memory is used up, the system ends it, and the "
    "database or the application beside it.",
    fix=(
        "Set maxmemory to about two thirds of the machine's memory, less what else runs there.",
        "Choose the policy: noeviction for queues and sessions, allkeys-lru for a cache.",
        "Alert at 80 % of it.",
    ),
    first_slice=FirstSlice("Set maxmemory and the policy, and write both to the file", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.8,
    verify="CONFIG GET maxmemory shows the limit after a restart, too.",
    rollback="CONFIG SET maxmemory 0.",
    references=(
        "Redis, Administration https://redis.io/docs/latest/operate/oss_and_stack/management/admin/",
        "Redis, Key eviction https://redis.io/docs/latest/develop/reference/eviction/",
    ),
    check=check,
)
