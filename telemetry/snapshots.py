"""Two snapshots of the same statistics are more than two moments: what happened between them, as rates.

Counters run since a reset, so that a night long ago weighs as much as the last hour. Two files belong together when
they say so (the run of a Redis, the time of the last reset), or when every counter that both hold has grown. Only the
time inside a file counts: when a file was made is not when it was sent. The newest snapshot stays for what judges
levels; the older ones are what it is compared with.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from telemetry.evidence import Evidence, Place
from telemetry.joining import Part
from telemetry.kinds.changes import SCRAPE, VIEWS, View
from telemetry.metric_changes import counting, started
from telemetry.redis_changes import clock_of, redis_change

# So many numbers that all stand still or grow are no chance: one server, and which file is the later one.
ENOUGH = 5
ANEW = 0.05
# Fewer numbers do, too, where the largest one counts thousands and grew by a tenth at most.
MANY, HARDLY = 1_000.0, 0.1
Rows = dict[tuple[str, str], Evidence]
_BY_KIND = {view.kind: view for view in VIEWS}
_SERVER = "redis.server"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files of one server, the earlier first, and the seconds between them where both tell their time."""

    earlier: Part
    later: Part
    window_s: float | None


def compare_snapshots(parts: Sequence[Part]) -> tuple[list[Evidence], set[int]]:
    """(what happened between snapshots, places of the parts that a later one replaces); notes say how."""
    changes: list[Evidence] = []
    replaced: set[int] = set()
    groups: dict[str, list[int]] = defaultdict(list)
    for place, part in enumerate(parts):
        for kind in dict.fromkeys(row.kind for row in part.rows):
            if kind == _SERVER or _is_snapshot(kind, part):
                groups[kind].append(place)
    for places in groups.values():
        for chain in _chains([parts[place] for place in places if place not in replaced]):
            first, last = chain[0].earlier, chain[-1].later
            changes += _changes(_pair(first, last) or chain[-1])
            _note(chain)
            older = {id(pair.earlier) for pair in chain}
            replaced |= {place for place in places if id(parts[place]) in older}
    return changes, replaced


def _chains(parts: Sequence[Part]) -> list[list[Pair]]:
    """Snapshots of one server in the order of their time, as pairs of neighbours; a file alone is in none."""
    chains: list[list[Pair]] = []
    waiting = list(parts)
    while waiting:
        chain: list[Pair] = []
        head = tail = waiting.pop(0)
        for part in list(waiting):
            if (pair := _pair(tail, part)) and pair.earlier is tail:
                chain.append(pair)
                tail = part
            elif (pair := _pair(part, head)) and pair.earlier is part:
                chain.insert(0, pair)
                head = part
            elif not (chain and (between := _insert(chain, part))):
                continue
            else:
                chain = between
            waiting.remove(part)
        if chain:
            chains.append(chain)
    return chains


def _insert(chain: Sequence[Pair], part: Part) -> list[Pair]:
    """The chain with a file between two of its neighbours, empty when it fits nowhere."""
    for place, pair in enumerate(chain):
        before, after = _pair(pair.earlier, part), _pair(part, pair.later)
        if before and after and before.later is part and after.earlier is part:
            return [*chain[:place], before, after, *chain[place + 1 :]]
    return []


def _pair(one: Part, other: Part) -> Pair | None:
    """Two files as earlier and later, None when they are not of one server, or nobody can tell which came first."""
    if (pair := _redis_pair(one, other)) is not None:
        return pair
    if not _same_run(one, other):
        return None
    if _is_scrape(one) and not (_told_run(one, other) and _grown(one, other)):
        return None  # two copies of one program have the same families, and the older one has the larger numbers
    start, end = _taken(one), _taken(other)
    grown = _grown(one, other)
    if start is not None and end is not None and start != end:
        step = end - start
        if (grown is None or grown * step < 0) and not _told_run(one, other):
            return None  # a reset between them, or two servers
        return Pair(one, other, step) if step > 0 else Pair(other, one, -step)
    if not grown:
        return None
    return Pair(one, other, None) if grown > 0 else Pair(other, one, None)


def _redis_pair(one: Part, other: Part) -> Pair | None:
    servers = [next((row for row in part.rows if row.kind == _SERVER), None) for part in (one, other)]
    if servers[0] is None or servers[1] is None:
        return None
    window = clock_of(servers[0], servers[1])
    if not window:
        return None
    return Pair(one, other, window) if window > 0 else Pair(other, one, -window)


def _taken(part: Part) -> float | None:
    """The moment of a snapshot as its file tells it."""
    moment = part.coverage.get("to")
    found = datetime.fromisoformat(str(moment)) if moment else None
    return found.timestamp() if found and found.tzinfo else None


def _is_snapshot(kind: str, part: Part) -> bool:
    view = _BY_KIND.get(kind)
    return view is not None and view.carrier in ("", part.coverage.get("carrier"))


def _rows(part: Part) -> Rows:
    """What is compared, by kind and subject."""
    rows = {(row.kind, row.subject): row for row in part.rows if _is_snapshot(row.kind, part)}
    return counting(rows) if _is_scrape(part) else rows


def _runs(part: Part) -> dict[tuple[str, str, str], str]:
    """What is the same as long as nothing was reset or started anew."""
    found = {
        (row.kind, row.subject, name): str(row.attrs[name])
        for row in part.rows
        if row.kind in _BY_KIND
        for name in _BY_KIND[row.kind].run
        if row.attrs.get(name)
    }
    return found | (started(part.rows) if _is_scrape(part) else {})


def _is_scrape(part: Part) -> bool:
    return part.coverage.get("carrier") == SCRAPE


def _same_run(one: Part, other: Part) -> bool:
    """Whether nothing that both files tell speaks against one server and one run."""
    runs = _runs(one), _runs(other)
    return all(runs[1].get(name, value) == value for name, value in runs[0].items())


def _told_run(one: Part, other: Part) -> bool:
    runs = _runs(one), _runs(other)
    return any(runs[1].get(name) == value for name, value in runs[0].items())


def _grown(one: Part, other: Part) -> int | None:
    """1 when the counters of the first file have grown in the second, -1 the other way round, 0 when none moved.

    Most subjects must be in both files, with enough numbers or the time of the last reset. None otherwise,
    and when more than a few went against the others: single statements may be counted anew.
    """
    rows = _rows(one), _rows(other)
    shared = rows[0].keys() & rows[1].keys()
    if not shared or 2 * len(shared) < min(len(rows[0]), len(rows[1])):
        return None
    steps = [
        rows[1][key].metrics[name] - rows[0][key].metrics[name]
        for key in shared
        for name in _BY_KIND[key[0]].counters
        if name in rows[0][key].metrics and name in rows[1][key].metrics
    ]
    if len(steps) < ENOUGH and not _told_run(one, other) and not _close(one, other, rows):
        return None
    up, down = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    if min(up, down) > ANEW * (up + down):
        return None
    return (up > down) - (up < down)


def _close(one: Part, other: Part, rows: tuple[Rows, Rows]) -> bool:
    """Whether both files tell their time and the largest of their counters hardly moved: two servers differ by more."""
    if _taken(one) is None or _taken(other) is None:
        return False
    both = [
        (rows[0][key].metrics[name], rows[1][key].metrics[name])
        for key in rows[0].keys() & rows[1].keys()
        for name in _BY_KIND[key[0]].counters
        if name in rows[0][key].metrics and name in rows[1][key].metrics
    ]
    less, more = sorted(max(both, key=max, default=(0.0, 0.0)))
    return len(both) > 1 and less > MANY and more - less <= HARDLY * less


def _changes(pair: Pair) -> list[Evidence]:
    later, earlier = _rows(pair.later), _rows(pair.earlier)
    found = [
        _change(_BY_KIND[key[0]], earlier[key], row, pair.window_s) for key, row in later.items() if key in earlier
    ]
    server = {row.kind: row for row in pair.earlier.rows if row.kind == _SERVER}
    found += [
        redis_change(server[_SERVER], row, pair.window_s or 0.0)
        for row in pair.later.rows
        if row.kind in server and pair.window_s
    ]
    return [row for row in found if set(row.metrics) - {"window_s"}]


def _change(view: View, earlier: Evidence, later: Evidence, window_s: float | None) -> Evidence:
    """Growth by counter; one that fell was reset, and nothing is said of it."""
    metrics: dict[str, float] = {"window_s": window_s} if window_s else {}
    places: dict[str, Place] = {}
    for name in (*view.counters, *view.levels):
        if name not in earlier.metrics or name not in later.metrics:
            continue
        step = later.metrics[name] - earlier.metrics[name]
        if name in view.levels:
            _put(metrics, places, f"{name}_change", step, later, name)
        elif step >= 0:
            _put(metrics, places, name, step, later, name)
            if window_s:
                _put(metrics, places, f"{name}_per_s", step / window_s, later, name)
    for name, (total, count) in view.means.items():
        if metrics.get(count) and total in metrics:
            _put(metrics, places, name, metrics[total] / metrics[count], later, total)
    attrs = {**later.attrs, "since": earlier.file}
    return replace(later, kind=view.change, metrics=metrics, places=places, attrs=attrs, sketches={})


def _put(
    metrics: dict[str, float], places: dict[str, Place], name: str, value: float, later: Evidence, source: str
) -> None:
    metrics[name] = value
    if source in later.places:
        places[name] = later.places[source]


def _note(chain: Sequence[Pair]) -> None:
    """Say of each snapshot which one of how many it is, and how far it is from the one before."""
    count = len(chain) + 1
    chain[0].earlier.notes.append(
        f"Snapshot 1 of {count} of one server: the newest, {chain[-1].later.file}, counts; "
        "this one is what it is compared with."
    )
    for place, pair in enumerate(chain, 2):
        after = f"{pair.window_s:,.0f} s after" if pair.window_s else "later than"
        window = (
            ""
            if pair.window_s
            else ("; the time between them is not known (no captured_at), so their difference has no rate")
        )
        last = "its levels count" if pair.later is chain[-1].later else "a newer one counts"
        pair.later.notes.append(f"Snapshot {place} of {count}, {after} {pair.earlier.file}{window}; {last}.")
