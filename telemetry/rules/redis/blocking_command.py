"""A command walks a large key or the whole keyspace while everyone waits."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import first_of

KEYS_CALLS = 10  # a person at a prompt types it once; an application calls it
ENOUGH_CALLS = 10
ENOUGH_ENTRIES = 3  # of a slow log
LONG = 5  # times the limit: a twentieth of a second
FELT, OFTEN_S = 10, 300  # entries, one every five minutes
ENOUGH_FOR_P99 = 299  # ln 0.05 / ln 0.99: fewer give no finite upper bound of a p99
# Start-up, persistence, replication and what monitoring asks; a blocking pop waits for work, not for the processor.
_ADMIN = frozenset(
    {
        "bgsave",
        "bgrewriteaof",
        "save",
        "debug",
        "config",
        "info",
        "memory",
        "slowlog",
        "latency",
        "client",
        "cluster",
        "replicaof",
        "slaveof",
        "psync",
        "sync",
        "replconf",
        "shutdown",
        "monitor",
        "command",
        "module",
        "script",
        "acl",
        "function",
        "failover",
        "wait",
        "waitaof",
        "migrate",
        "restore",
    }
)
_WHOLE_KEYSPACE = frozenset({"keys", "flushall", "flushdb"})


# Their time grows with what is stored; a slow one is the caller's choice and no accident.
_GROWING = frozenset(
    {
        "keys",
        "flushall",
        "flushdb",
        "smembers",
        "hgetall",
        "hkeys",
        "hvals",
        "lrange",
        "zrange",
        "zrangebyscore",
        "zrevrange",
        "sort",
        "sunion",
        "sinter",
        "sdiff",
        "lrem",
        "linsert",
        "del",
        "eval",
        "evalsha",
        "fcall",
    }
)


def is_served(row: Evidence) -> bool:
    """Whether a command is the application's and works: not administration, not a pop that waits for a job."""
    command = row.subject.partition("|")[0]
    return command not in _ADMIN and not (command.startswith("b") and "pop" in command)


def _by_statistics(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """KEYS as a habit, or any other command of the application that holds the server for 10 ms a call."""
    for row in worst_each(evidence.having("redis.command", "calls", "us_per_call"), "us_per_call"):
        command = row.subject.partition("|")[0]
        if not is_served(row):
            continue
        if command == "keys" and row.metrics["calls"] > KEYS_CALLS:
            yield _hit(row, "calls", KEYS_CALLS)
        elif command not in _WHOLE_KEYSPACE and _is_slow(row, threshold.value):
            yield _hit(row, "us_per_call", threshold.value)


def _by_slow_log(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """Commands that grow with the data, slow more than once; the slow log leaves out the quick calls.

    Each entry is over the server's own mark: what is a little over it must come every few minutes to be felt.
    """
    for row in worst_each(evidence.having("redis.slow", "entries"), "max_us"):
        often = row.subject in _GROWING and row.metrics["entries"] >= ENOUGH_ENTRIES
        if often and row.metrics["max_us"] > threshold.value and (_long(row, threshold.value) or _frequent(row)):
            yield _slow_hit(row, "max_us", threshold.value)


def _long(row: Evidence, limit: float) -> bool:
    """Long once, or twice the limit in the mean of ten."""
    entries = row.metrics["entries"]
    felt = entries >= FELT and row.metrics.get("total_us", 0.0) > 2 * limit * entries
    return felt or row.metrics["max_us"] > LONG * limit


def _frequent(row: Evidence) -> bool:
    window_s = row.metrics.get("window_s", 0.0)
    return row.metrics["entries"] >= FELT and 0 < window_s <= row.metrics["entries"] * OFTEN_S


def _by_histogram(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One call of a hundred over the limit; buckets tell their upper edge, which may be twice the time."""
    for row in worst_each(evidence.having("redis.command.latency", "calls"), "p99_us"):
        if is_served(row) and row.metrics["calls"] >= ENOUGH_FOR_P99 and row.metrics["p99_us"] > 2 * threshold.value:
            yield _slow_hit(row, "p99_us", 2 * threshold.value)


def _is_slow(row: Evidence, limit: float) -> bool:
    return row.metrics["us_per_call"] > limit and row.metrics["calls"] >= ENOUGH_CALLS


def _hit(row: Evidence, metric: str, limit: float) -> Hit:
    told, name = Told(), row.subject.upper().replace("|", " ")
    if metric == "calls":
        said = (
            f"{name} was called {told(row, 'calls')} times (limit {shown(limit, '1')}); each call walked all keys for "
            f"{told(row, 'us_per_call')} while every other client waited."
        )
    else:
        said = (
            f"{name} holds the server for {told(row, 'us_per_call')} a call (limit {shown(limit, 'us')}), in "
            f"{told(row, 'calls')} calls, while every other client waits."
        )
    told.also(row, "share", "time_us")
    slow = row.metrics["us_per_call"] > 10_000
    return Hit(
        subject=Subject("command", row.subject),
        title=f"{name} blocks Redis",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=slow,
        utilisation=None if slow else row.metrics["us_per_call"] / 10_000,
        shared=True,
    )


def _slow_hit(row: Evidence, metric: str, limit: float) -> Hit:
    told, name = Told(), row.subject.upper().replace("|", " ")
    which = "up to " if metric == "max_us" else ""
    said = f"{name} held the server for {which}{told(row, metric)} (limit {shown(limit, 'us')})"
    counted = "entries" if metric == "max_us" else "calls"
    said += (
        ", in "
        + told(row, counted)
        + (" entries of the slow log" if metric == "max_us" else " calls at the 99th percentile")
    )
    return Hit(
        subject=Subject("command", row.subject),
        title=f"{name} blocks Redis",
        said=said + "; every other client waited.",
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
    )


RULE = Rule(
    id="RD005",
    slug="blocking-command",
    area="redis",
    mechanism="blocking-command",
    title="A command blocks Redis",
    needs=(),
    needs_any=(
        ("redis.command", "us_per_call"),
        ("redis.slow", "max_us"),
        ("redis.command.latency", "p99_us"),
    ),
    threshold=Threshold(
        10_000,
        "us",
        "Redis runs one command at a time and logs those above 10 ms as slow; KEYS is not for use by applications.",
        "Redis, slowlog-log-slower-than (10 ms by default); Redis, KEYS",
    ),
    degradation=0.3,
    why="Redis does one thing at a time. While it walks through all keys, every page that needs it stands still, "
    "longer with each customer that is added.",
    fix=(
        "Find the caller: SLOWLOG GET and CLIENT LIST show address and name.",
        "Replace KEYS by SCAN, or keep the names that are wanted in a set.",
        "Read large hashes, sets and lists in parts (HSCAN, SSCAN, LRANGE with a window).",
        "Forbid KEYS to the application's user with an ACL.",
    ),
    first_slice=FirstSlice("Replace KEYS by SCAN in the caller", 4),
    effort=Effort(0.25, 0.75, 2),
    removes=0.9,
    verify="Calls of the command do not rise between two INFO commandstats a day apart.",
    rollback="Revert the caller; ACL SETUSER takes the ban back.",
    references=(
        "Redis, KEYS https://redis.io/docs/latest/commands/keys/",
        "Redis, Diagnosing latency issues "
        "https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/",
    ),
    check=first_of(_by_statistics, _by_slow_log, _by_histogram),
)
