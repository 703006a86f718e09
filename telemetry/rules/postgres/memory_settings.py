"""The database was never told how much memory its machine has."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import data_bytes, is_used, machine_memory, setting
from telemetry.rules.numbers import Told, shown

ENOUGH_MEMORY = 2 * 1024**3
CACHE_SHARE = 0.25  # PGTune sets effective_cache_size to three quarters; a third of that is far off
DATA_SHARE = 0.05
_DEFAULT_BUFFERS = 128 * 1024**2


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """By the machine's memory; where that is unknown the default is judged by the size of the data."""
    shared, cache = setting(evidence, "shared_buffers"), setting(evidence, "effective_cache_size")
    if shared is None or "bytes" not in shared.metrics or not is_used(evidence):
        return
    memory, data = machine_memory(evidence), data_bytes(evidence)
    total = memory.metrics["total_bytes"] if memory is not None else 0.0
    if memory is not None and total >= ENOUGH_MEMORY:
        if shared.metrics["bytes"] < threshold.value * total:
            yield _of_machine(shared, memory, threshold.value * total)
        if cache is not None and cache.metrics.get("bytes", total) < CACHE_SHARE * total:
            yield _of_machine(cache, memory, CACHE_SHARE * total)
    elif memory is None and shared.metrics["bytes"] <= _DEFAULT_BUFFERS:
        if data is None:
            yield CannotTell("the memory of the database's machine, or the sizes of the tables")
        elif shared.metrics["bytes"] < DATA_SHARE * data.metrics["total_bytes"]:
            yield _of_data(shared, data, DATA_SHARE * data.metrics["total_bytes"])


def _of_machine(row: Evidence, memory: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} is {told(row, 'bytes')} on a machine with {told(memory, 'total_bytes')} (limit at least "
        f"{shown(limit, 'bytes')})."
    )
    return _hit(row, told, said, limit)


def _of_data(row: Evidence, data: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} is {told(row, 'bytes')}, as PostgreSQL comes, while {data.subject} alone has "
        f"{told(data, 'total_bytes')} (limit at least {shown(limit, 'bytes')})."
    )
    return _hit(row, told, said, limit)


def _hit(row: Evidence, told: Told, said: str, limit: float) -> Hit:
    size = "2GB" if row.subject == "shared_buffers" else "6GB"
    return Hit(
        subject=Subject("setting", row.subject),
        title=f"{row.subject} is far below the machine",
        said=said,
        cites=told.cites,
        limit=limit,
        shared=True,
        snippet=f"-- a quarter of the memory for shared_buffers (restart), three quarters for effective_cache_size\n"
        f"ALTER SYSTEM SET {row.subject} = '{size}';",
    )


RULE = Rule(
    id="PG043",
    slug="memory-settings",
    area="postgres",
    mechanism="misconfiguration",
    title="Memory settings ignore the machine",
    needs=(("pg.setting", "bytes"),),
    threshold=Threshold(
        0.10,
        "share",
        "A quarter of the memory is the usual start for shared_buffers; less than a tenth was never set. Without the "
        "machine: the default of 128 MB while one table is twenty times that.",
        "PGTune (a quarter); pganalyze, shared_buffers (20 to 25 %); postgres-checkup G001",
    ),
    degradation=0.1,
    why="The machine's memory is paid for and the database uses a small part of it. Reads that could be instant go "
    "through the disk's cache, or to the disk.",
    fix=(
        "Set shared_buffers to a quarter of the memory; it needs a restart.",
        "Set effective_cache_size to three quarters; it only informs the planner.",
        "Compare the share of blocks found in memory before and after.",
    ),
    first_slice=FirstSlice("Set effective_cache_size, and plan the restart for shared_buffers", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.7,
    verify="The share of blocks found in memory rose after a day, and the machine still has memory left.",
    rollback="ALTER SYSTEM RESET of both, and a restart.",
    references=(
        "PostgreSQL, Resource Consumption https://www.postgresql.org/docs/current/runtime-config-resource.html",
    ),
    check=check,
)
