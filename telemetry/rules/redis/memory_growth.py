"""Memory nears a limit beyond which writes are refused or durable keys are dropped."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.managed import KIND, SERVICE, as_managed, named
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.redis_use import evicts, latest_servers, policy, queue_names, queue_witness, redis_subject

NEARLY_FULL = 0.9  # awesome-prometheus-alerts, RedisOutOfConfiguredMaxmemory


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A server that may evict is full by design; what that costs beside a queue has a rule of its own."""
    for row in latest_servers(evidence):
        share = row.metrics.get("memory_share", 0.0) if "used_memory" in row.metrics else 0.0
        witness = queue_witness(evidence, row)
        if share <= threshold.value or evicts(row) or (row.metrics.get("evicted_keys") and not policy(row)):
            continue
        if row.attrs.get("from") and not policy(row):
            yield CannotTell("CONFIG GET maxmemory-policy: an exporter does not say whether a full Redis makes room")
            continue
        told = Told()
        said = (
            f"Redis memory is at {told(row, 'memory_share')} (limit {shown(threshold.value, 'share')}), "
            f"{told(row, 'used_memory')} of {told(row, 'maxmemory')}; when it is full it refuses writes."
        )
        told.also(row, "peak_memory", "no_expiry_share")
        yield Hit(
            subject=redis_subject(evidence, row),
            title="Redis memory nears its limit",
            said=said,
            cites=told.cites,
            limit=threshold.value,
            utilisation=min(1.0, share),
            breach=share >= 1,
            queues=queue_names(evidence) if witness else (),
            shared=True,
            snippet="" if policy(row) else "# redis.conf\nmaxmemory-policy noeviction",
        )
    yield from _managed(evidence, threshold)


def _managed(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A managed Redis hides its policy: full is a fault where it refuses writes, or where a queue lives in it."""
    rows = worst_each(evidence.of(SERVICE), "memory_share")
    evictions = [row.metrics["highest"] for row in evidence.having(KIND, "highest") if named("Evictions")(row)]
    evictions += [row.metrics["evicted_keys"] for row in evidence.having(SERVICE, "evicted_keys")]
    counted, evicting = bool(evictions), any(count > 0 for count in evictions)
    settings = evidence.of("redis.config")
    known = policy(settings[0]) if len(settings) == 1 else ""
    queues = queue_names(evidence)
    for row in rows:
        if row.metrics["memory_share"] <= threshold.value:
            continue
        if queues or known == "noeviction":
            yield _nears(row, known, queues, threshold.value)
        elif not evicting and not known and counted and row.metrics["memory_share"] > NEARLY_FULL:
            yield _fills(row, threshold.value)
        elif not evicting and not known:
            yield CannotTell("CONFIG GET maxmemory-policy: CloudWatch does not say whether a full Redis makes room")


def _fills(row: Evidence, limit: float) -> Hit:
    """Nearly full, and nothing was dropped to make room so far: which of the two comes next the policy says."""
    told = Told()
    said = f"The memory of {row.subject} is at {told(row, 'memory_share')} (limit {shown(limit, 'share')}) and nothing "
    told.also(row, "points", "window_s", "evicted_keys")
    return Hit(
        subject=as_managed(row),
        title="Redis memory nears its limit",
        said=said + "was evicted so far; when it is full it drops keys or refuses writes, as its policy says.",
        cites=told.cites,
        limit=limit,
        utilisation=min(1.0, row.metrics["memory_share"]),
        degradation=0.3,
    )


def _nears(row: Evidence, known: str, queues: tuple[str, ...], limit: float) -> Hit:
    told = Told()
    said = f"The memory of {row.subject} is at {told(row, 'memory_share')} (limit {shown(limit, 'share')}); when it is "
    said += "full it refuses writes." if known == "noeviction" else "full it refuses writes or drops jobs of a queue."
    told.also(row, "points", "window_s")
    return Hit(
        subject=as_managed(row),
        title="Redis memory nears its limit",
        said=said,
        cites=told.cites,
        limit=limit,
        utilisation=min(1.0, row.metrics["memory_share"]),
        queues=queues,
        shared=True,
    )


RULE = Rule(
    id="RD004",
    slug="memory-growth",
    area="redis",
    mechanism="memory-growth",
    title="Redis memory nears its limit",
    needs=(),
    needs_any=(("redis.server", "memory_share"), (SERVICE, "memory_share")),
    threshold=Threshold(
        0.8,
        "share",
        "Above 80 % a burst of writes or a fork can reach the limit before anyone reacts.",
        "awesome-prometheus-alerts, RedisOutOfConfiguredMaxmemory (90 %), one step earlier",
    ),
    degradation=0.6,
    why="Redis is almost full. At its limit it refuses to store anything new, and every feature that writes to it "
    "stops working at once.",
    fix=(
        "Take INFO memory twice a day apart, to know the date on which it is full.",
        "Set a time to live on what may expire, and limits on what queues keep.",
        "Raise maxmemory, leaving a third of the machine's memory for forks and buffers.",
        "Alert at 80 %.",
    ),
    first_slice=FirstSlice("Expire or trim the largest prefix", 4),
    effort=Effort(0.5, 1, 2),
    removes=0.8,
    verify="used_memory stays below 70 % of maxmemory over a business peak.",
    rollback="Set maxmemory back with CONFIG SET.",
    references=(
        "Redis, Memory optimization https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/",
    ),
    check=check,
)
