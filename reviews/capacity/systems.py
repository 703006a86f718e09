"""Which systems the client runs, as far as the exports and the stack say: what an alert or a panel is made for."""

from collections.abc import Iterable, Sequence
from typing import Any

from telemetry.evidence import EvidenceSet

Machine = dict[str, Any]

# (system, evidence that only it gives, names in a stack)
_SIGNS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("http", ("http.server", "http.route", "function.server", "trace.server", "load.run"), ()),
    ("postgres", ("pg.",), ("postgres", "postgresql", "supabase", "neon", "rds")),
    ("replication", ("pg.replica",), ()),
    ("pgbouncer", ("pool.",), ("pgbouncer",)),
    ("redis", ("redis.",), ("redis", "valkey", "upstash", "bullmq", "sidekiq")),
    ("host", ("host.", "container."), ()),
)
MOST_QUEUES = 40
# Libraries that keep their jobs in Redis always; Celery may use another broker.
IN_REDIS = ("bullmq", "sidekiq")


def systems_of(evidence: EvidenceSet, stack: Sequence[str] = ()) -> Machine:
    """{"names": [system], "queues": [{name, system}]}; names as in `_SIGNS`, "http" always: somebody visits.

    Queues in the order they were read, at most 40, without those that hold dead letters.
    """
    kinds = {row.kind for row in evidence.rows}
    stated = {name.lower() for name in stack}
    names = [
        name
        for name, signs, words in _SIGNS
        if name == "http" or any(kind.startswith(signs) for kind in kinds) or stated & set(words)
    ]
    return {"names": names, "queues": list(_queues(evidence))[:MOST_QUEUES]}


def _queues(evidence: EvidenceSet) -> Iterable[Machine]:
    seen: set[tuple[str, str]] = set()
    for row in evidence.of("queue.counts"):
        key = (row.subject, str(row.attrs.get("system", "")))
        if key not in seen and not row.attrs.get("dead_letter"):
            seen.add(key)
            yield {"name": key[0], "system": key[1]}
