"""What waits in each queue: until when it is gone, or how fast it grows, and what it weighs.

drain: t = waiting / (c / S - in); where that is not above zero the backlog grows, and nobody is ever through. Of a
queue that grows while it is worked on the jobs done are all its workers can do. S is the time of all tries of a job,
where it is known how often one is tried.
"""

from typing import Any

from reviews.capacity.catalogue import need_of
from reviews.capacity.formulas import drain, redis_memory
from reviews.capacity.formulas.little import DAY_S
from reviews.capacity.formulas.ranges import Range, at_ends
from reviews.capacity.formulas.sane import OutOfRange
from reviews.capacity.inputs import Input, Inputs, worst
from reviews.capacity.repeats import tried_keys, tries_of

Machine = dict[str, Any]
WORKERS = ("in_per_s", "slots", "run_s")
RATES = ("in_per_s", "out_per_s")


def backlogs_of(inputs: Inputs) -> list[Machine]:
    """A row for each queue in which jobs wait, or that grows, the longest to drain first.

    `drain_s`: {value, low, high} seconds, an end None where it never drains; None where `needs` says what lacks.
    `grows_per_s`: jobs a second that nobody works off, None where it drains. `bytes` of what waits now, and
    `full_in_s`, the seconds until Redis is full of what comes on top, `room` how many more jobs fit: where a job's size
    is known and Redis holds them. `slots_for_a_day` work the backlog off within a day while arrivals go on.
    """
    names = dict.fromkeys(entry.key.removeprefix("queue.").rpartition(".")[0] for entry in inputs.below("queue"))
    rows = [row for name in names if (row := _row(inputs, name)) is not None]
    return sorted(rows, key=lambda row: (-_long(row), row["queue"]))


def _long(row: Machine) -> float:
    seconds = row["drain_s"]["value"] if row["drain_s"] else None
    return float("inf") if row["grows_per_s"] else seconds or 0.0


def _row(inputs: Inputs, name: str) -> Machine | None:
    waiting = inputs.get(f"queue.{name}.waiting")
    growing = inputs.get(f"queue.{name}.waiting_per_s")
    if (waiting is None or waiting.value <= 0) and (growing is None or growing.value <= 0):
        return None
    keys, known = _speed(inputs, name)
    gone = _drained(waiting, known) if waiting is not None and known else None
    grows = _grows(growing, known)
    used = [entry for entry in (waiting, growing, *known) if entry is not None]
    return {
        "queue": name,
        "title": f"Jobs that wait in {name}",
        "waiting": waiting.value if waiting else None,
        "drain_s": gone,
        "grows_per_s": grows,
        "slots_for_a_day": _slots(waiting, known),
        **_weight(inputs, name, waiting, grows),
        "grade": worst(entry.grade for entry in used).word,
        "formula": f"waiting ÷ (slots ÷ {_one(known)} − jobs that arrive)",
        "uses": [entry.key for entry in used],
        "needs": [] if known else [need_of(key) for key in keys if inputs.get(key) is None],
    }


def _speed(inputs: Inputs, name: str) -> tuple[list[str], list[Input]]:
    """What tells how fast the queue is worked on: the keys asked for, and their inputs, none unless all are known."""
    growing = inputs.get(f"queue.{name}.waiting_per_s")
    ways = [[f"queue.{name}.{part}" for part in way] for way in (WORKERS, RATES)]
    if growing is None or growing.value <= 0:
        ways = ways[:1]  # of a queue that keeps up, the jobs done are those that came, not all it can do
    for keys in ways:
        found = [entry for key in keys if (entry := inputs.get(key)) is not None and entry.low > 0]
        if len(found) == len(keys):
            again = tried_keys(inputs, name) if keys is ways[0] else ()
            return keys, found + [entry for key in again if (entry := inputs.get(key))]
    return ways[0], []


def _one(known: list[Input]) -> str:
    return "(tries of a job × time of one try)" if len(known) > len(WORKERS) else "time of one job"


def _drained(waiting: Input, known: list[Input]) -> Machine | None:
    """Seconds until it is gone, with ends; None where it never is."""
    try:
        ends = at_ends(_through, waiting, *known)
    except OutOfRange:
        return None
    return None if ends.value is None else _ends(ends)


def _through(backlog: float, inflow: float, workers: float, hold: float = 1.0, *tried: float) -> float | None:
    """Of jobs done a second, so many workers of one second each."""
    return drain.drained_in(backlog, inflow, workers, hold * tries_of(*tried))


def _grows(growing: Input | None, known: list[Input]) -> float | None:
    """Jobs a second by which it grows: as seen, else by what arrives against what the workers can do."""
    if growing is not None:
        return growing.value if growing.value > 0 else None
    if not known:
        return None
    inflow, workers, hold, *tried = (entry.value for entry in known)
    answer = drain.drain(0, inflow, workers, hold * tries_of(*tried))
    return answer.per_s if isinstance(answer, drain.Growing) and answer.per_s > 0 else None


def _slots(waiting: Input | None, known: list[Input]) -> int | None:
    if waiting is None or len(known) < len(WORKERS):
        return None
    arrives, _, hold, *tried = (entry.value for entry in known)
    return drain.workers_to_drain(waiting.value, arrives, hold * tries_of(*tried), DAY_S)


def _weight(inputs: Inputs, name: str, waiting: Input | None, grows: float | None) -> Machine:
    """What the waiting jobs weigh, and when Redis is full of those that come on top."""
    row: Machine = {"bytes": None, "bytes_per_hour": None, "full_in_s": None, "room": None}
    each = inputs.get(f"queue.{name}.job_bytes")
    if each is None or each.low <= 0:
        return row
    if waiting is not None:
        row["bytes"] = _ends(at_ends(redis_memory.jobs_memory, waiting, each))
    if grows:
        row["bytes_per_hour"] = _ends(at_ends(redis_memory.jobs_memory, grows * drain.HOUR_S, each))
    limit, used, holds = (inputs.get(f"redis.{key}") for key in ("maxmemory", "used_memory", "holds_jobs"))
    if limit is None or used is None or holds is None or holds.value <= 0 or limit.low <= 0:
        return row
    free = max(0.0, limit.value - used.value)
    row["room"] = _ends(at_ends(redis_memory.jobs_that_fit, free, each))
    if grows:

        def full(most: float, now: float, job: float) -> float | None:
            return redis_memory.seconds_to_full(most, now, redis_memory.jobs_memory(grows, job))

        row["full_in_s"] = _ends(at_ends(full, limit, used, each))
    return row


def _ends(ends: "Range[Any]") -> Machine:
    return {"value": ends.value, "low": ends.low, "high": ends.high}
