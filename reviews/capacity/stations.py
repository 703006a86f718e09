"""Stations of a capacity model: what has slots that are held for a known time, so that it can be simulated.

From the document's own rows, so that a consultant's changes count. What lacks its slots or its hold time is named with
what it needs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reviews.capacity.catalogue import need_of
from reviews.capacity.formulas.window import most_jobs
from reviews.capacity.waits import COUNTED

Row = Mapping[str, Any]
WINDOW = "window"
# Which input would tell how long a slot is held, by the beginning of the resource's id; {name} is what follows it.
HOLDS = (("postgres:pool", "postgres.hold_s"), ("queue:", "queue.{name}.run_s"))


@dataclass(frozen=True, slots=True)
class Known:
    """A station with what the model knows of it.

    Rates in calls a second, None when nobody knows; `at_once` are the jobs that a cycle starts together, `cycle` its
    seconds and `fits` how many jobs fit into it. `failing` is the share of tries that fail, `tries` how many there are
    at most. `grade` is the worst of what the figures rest on.
    """

    id: str
    title: str
    servers: int
    hold: float
    mean: float | None
    peak: float | None
    grade: str
    at_once: float | None = None
    cycle: float | None = None
    fits: float | None = None
    failing: float | None = None
    tries: int | None = None


def stations_of(capacity: Row) -> list[Known]:
    """Every station of the model, in the order of its resources."""
    inputs = {row["key"]: row["value"] for row in capacity["inputs"]}
    found = (_window(row, inputs) if row["kind"] == WINDOW else _counted(row, inputs) for row in capacity["resources"])
    return [station for station in found if station is not None]


def lacking(capacity: Row) -> list[str]:
    """What stations need before they can be simulated, each once."""
    needs = [need for gap in capacity["unknown"] if _is_station(gap["resource"]) for need in gap["needs"]]
    for row in capacity["resources"]:
        if row["kind"] in COUNTED and not row["hold"]:
            needs += list(_hold_need(row))
    return list(dict.fromkeys(needs))


def _is_station(identity: str | None) -> bool:
    return any((identity or "").startswith(start) for start, _ in HOLDS)


def _hold_need(row: Row) -> Iterator[str]:
    for start, key in HOLDS:
        if row["id"].startswith(start):
            yield need_of(key.format(name=row["id"].removeprefix(start)))
            return
    yield f"{row['title']}: how long one of them is held"


def _counted(row: Row, inputs: Mapping[str, float]) -> Known | None:
    """A pool, workers or concurrency: its load is calls a second times the time each holds a slot (Little's law)."""
    hold, servers = (row["hold"] or {}).get("value"), int(row["capacity"]["value"])
    if row["kind"] not in COUNTED or not hold or hold <= 0 or servers < 1:
        return None
    job = hold * row.get("tries", 1.0)  # all tries of one; the simulation itself sends back those that fail
    mean, peak = ((row["fixed"] + load["value"]) / job if (load := row[name]) else None for name in LOADS)
    queue = f"queue.{row['id'].removeprefix('queue:')}"
    failing, tries = inputs.get(f"{queue}.tries_failed_share"), inputs.get(f"{queue}.tries")
    return Known(
        row["id"],
        row["title"],
        servers,
        hold,
        mean,
        peak,
        row["grade"],
        failing=failing,
        tries=round(tries) if tries is not None else None,
    )


LOADS = ("load_mean", "load_peak")


def _window(row: Row, inputs: Mapping[str, float]) -> Known | None:
    """Work of a cycle: all its jobs start at once; between them nothing comes."""
    path = f"resource.{row['id'].removeprefix('stated:')}"
    hold, slots, load = inputs.get(f"{path}.hold_s"), inputs.get(f"{path}.slots"), row["load_peak"] or row["load_mean"]
    if not hold or not slots or slots < 1 or load is None:
        return None
    jobs, cycle, servers = load["value"] * slots / hold, row["capacity"]["value"], int(slots)
    return Known(
        row["id"],
        row["title"],
        servers,
        hold,
        0.0,
        jobs / cycle,
        row["grade"],
        jobs,
        cycle,
        most_jobs(hold, slots, cycle),
    )
