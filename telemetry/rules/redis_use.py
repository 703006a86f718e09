"""What a Redis is used for, as far as the files tell: a queue's store, a cache, or both."""

import re

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Subject

# A worker that waits for work blocks on one of these; no cache does.
_QUEUE_COMMANDS = frozenset({"bzpopmin", "bzpopmax", "brpop", "blpop", "brpoplpush", "blmove", "bzmpop", "blmpop"})
_ON_REDIS = frozenset({"bullmq", "bull", "bee-queue", "sidekiq", "resque", "rq", "redis"})
# Names that queue libraries give their keys: BullMQ and Bull, Celery (kombu), Sidekiq, Resque, RQ, bee-queue.
_QUEUE_KEYS = re.compile(r"(?:bull|bq|rq|resque|_kombu|unacked|celery|queue|queues|sidekiq)(?:[:._]|\Z)")
LONG_S = 90 * 86_400.0  # a counter of a quarter tells little of this week
FAR = 0.5  # of a limit
SETTLED_S = 600  # between two INFO: less may fall between two bursts
CACHE_LOOKUPS = 10_000  # below it a hit rate, or the claim that something is a cache, rests on too little


def redis_subject(evidence: EvidenceSet, row: Evidence) -> Subject:
    """One Redis is "redis"; of several each carries the name of its file."""
    files = {one.file for one in evidence.of("redis.server")}
    return Subject("server", f"redis ({row.file})" if len(files) > 1 and row.file else "redis")


def policy(row: Evidence) -> str:
    """The eviction policy, lower case; "" when the file does not say."""
    return str(row.attrs.get("policy") or "").lower()


def evicts(row: Evidence) -> bool:
    """Whether the server may drop keys to make room."""
    return policy(row) not in ("", "noeviction")


def queue_witness(evidence: EvidenceSet, row: Evidence) -> tuple[Evidence, str] | None:
    """(row, metric) that shows a queue in this Redis, None when nothing does.

    The commands of the same file decide when the file lists any: then a queue is here only if workers block on it.
    Without them, queues that live in a Redis are taken to live in this one as long as it is the only one that was sent.
    """
    commands = [one for one in evidence.having("redis.command", "calls") if one.file == row.file]
    blocking = [one for one in commands if one.subject in _QUEUE_COMMANDS and one.metrics["calls"] > 0]
    if blocking:
        return blocking[0], "calls"
    only = len({one.file for one in evidence.of("redis.server")}) == 1
    if commands or not only:
        return None
    for queue in evidence.having("queue.counts", "waiting"):
        if str(queue.attrs.get("system", "")).lower() in _ON_REDIS:
            return queue, "waiting"
    return None


def is_queue_key(pattern: str) -> bool:
    """Whether a pattern of keys is one that a queue library made."""
    return _QUEUE_KEYS.match(pattern) is not None


def recent(evidence: EvidenceSet, row: Evidence, metric: str) -> Evidence:
    """The row that tells a counter best: its growth between two INFO ten minutes apart or more, else since the start.

    What happened once, long before the first of the two, is over.
    """
    changes = evidence.having("redis.change", metric, "window_s")
    ours = [one for one in changes if one.file == row.file and one.metrics["window_s"] >= SETTLED_S]
    return ours[-1] if ours else row


def may_be_over(row: Evidence, counted: Evidence, share: float | None) -> bool:
    """Whether what a counter holds may long be over: it runs for months, and the server is far from its limit now.

    `share` is how much of the limit is used. Of a counter between two INFO nothing is long over.
    """
    return counted is row and row.metrics.get("uptime_s", 0.0) >= LONG_S and share is not None and share < FAR


def over_or_not(row: Evidence, what: str) -> CannotTell:
    """What is needed to tell whether something counted since the start still happens."""
    days = row.metrics["uptime_s"] / 86_400
    return CannotTell(f"a second INFO an hour later: {what} of the {days:,.0f} days since Redis started may be over")


def only_server(evidence: EvidenceSet) -> Evidence | None:
    """The Redis that was sent, None when there is none or it is not known which of several is meant."""
    servers = latest_servers(evidence)
    return servers[0] if len(servers) == 1 else None


def queue_names(evidence: EvidenceSet) -> tuple[str, ...]:
    """Queues that live in a Redis, by name."""
    return tuple(dict.fromkeys(row.subject for row in evidence.of("queue.counts") if _on_redis(row)))


def _on_redis(row: Evidence) -> bool:
    return str(row.attrs.get("system", "")).lower() in _ON_REDIS


def queue_keys(evidence: EvidenceSet) -> float:
    """About how many keys the queues' own jobs are: each job that is kept is one."""
    states = ("waiting", "active", "delayed", "completed", "failed")
    return sum(row.metrics.get(state, 0.0) for row in evidence.of("queue.counts") if _on_redis(row) for state in states)


def latest_servers(evidence: EvidenceSet) -> list[Evidence]:
    """One row for each Redis (file), as read."""
    return list({row.file: row for row in evidence.of("redis.server")}.values())
