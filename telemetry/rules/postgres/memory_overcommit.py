"""What all sessions together may take is more than the machine has."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import machine_memory, setting
from telemetry.rules.numbers import Told, shown


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One sort in each of max_connections sessions, beside shared_buffers, against the machine's memory."""
    work, most, shared = (setting(evidence, name) for name in ("work_mem", "max_connections", "shared_buffers"))
    if work is None or most is None or shared is None or "bytes" not in work.metrics or "value" not in most.metrics:
        yield CannotTell("pg_settings with work_mem, max_connections and shared_buffers")
        return
    memory = machine_memory(evidence)
    if memory is None:
        yield CannotTell("the memory of the database's machine (free -b, sar -r), and of no other")
        return
    left = threshold.value * memory.metrics["total_bytes"] - shared.metrics.get("bytes", 0.0)
    limit = left / max(most.metrics["value"], 1.0)
    if left <= 0 or work.metrics["bytes"] <= limit:
        return
    told = Told()
    said = (
        f"work_mem is {told(work, 'bytes')} and {told(most, 'value')} connections may each take it at once; beside "
        f"shared_buffers of {told(shared, 'bytes')} a machine with {told(memory, 'total_bytes')} has "
        f"{shown(limit, 'bytes')} "
        "for each."
    )
    yield Hit(
        subject=Subject("setting", "work_mem"),
        title="Sessions may take more memory than exists",
        said=said,
        cites=told.cites,
        limit=limit,
        shared=True,
        snippet="ALTER SYSTEM SET work_mem = '4MB';\nSELECT pg_reload_conf();\n"
        "-- and for the role that reports\nALTER ROLE CURRENT_USER SET work_mem = '64MB';",
    )


RULE = Rule(
    id="PG041",
    slug="memory-overcommit",
    area="postgres",
    mechanism="misconfiguration",
    title="Sessions may exhaust the machine's memory",
    needs=(("pg.setting", "bytes"),),
    threshold=Threshold(
        0.9,
        "share",
        "shared_buffers and one work_mem for each allowed connection should fit into 90 % of the memory; a plan may "
        "take "
        "several.",
        "postgres-checkup G001, OOM_PERCENT 90",
    ),
    degradation=0.6,
    why="On a busy day every session sorts at once and the machine runs out of memory. Linux then kills the database, "
    "and all customers are thrown out.",
    fix=(
        "Lower work_mem for the server, and raise it only for roles or single transactions that need it.",
        "Lower max_connections and put a transaction pooler in front.",
        "Watch the memory that is available at the peak.",
    ),
    first_slice=FirstSlice("Lower work_mem and give it to the reporting role only", 2),
    effort=Effort(0.1, 0.5, 1),
    removes=0.8,
    verify="shared_buffers + max_connections x work_mem is under 90 % of the memory.",
    rollback="ALTER SYSTEM RESET work_mem and reload.",
    references=("PostgreSQL, work_mem https://www.postgresql.org/docs/current/runtime-config-resource.html",),
    check=check,
)
