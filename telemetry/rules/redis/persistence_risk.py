"""Durable keys live in a Redis that would lose them in a restart."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.redis_use import evicts, latest_servers, queue_names, queue_witness, redis_subject


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """A failed save of anything that is no cache, or a queue without the append-only file."""
    for row in latest_servers(evidence):
        witness = queue_witness(evidence, row)
        if row.metrics.get("save_failures", 0.0) > 0 and (witness or not evicts(row)):
            yield _failed(evidence, row)
        elif witness is not None and row.metrics.get("aof_enabled", 1.0) <= threshold.value:
            yield _volatile(evidence, row, witness)
    if not evidence.of("redis.server"):
        yield from _by_configuration(evidence)


def _by_configuration(evidence: EvidenceSet) -> Iterator[Hit]:
    """CONFIG GET without an INFO: neither snapshots nor the append-only file, and a queue that lives in a Redis."""
    rows, queues = list(evidence.having("redis.config", "maxmemory")), queue_names(evidence)
    if len(rows) == 1 and rows[0].attrs.get("persistence") is False and queues:
        told = Told()
        told.also(rows[0], "maxmemory")
        yield Hit(
            subject=Subject("server", "redis"),
            title="A restart would lose queued jobs",
            said="This Redis saves nothing to disk, and jobs of a queue live in a Redis.",
            cites=told.cites,
            limit=0,
            queues=queues,
            shared=True,
            snippet="# redis.conf\nappendonly yes\nappendfsync everysec",
        )


def _failed(evidence: EvidenceSet, row: Evidence) -> Hit:
    told = Told()
    told.also(row, "save_failures")
    said = "The last save of Redis to disk failed"
    if "changes_since_save" in row.metrics:
        said += f", and {told(row, 'changes_since_save')} changes exist in memory only"
    return Hit(
        subject=redis_subject(evidence, row),
        title="Redis fails to save",
        said=said + ".",
        cites=told.cites,
        limit=0,
        breach=True,
        queues=queue_names(evidence),
        shared=True,
    )


def _volatile(evidence: EvidenceSet, row: Evidence, witness: tuple[Evidence, str]) -> Hit:
    told = Told()
    told.also(row, "aof_enabled")
    said = "A queue lives in a Redis without an append-only file"
    if "changes_since_save" in row.metrics:
        said += f"; a restart now would lose {told(row, 'changes_since_save')} changes since the last snapshot"
    told.also(row, "last_save_age_s")
    told.also(*witness)
    return Hit(
        subject=redis_subject(evidence, row),
        title="A restart would lose queued jobs",
        said=said + ".",
        cites=told.cites,
        limit=1,
        queues=queue_names(evidence),
        shared=True,
        snippet="# redis.conf\nappendonly yes\nappendfsync everysec",
    )


RULE = Rule(
    id="RD008",
    slug="persistence-risk",
    area="redis",
    mechanism="persistence-risk",
    title="A restart would lose durable keys",
    needs=(),
    needs_any=(("redis.server", "aof_enabled"), ("redis.server", "save_failures"), ("redis.config", "maxmemory")),
    threshold=Threshold(
        0,
        "1",
        "Jobs exist nowhere else; with the append-only file at most a second of them is lost, with snapshots minutes.",
        "BullMQ, Going to production (persistence)",
    ),
    degradation=1.0,
    why="Jobs that were accepted but not yet done exist only in memory. A restart of Redis forgets them: mails unsent, "
    "orders unprocessed, and nobody is told.",
    fix=(
        "Turn on the append-only file (CONFIG SET appendonly yes works without a restart), then in the file.",
        "Keep snapshots for backups, and copy them off the machine daily.",
        "Restart a copy with the files, to see that jobs are there.",
    ),
    first_slice=FirstSlice("Turn on the append-only file and test a restart on a copy", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.9,
    verify="INFO persistence shows aof_enabled:1 and aof_last_write_status:ok.",
    rollback="CONFIG SET appendonly no.",
    references=(
        "Redis, Persistence https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/",
        "BullMQ, Going to production https://docs.bullmq.io/guide/going-to-production",
    ),
    check=check,
)
