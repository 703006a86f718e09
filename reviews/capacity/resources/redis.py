"""Redis: memory, clients, and the one thread that runs all commands."""

from dataclasses import replace

from reviews.capacity.figure import figure, missing, plain
from reviews.capacity.inputs import Figure, Missing
from reviews.capacity.resource import Resource
from reviews.capacity.resources.base import ALL, OPENED, Found, Scene, draft, product, put
from reviews.risk.matrix import Grade

COMPONENT = "redis"
DAY_S = 86_400
# What is thrown away hides what it would need, so that no size can be said.
APART = "a store of its own that never throws away (noeviction), for what must not be lost"


def found(scene: Scene) -> Found:
    """Silent when neither evidence nor stack speaks of Redis or of a queue that lives in it."""
    if scene.has(COMPONENT, "redis", "valkey", "upstash", "bullmq", "sidekiq"):
        yield from _memory(scene)
        yield from _clients(scene)
        yield from _thread(scene)


def _memory(scene: Scene) -> Found:
    """By its policy: at its limit Redis refuses writes (noeviction), or throws keys away, also those of jobs."""
    inputs = scene.inputs
    part = draft("redis:memory", "Memory of Redis", "memory", COMPONENT, scene.driver_of(COMPONENT), critical=True)
    limit, used = plain(inputs, "redis.maxmemory", part.title), plain(inputs, "redis.used_memory", part.title)
    if inputs.get("redis.evicts") is None:
        yield missing(part.title, ("redis.evicts",))
        return
    part = _at_limit(scene, part)
    if inputs.get("redis.growth_bytes_per_s"):
        yield from scene.piles(part, limit, used, "redis.growth_bytes_per_s", DAY_S)
        return
    most = plain(inputs, "redis.peak_memory") if inputs.get("redis.peak_memory") else used
    yield from put(replace(part, driver=""), _by_policy(limit), used, most)


def _by_policy(limit: Figure | Missing) -> Figure | Missing:
    return limit if isinstance(limit, Missing) else replace(limit, uses=(*limit.uses, "redis.evicts"))


def _at_limit(scene: Scene, part: Resource) -> Resource:
    evicts, jobs = (scene.inputs.get(key) for key in ("redis.evicts", "redis.holds_jobs"))
    if evicts is None or evicts.value == 0:
        return replace(part, note="At its limit it refuses writes (noeviction).")
    if jobs is not None and jobs.value > 0:
        note = "At its limit it throws keys away, those of waiting jobs too; that hides how much it would need."
        return replace(part, note=note, when_full="loses data", remedy=APART)
    note = "At its limit it throws keys away; a cache only gets slower by that."
    return replace(part, critical=False, note=note)


def _clients(scene: Scene) -> Found:
    """Connections are opened by processes; that users open them is the earliest the limit can be reached."""
    part = draft("redis:clients", "Clients of Redis", "clients", COMPONENT, scene.driver_of(COMPONENT), critical=True)
    part = replace(part, note=OPENED, follows=Grade.ASSUMED)
    keys = ("redis.clients", "http.peak_factor")
    peak = figure(scene.inputs, part.title, "1", "clients now × peak factor of the requests", keys, product)
    yield from put(
        part, plain(scene.inputs, "redis.maxclients", part.title), plain(scene.inputs, keys[0], part.title), peak
    )


def _thread(scene: Scene) -> Found:
    inputs = scene.inputs
    part = draft("redis:thread", "Redis' one thread", "cpu", COMPONENT, scene.driver_of(COMPONENT), critical=True)
    mean = plain(inputs, "redis.busy", part.title)
    words = "time of all commands ÷ time, × peak factor of the requests"
    peak = figure(inputs, part.title, "share", words, ("redis.busy", "http.peak_factor"), product)
    yield from put(part, ALL, mean, peak)
