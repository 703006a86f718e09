"""The database: connections it allows, slots of the pools in front of it, its processor, its disk."""

from dataclasses import replace

from reviews.capacity.figure import figure, missing, plain
from reviews.capacity.formulas.little import in_flight
from reviews.capacity.formulas.pool import allowed, opened, start_size
from reviews.capacity.inputs import Figure, Missing
from reviews.capacity.resources.base import ALL, OPENED, Found, Scene, draft, moving, one, product, put
from reviews.risk.matrix import Grade

COMPONENT = "postgres"
CONNECTIONS = ("postgres.max_connections", "postgres.reserved_connections")
HELD = (
    "Connections are assumed to grow with load, so this is the earliest: pools open them, and hold them. "
    "State those that do not grow."
)


def found(scene: Scene) -> Found:
    """Silent when neither evidence nor stack speaks of PostgreSQL."""
    if scene.has(COMPONENT, "postgres", "supabase", "neon", "rds"):
        yield from _connections(scene)
        yield from _pool(scene)
        yield from _processor(scene)
        yield from _disk(scene)
    if scene.has("pooler", "pgbouncer"):
        yield from _pooler_clients(scene)


def _allowed(scene: Scene) -> Figure | Missing:
    if scene.inputs.get(CONNECTIONS[1]) is None:
        return plain(scene.inputs, CONNECTIONS[0], "Database connections")
    return figure(scene.inputs, "Database connections", "1", "max_connections − reserved", CONNECTIONS, allowed)


def _connections(scene: Scene) -> Found:
    """What was seen; where only pools are known, what they may open, which no load moves.

    Seen at one load they do not tell which of them load moves: pools open and hold them, a pooler keeps clients off.
    """
    inputs, title = scene.inputs, "Database connections"
    part = draft("postgres:connections", title, "connections", COMPONENT, scene.driver_of(COMPONENT), critical=True)
    pools = ("postgres.instances", "postgres.pool_size")
    if inputs.get("postgres.connections") is None and all(inputs.get(key) for key in pools):
        most = figure(inputs, title, "1", "processes × connections of each pool", pools, opened)
        note = "Pools bound what is opened: more users do not move it, more processes do."
        yield from put(replace(part, driver="", note=note), _allowed(scene), most, most)
        return
    fixed = one(plain(inputs, "postgres.connections_fixed"))
    part = replace(part, note=HELD, follows=Grade.ASSUMED) if fixed is None else replace(part, fixed=fixed.value)
    mean = _growing(scene, "postgres.connections") if inputs.get("postgres.connections") else None
    yield from put(part, _allowed(scene), mean, _growing(scene, "postgres.connections_peak"))


def _growing(scene: Scene, key: str) -> Figure | Missing:
    """Connections that load moves: all of them, unless somebody states which it does not."""
    title, fixed = "Database connections", "postgres.connections_fixed"
    if scene.inputs.get(fixed) is None:
        return plain(scene.inputs, key, title)
    return figure(scene.inputs, title, "1", "open − what does not grow", (key, fixed), moving)


def _pool(scene: Scene) -> Found:
    """Slots of the pools against the connections at work (Little's law): a pooler's own where there is one."""
    inputs, title = scene.inputs, "Connection pool"
    part = draft("postgres:pool", title, "pool", COMPONENT, scene.driver_of(COMPONENT), critical=True)
    if inputs.get("pooler.pool_size"):
        slots = plain(inputs, "pooler.pool_size", title)
    else:
        pools = ("postgres.pool_size", "postgres.instances")
        slots = figure(inputs, title, "1", "connections of each pool × processes", pools, opened)
    if inputs.get("postgres.hold_s"):
        hold: Figure | Missing = plain(inputs, "postgres.hold_s")
        words = "requests a second × time a request holds a connection (Little's law)"
        mean = figure(inputs, title, "1", words, ("http.rps_mean", "postgres.hold_s"), in_flight)
        peak = figure(inputs, title, "1", words, ("http.rps_peak", "postgres.hold_s"), in_flight)
    else:
        hold = figure(inputs, title, "s", "time of a statement", ("postgres.query_ms",), _seconds)
        mean, peak = plain(inputs, "postgres.busy", title), plain(inputs, "postgres.busy_peak", title)
        if inputs.get("postgres.busy") is None:
            mean = missing(title, ("postgres.busy", "postgres.hold_s"))  # either would do
    yield from put(replace(part, hold=one(hold), note=_budget(scene, slots)), slots, mean, peak)


def _budget(scene: Scene, slots: Figure | Missing) -> str:
    """What its cores do well at once, where the slots are more than that."""
    cores = scene.inputs.get("postgres.cores")
    if cores is None or isinstance(slots, Missing) or cores.value < 1:
        return ""
    start = start_size(round(cores.value))
    words = f"{cores.value:g} cores work well on some {start} statements at once (2 × cores + 1: a start, to be tested)"
    return f"{words}; beyond that they wait inside the database instead of in the pool." if slots.value > start else ""


def _seconds(ms: float) -> float:
    return ms / 1000


def _pooler_clients(scene: Scene) -> Found:
    part = draft(
        "pooler:clients", "Clients of the pooler", "clients", "pooler", scene.driver_of("pooler"), critical=True
    )
    part = replace(part, note=OPENED, follows=Grade.ASSUMED)
    limit = plain(scene.inputs, "pooler.max_clients", part.title)
    words = "clients now × peak factor of the requests"
    peak = figure(scene.inputs, part.title, "1", words, ("pooler.clients", "http.peak_factor"), product)
    yield from put(part, limit, plain(scene.inputs, "pooler.clients"), peak)


def _processor(scene: Scene) -> Found:
    part = draft(
        "postgres:cpu", "Processor of the database", "cpu", COMPONENT, scene.driver_of(COMPONENT), critical=True
    )
    peak = plain(scene.inputs, "postgres.cpu_busy_max", part.title)
    mean = plain(scene.inputs, "postgres.cpu_busy_mean", part.title)
    yield from put(part, ALL, mean, peak)


def _disk(scene: Scene) -> Found:
    """The disk that a provider names; its growth where sizes were sent twice."""
    inputs = scene.inputs
    if inputs.get("postgres.disk_bytes") is None and inputs.get("postgres.disk_free_bytes") is None:
        return
    part = draft("postgres:disk", "Disk of the database", "disk", COMPONENT, scene.driver_of(COMPONENT), critical=True)
    keys = ("postgres.disk_bytes", "postgres.disk_free_bytes")
    used = figure(inputs, part.title, "bytes", "size − free", keys, _used)
    yield from scene.piles(part, plain(inputs, keys[0], part.title), used, "postgres.bytes_per_day")


def _used(size: float, free: float) -> float:
    return max(0.0, size - free)
