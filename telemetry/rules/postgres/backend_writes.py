"""Sessions write dirty blocks themselves because the background writer stops too early."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown

VOLUME_BLOCKS = 131_072  # 1 GB
STOPPED = 100
_WAYS = ("buffers_checkpoint", "buffers_clean", "buffers_backend")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Sessions also write what they add to a table: it is a fault only beside a writer that gave up."""
    rows = evidence.of("pg.checkpoints.change") or evidence.of("pg.checkpoints")
    row = largest(rows, "buffers_backend")
    if row is None or any(way not in row.metrics for way in _WAYS):
        return
    total = sum(row.metrics[way] for way in _WAYS)
    limit = threshold.value * total
    gave_up = row.metrics.get("maxwritten_clean", 0.0) > STOPPED
    if total > VOLUME_BLOCKS and row.metrics["buffers_backend"] > limit and gave_up:
        yield _hit(row, limit)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"Sessions wrote {told(row, 'buffers_backend')} blocks themselves (limit {shown(limit, 'blocks')}), while the "
        f"background writer wrote {told(row, 'buffers_clean')} and stopped early {told(row, 'maxwritten_clean')} times."
    )
    told.also(row, "buffers_checkpoint", "buffers_backend_fsync")
    return Hit(
        subject=Subject("setting", "bgwriter_lru_maxpages"),
        title="Sessions write blocks themselves",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
        snippet="ALTER SYSTEM SET bgwriter_lru_maxpages = 1000;\nALTER SYSTEM SET bgwriter_delay = '50ms';\n"
        "SELECT pg_reload_conf();",
    )


RULE = Rule(
    id="PG048",
    slug="backend-writes",
    area="postgres",
    mechanism="misconfiguration",
    title="Sessions write the server's blocks themselves",
    needs=(),
    needs_any=(("pg.checkpoints", "buffers_backend"), ("pg.checkpoints.change", "buffers_backend")),
    threshold=Threshold(
        0.5,
        "share",
        "Background writer and checkpoints should write most blocks; over half by sessions, with a writer that stopped "
        "at its limit more than a hundred times, is a writer set too low.",
        "PostgreSQL documentation, bgwriter_lru_maxpages and maxwritten_clean; PostgreSQL High Performance, chapter 11",
    ),
    degradation=0.1,
    why="Requests have to clean up memory before they can work, because the process meant for it is held back by a "
    "small limit. Under load each of them gets slower.",
    fix=(
        "Raise bgwriter_lru_maxpages to 1000 and lower bgwriter_delay to 50 ms; a reload is enough.",
        "Compare shared_buffers with the working set.",
        "Look at the same counters after a day.",
    ),
    first_slice=FirstSlice("Raise the background writer's limit and reload", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.7,
    verify="Between two snapshots maxwritten_clean stands still and sessions write less than half of the blocks.",
    rollback="ALTER SYSTEM RESET of both, and reload.",
    references=("PostgreSQL, Background Writer https://www.postgresql.org/docs/current/runtime-config-resource.html",),
    check=check,
)
