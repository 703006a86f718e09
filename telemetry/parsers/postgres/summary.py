"""What a consultant reads beside the file: totals, what the log answers, and what it cannot tell."""

from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.languages import REMEDY

_COUNTED = (
    "parses",
    "binds",
    "plans",
    "errors",
    "fatals",
    "panics",
    "deadlocks",
    "lock_waits",
    "locks_acquired",
    "temp_files",
    "temp_bytes",
    "checkpoints",
    "autovacuums",
    "autoanalyzes",
    "connections_received",
    "connections_authorized",
    "disconnections",
    "too_many_connections",
    "timeouts",
)
# Below this many statements the shortest one says nothing about a threshold.
_ENOUGH = 20


def totals(reader: Events) -> dict[str, float | int | str]:
    """What grep would count, by the names of the product's table."""
    found: dict[str, float | int | str] = {
        "queries": reader.families.count,
        "query_ms": reader.families.total_us / 1000,
        "families": reader.families.distinct,
    }
    return found | {name: reader.tally.counts[name] for name in _COUNTED}


def enables(reader: Events) -> list[str]:
    """What the review can now answer."""
    counts = reader.tally.counts
    answers = (
        (reader.families.count, "which statements take the time, how often they run and how slow they get"),
        (counts["lock_waits"] + counts["locks_acquired"], "who waits for locks, and how long"),
        (counts["deadlocks"], "which tables deadlock"),
        (counts["temp_files"], "which statements spill to disk"),
        (counts["checkpoints"], "whether checkpoints are forced by write volume"),
        (counts["connections_authorized"], "how fast connections come and go, by application"),
        (counts["autovacuums"], "whether vacuum keeps up, by table"),
        (counts["plans"], "how slow statements were executed"),
        (counts["errors"] + counts["fatals"], "which errors the database reported"),
    )
    return [text for count, text in answers if count]


def notes(reader: Events) -> list[str]:
    """What the log cannot tell, or tells only in part."""
    found = [reader.clock.note_on_zone(), _threshold(reader), _bare(reader), _sample(reader)]
    if not reader.has_pid:
        found.append("The prefix holds no process id (%p): details are matched to the line before them.")
    if not reader.has_time:
        found.append("The prefix holds no time stamp (%m): rates per minute cannot be told.")
    if reader.foreign:
        language, count = reader.foreign.most_common(1)[0]
        found.append(f"{count} messages are in {language} and were not counted; {REMEDY}.")
    if reader.result.rejected > reader.result.lines // 20:
        found.append(f"{reader.result.rejected} lines do not fit {reader.written_as}.")
    if reader.families.evicted:
        found.append("More statement families than can be followed; figures of the rare ones are lower bounds.")
    if left_out := sorted(reader.bounds.left_out):
        found.append(f"More {', '.join(left_out)} than can be followed: those that came last are in the totals only.")
    return [note for note in found + reader.remarks if note]


def _threshold(reader: Events) -> str:
    families = reader.families
    if families.count < _ENOUGH or families.least_us < 1000:
        return ""
    return (
        f"The fastest statement in this log took {families.least_us / 1000:.3f} ms: faster ones were not logged "
        "(log_min_duration_statement), so counts and shares are of slow statements only."
    )


def _bare(reader: Events) -> str:
    count = reader.tally.counts["bare_durations"]
    if not count:
        return ""
    return (
        f"{count} durations have no statement text (log_duration) and are not counted as queries; "
        "set log_min_duration_statement to have both in one line."
    )


def _sample(reader: Events) -> str:
    counts = reader.tally.counts
    if reader.families.count or not counts["binds"] + counts["parses"]:
        return ""
    return "Only parse and bind steps were logged, no execution: query times cannot be told."
