"""What piles up in the database: rows to the size at which a table is partitioned, sequences, transaction ids."""

from dataclasses import replace

from reviews.capacity.figure import plain
from reviews.capacity.inputs import Figure
from reviews.capacity.resource import Resource
from reviews.capacity.resources.base import Found, Scene, draft, put
from reviews.risk.matrix import Grade

COMPONENT = "postgres"
# PostgreSQL stops taking writes 3,000,000 ids before the counter wraps at 2^31: "Preventing Transaction ID Wraparound
# Failures" (https://www.postgresql.org/docs/current/routine-vacuuming.html).
LAST_XID = 2**31 - 3_000_000
LARGEST = 3
SMALLER = "partitions by time, or old rows that leave the table"


def found(scene: Scene) -> Found:
    """The largest tables, where somebody knows how large one may be; all sequences that were sent; all databases."""
    tables = sorted(scene.names("table"), key=lambda name: (-_rows(scene, name), name))
    own = [name for name in tables if scene.inputs.get(f"table.{name}.limit_rows")]
    for name in dict.fromkeys([*own, *tables[:LARGEST]]):
        yield from _table(scene, name)
    for name in scene.names("sequence")[:LARGEST]:
        yield from _sequence(scene, name)
    for name in scene.names("xids"):
        yield from _xids(scene, name)


def _rows(scene: Scene, name: str) -> float:
    entry = scene.inputs.get(f"table.{name}.rows")
    return entry.value if entry else 0.0


def _table(scene: Scene, name: str) -> Found:
    inputs, path, component = scene.inputs, f"table.{name}", f"table {name}"
    limit = f"{path}.limit_rows" if inputs.get(f"{path}.limit_rows") else "tables.limit_rows"
    if inputs.get(limit) is None and inputs.get(f"{path}.rows_per_day") is None:
        return
    if inputs.get(limit) is None:
        limit = f"{path}.limit_rows"
    part = draft(f"table:{name}", f"Rows of {name}", "table", component, _driver(scene, component), critical=False)
    part = replace(part, remedy=SMALLER)
    yield from scene.piles(part, plain(inputs, limit), plain(inputs, f"{path}.rows"), f"{path}.rows_per_day")


def _driver(scene: Scene, component: str) -> str:
    """The table's own driver, else that of the database."""
    own = any(component in driver.moves for driver in scene.stated.drivers)
    return scene.driver_of(component if own else COMPONENT)


def _sequence(scene: Scene, name: str) -> Found:
    inputs, path = scene.inputs, f"sequence.{name}"
    part = draft(
        f"sequence:{name}", f"Numbers of {name}", "table", COMPONENT, scene.driver_of(COMPONENT), critical=True
    )
    part = replace(part, remedy="a column and a sequence of bigint")
    limit, last = plain(inputs, f"{path}.max_value", part.title), plain(inputs, f"{path}.last_value", part.title)
    yield from scene.piles(part, limit, last, f"{path}.per_day")


def _xids(scene: Scene, name: str) -> Found:
    age = plain(scene.inputs, f"xids.{name}.age")
    if not isinstance(age, Figure):
        return
    part: Resource = draft(f"xids:{name}", f"Transaction ids of {name}", "table", COMPONENT, "", critical=True)
    words = "2^31 − 3,000,000: where PostgreSQL stops taking writes"
    limit = Figure(LAST_XID, LAST_XID, LAST_XID, "1", Grade.MEASURED, words, ())
    note = "Vacuum brings it down again; only what holds vacuum up lets it rise to the limit."
    yield from put(replace(part, note=note, remedy="whatever holds vacuum up taken away"), limit, age, age)
