"""What would have to change for a better verdict, each size put back through the formula it came from.

For every resource that stands in the way: more capacity, more slots, or a shorter hold time. `carries` is what just
carries the load at 100 %, `to` what carries it at the utilisation one should plan for; `used_after` proves it, and for
slots whose hold time is known `most_per_s` says how many a second they then carry at that utilisation.
"""

from collections.abc import Iterator
from typing import Any

from reviews.capacity.catalogue import title_of
from reviews.capacity.formulas import little, pool, window
from reviews.capacity.formulas.operational import used
from reviews.capacity.inputs import Inputs
from reviews.capacity.resource import Resource
from reviews.capacity.verdict import COMFORT, STRESSED, Use

Machine = dict[str, Any]
# Counted in whole pieces.
WHOLE = ("connections", "pool", "workers", "concurrency", "clients")
HOLDS = (".hold_s", ".run_s", ".query_ms")
JUST_BELOW = 0.999


def better(inputs: Inputs, use: Use, load: float, level: int) -> Iterator[Machine]:
    """Changes of one resource that lift a verdict of `level` by one, while `load` (in its unit) stays as it is.

    `load` is the higher of steady and peak, with what does not grow.
    """
    part = use.part
    target = inputs.get("utilisation.target")
    wanted = COMFORT * JUST_BELOW if level == STRESSED else target.value if target else None
    if wanted is None or wanted <= 0 or load <= 0:
        return
    wanted = min(wanted, 1.0)
    if part.remedy:
        yield _otherwise(part)
        return
    if part.kind != "window":
        yield _capacity(part, load, wanted)
    uses = part.peak.uses if part.peak else part.mean.uses if part.mean else ()
    for key in uses:
        if key.endswith(".slots"):
            yield from _scaled(inputs, part, key, load, wanted, inverse=True)
        elif key.endswith(".pool_size"):
            yield from _smaller_pools(inputs, part, key, wanted)
        elif key.endswith(HOLDS):
            yield from _scaled(inputs, part, key, load, wanted, inverse=False)


def _capacity(part: Resource, load: float, wanted: float) -> Machine:
    """Capacity that carries the load: load ÷ utilisation."""
    size = _slots if part.kind in WHOLE else _amount
    just, to = size(load, 1.0), size(load, wanted)
    words = "a higher limit" if part.kind == "quota" else "capacity"
    key = part.capacity.uses[0] if len(part.capacity.uses) == 1 else ""  # no single input is the whole capacity
    row = _row(part, words, key, part.capacity.value, just, to, part.capacity.unit, used(load, to))
    if part.kind in WHOLE and part.hold is not None and part.hold.value > 0:
        back = pool.recommended(load / part.hold.value, part.hold.value, wanted)
        row |= {"used_after": back.utilisation, "most_per_s": back.most_per_s_at_target / part.tries}
    return row


def _slots(load: float, wanted: float) -> float:
    return float(little.slots_for(load, wanted))


def _amount(load: float, wanted: float) -> float:
    return load / wanted


def _otherwise(part: Resource) -> Machine:
    """A change without a size."""
    nothing = dict.fromkeys(("key", "from", "carries", "to", "unit", "multiple", "used_after", "most_per_s"))
    return {"resource": part.id, "title": part.title, "change": "another way", "what": part.remedy, **nothing}


def _scaled(inputs: Inputs, part: Resource, key: str, load: float, wanted: float, inverse: bool) -> Iterator[Machine]:
    """An input that the moving part of the load rises (or, as slots do, falls) with in proportion."""
    entry, moving = inputs.get(key), load - part.fixed
    just, room = part.capacity.value - part.fixed, part.capacity.value * wanted - part.fixed
    if entry is None or entry.value <= 0 or moving <= 0 or room <= 0:
        return
    if inverse:
        work = moving * entry.value  # seconds of it, as so many jobs of a second each
        sizes = [float(window.slots_for(work, 1.0, limit)) for limit in (just, room)]
        after = used(part.fixed + window.duration(work, 1.0, sizes[1]), part.capacity.value)
    else:
        sizes = [little.longest_hold(limit, moving / entry.value) for limit in (just, room)]
        after = wanted
    words = "slots" if inverse else "hold time"
    yield _row(part, words, key, entry.value, sizes[0], sizes[1], entry.unit, after)


def _smaller_pools(inputs: Inputs, part: Resource, key: str, wanted: float) -> Iterator[Machine]:
    """Smaller pools, where what all processes open together is too much: none when not even one each fits."""
    size, processes = inputs.get(key), inputs.get("postgres.instances")
    if size is None or processes is None or processes.value <= 0:
        return
    just, to = (pool.largest_pool(processes.value, part.capacity.value * share) for share in (1.0, wanted))
    if to >= 1:
        after = used(pool.opened(processes.value, to), part.capacity.value)
        yield _row(part, "pools", key, size.value, float(just), float(to), size.unit, after)


def _row(
    part: Resource, change: str, key: str, now: float, carries: float, to: float, unit: str, after: float
) -> Machine:
    return {
        "resource": part.id,
        "title": part.title,
        "change": change,
        "key": key or None,
        "what": title_of(key) if key else part.title,
        "from": now,
        "carries": carries,
        "to": to,
        "unit": unit,
        "multiple": to / now if now else None,
        "used_after": after,
        "most_per_s": None,
    }
