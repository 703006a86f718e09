"""One slow command takes most of the server's time."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.redis.blocking_command import is_served

SLOW_US = 1_000  # simple commands take microseconds
ENOUGH_CALLS = 1_000
BUSY = 0.05  # of the time since the start: less is an idle server, whatever the shares


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A quick command that is called most is a cache at work; one that takes a millisecond each time is not."""
    for row in worst_each(evidence.having("redis.command", "calls", "us_per_call", "time_us"), "share"):
        numbers = row.metrics
        if numbers["share"] <= threshold.value or numbers["us_per_call"] <= SLOW_US or not is_served(row):
            continue
        uptime = _uptime(evidence, row)
        if numbers["calls"] < ENOUGH_CALLS:
            yield CannotTell(f"INFO commandstats after a business peak: few calls of {row.subject.upper()} so far")
        elif uptime is None or numbers["time_us"] > BUSY * uptime * 1_000_000:
            yield _hit(row, threshold.value)


def _uptime(evidence: EvidenceSet, row: Evidence) -> float | None:
    servers = evidence.having("redis.server", "uptime_s")
    return next((one.metrics["uptime_s"] for one in servers if one.file == row.file), None)


def _hit(row: Evidence, limit: float) -> Hit:
    told, name = Told(), row.subject.upper().replace("|", " ")
    said = (
        f"{name} takes {told(row, 'share')} of the time of all commands (limit {shown(limit, 'share')}): "
        f"{told(row, 'calls')} calls of {told(row, 'us_per_call')} each, one after the other."
    )
    told.also(row, "time_us")
    return Hit(
        subject=Subject("command", row.subject),
        title=f"{name} takes most of Redis",
        said=said,
        cites=told.cites,
        limit=limit,
        utilisation=min(1.0, row.metrics["share"]),
        shared=True,
    )


RULE = Rule(
    id="RD024",
    slug="command-share",
    area="redis",
    mechanism="blocking-command",
    title="One command takes most of Redis",
    needs=(("redis.command", "share"), ("redis.command", "us_per_call")),
    threshold=Threshold(
        0.4,
        "share",
        "Two fifths of the one thread in a command of a millisecond or more: the others queue behind it.",
        "House limit; Redis, Diagnosing latency issues (slow commands)",
    ),
    degradation=0.3,
    why="Redis does one thing at a time, and most of that time goes into one slow kind of request. It sets the limit "
    "for everything else that uses Redis.",
    fix=(
        "Find its caller: CLIENT LIST and the slow log show address, name and key.",
        "Ask for less at once: a window instead of the whole, fields instead of the hash.",
        "Break up scripts that loop, and cache what they compute for a second.",
    ),
    first_slice=FirstSlice("Ask for a part instead of the whole in the main caller", 5),
    effort=Effort(0.5, 1, 3),
    removes=0.7,
    verify="Between two INFO commandstats a day apart the command has less than a fifth of the time.",
    rollback="Revert the caller.",
    references=(
        "Redis, Diagnosing latency issues "
        "https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/",
    ),
    check=check,
)
