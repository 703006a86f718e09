"""One value is large enough to hold the server up."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.redis_use import is_queue_key, latest_servers, redis_subject

ANSWER_BYTES = 100 * 1024  # a mean answer; an ordinary one is a thousandth of it
ENOUGH_COMMANDS = 100
UNASKED = frozenset({"publish", "spublish", "sync", "psync", "monitor", "dump", "migrate", "replconf"})
HURTS_BYTES = 10 * 1024 * 1024
# Elements, by type, where only lengths are known.
MANY = {"hash": 5_000, "set": 100_000, "zset": 100_000, "list": 100_000}
# Each reads or drops a whole value at once.
WHOLE_VALUE = frozenset(
    {
        "get",
        "set",
        "getset",
        "hgetall",
        "hkeys",
        "hvals",
        "smembers",
        "lrange",
        "zrange",
        "zrangebyscore",
        "zrevrange",
        "sort",
        "sunion",
        "sinter",
        "sdiff",
        "del",
        "sunionstore",
        "sinterstore",
        "dump",
        "restore",
        "getrange",
        "setrange",
        "append",
    }
)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Bytes decide; lengths where no bytes are known. What a queue keeps in its own keys is the queue's matter."""
    seen: set[str] = set()
    for row in worst_each(evidence.of("redis.pattern"), "bytes_max"):
        if not is_queue_key(row.subject):
            seen.add(row.subject)
            if row.metrics["bytes_max"] > threshold.value:
                yield _hit(evidence, row, "bytes_max", threshold.value, HURTS_BYTES)
    for row in worst_each(evidence.of("redis.pattern"), "length_max"):
        many = MANY.get(next(iter(row.attrs.get("types", ())), ""))
        if many and row.metrics["length_max"] > many and row.subject not in seen and not is_queue_key(row.subject):
            yield _hit(evidence, row, "length_max", many, 20 * many)
    if not any(row.metrics["bytes_max"] > threshold.value for row in evidence.having("redis.pattern", "bytes_max")):
        yield from _by_answers(evidence)


def _by_answers(evidence: EvidenceSet) -> Iterator[Hit]:
    """Without a sample of keys: the mean answer of a server that sends only to clients that asked."""
    for row in latest_servers(evidence):
        commands, sent = row.metrics.get("commands", 0.0), row.metrics.get("output_bytes", 0.0)
        limit = ANSWER_BYTES * commands
        if commands < ENOUGH_COMMANDS or sent <= limit or _sends_unasked(evidence, row):
            continue
        told = Told()
        said = (
            f"Redis sent {told(row, 'output_bytes')} (limit {shown(limit, 'bytes')}) in answer to "
            f"{told(row, 'commands')} commands: single values are very large. Which they are, redis-cli --memkeys "
            f"tells."
        )
        told.also(row, "used_memory", "keys")
        yield Hit(
            subject=redis_subject(evidence, row),
            title="Redis answers with very large values",
            said=said,
            cites=told.cites,
            limit=limit,
            breach=True,
            shared=True,
        )


def _sends_unasked(evidence: EvidenceSet, row: Evidence) -> bool:
    """Replicas, subscribers, monitors and dumps are sent far more than they ask for."""
    if row.metrics.get("connected_replicas", 0.0) > 0:
        return True
    commands = [one for one in evidence.having("redis.command", "calls") if one.file == row.file]
    return not commands or any(one.subject.partition("|")[0] in UNASKED for one in commands)


def slow_reads(evidence: EvidenceSet, pattern: str) -> Evidence | None:
    """The slow log's entry of a command that reads whole values of this pattern."""
    entries = [row for row in evidence.having("redis.slow", "entries", "max_us") if row.subject in WHOLE_VALUE]
    return next((row for row in entries if pattern in row.attrs.get("patterns", ())), None)


def _hit(evidence: EvidenceSet, row: Evidence, metric: str, limit: float, hurts: float) -> Hit:
    told, slow = Told(), slow_reads(evidence, row.subject)
    what = "holds" if metric == "bytes_max" else "has a length of"
    said = f"The largest key of {row.subject} {what} {told(row, metric)} (limit {shown(limit, told.cites[0].unit)})"
    if slow:
        said += f"; {slow.subject.upper()} took {told(slow, 'max_us')} on this pattern while every other client waited"
    told.also(row, "keys", "bytes", "length_max")
    return Hit(
        subject=Subject("key pattern", row.subject),
        title=f"{row.subject} holds a very large value",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=slow is not None,
        utilisation=None if slow else min(1.0, row.metrics[metric] / hurts),
    )


RULE = Rule(
    id="RD020",
    slug="big-key",
    area="redis",
    mechanism="big-key",
    title="A key holds a very large value",
    needs=(),
    needs_any=(("redis.pattern", "bytes_max"), ("redis.pattern", "length_max"), ("redis.server", "output_bytes")),
    threshold=Threshold(
        1024 * 1024,
        "bytes",
        "Redis sends and frees a value in one piece; 1 MB takes a millisecond or more, and a network that is shared. "
        "Without bytes: 5,000 fields of a hash, 100,000 members; without keys: a mean answer of 100 kB.",
        "RedisInsight recommendations (big strings 1 MB, big hashes 5,000 fields, big sets 100,000 members)",
    ),
    degradation=0.3,
    why="Some values have grown so large that reading or deleting one of them makes all other requests wait, and it "
    "grows with the customer it belongs to.",
    fix=(
        "Look at who writes it, and whether it has an end: redis-cli --memkeys names the key.",
        "Split it by part of its id (user:17:cart:2026), or read it in parts (HSCAN, SSCAN, ZRANGE with a window).",
        "Compress large strings, or keep them in object storage with only the address in Redis.",
        "Delete with UNLINK, which frees in the background.",
    ),
    first_slice=FirstSlice("Cap or split the largest key at its writer", 6),
    effort=Effort(0.5, 1.5, 3),
    removes=0.9,
    verify="redis-cli --memkeys finds no key of this pattern above 1 MB, and the slow log names it no more.",
    rollback="Write the old key beside the new ones for a release, then drop it.",
    references=(
        "Redis, Scanning for big keys https://redis.io/docs/latest/develop/tools/cli/#scanning-for-big-keys",
        "Redis, UNLINK https://redis.io/docs/latest/commands/unlink/",
    ),
    check=check,
)
