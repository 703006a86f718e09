"""Rows of pg_locks: what is held, what is waited for, and who holds what others want."""

from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.pg_times import age_s, newest
from telemetry.parsers.readers import Row

MAX_OBJECTS = 200
# What names one locked thing; processes that name the same one may stand in each other's way.
_IDENTITY = (
    *("locktype", "database", "relation", "relname", "page", "tuple"),
    *("virtualxid", "transactionid", "classid", "objid", "objsubid"),
)
_FLAGS = {"t": True, "true": True, "f": False, "false": False}

Fields = dict[str, str]


@dataclass(slots=True)
class _Count:
    """Locks on the server or on one object."""

    first: Row
    held: int = 0
    waiting: int = 0
    longest: tuple[float, Row] | None = None
    modes: dict[bool, set[str]] = field(default_factory=lambda: {True: set(), False: set()})

    def add(self, row: Row, fields: Fields, granted: bool, waited: float | None) -> None:
        self.held += granted
        self.waiting += not granted
        if fields.get("mode"):
            self.modes[granted].add(fields["mode"])
        if waited is not None and (self.longest is None or waited > self.longest[0]):
            self.longest = (waited, row)

    def metrics(self) -> dict[str, float]:
        metrics = {"held": float(self.held), "waiting": float(self.waiting)}
        return metrics | ({"wait_max_s": self.longest[0]} if self.longest else {})

    def places(self, result: ParseResult) -> dict[str, Place]:
        if not self.longest:
            return {}
        return {"wait_max_s": readers.place(self.longest[1].line, self.longest[1].text, result)}


def read_locks(rows: list[tuple[Row, Fields]], result: ParseResult) -> None:
    """One row for the server, one for each thing that is locked; the most wanted first, at most 200."""
    now = newest(fields for _, fields in rows)
    server: _Count | None = None
    objects: dict[str, _Count] = {}
    holders: dict[tuple[str, ...], set[str]] = {}
    wanted: list[tuple[tuple[str, ...], str]] = []
    for row, fields in rows:
        granted = _FLAGS.get(fields["granted"].lower())
        if granted is None or not fields["pid"].isdigit():
            readers.reject(row, result)
            continue
        waited = None if granted else age_s(fields.get("waitstart") or fields.get("query_start", ""), now)
        server = server or _Count(row)
        server.add(row, fields, granted, waited)
        objects.setdefault(_name(fields), _Count(row)).add(row, fields, granted, waited)
        identity = tuple(fields.get(name, "") for name in _IDENTITY)
        if granted:
            holders.setdefault(identity, set()).add(fields["pid"])
        else:
            wanted.append((identity, fields["pid"]))
    if server is None:
        return
    waiters = {pid for _, pid in wanted}
    blockers = {pid for identity, waiter in wanted for pid in holders.get(identity, ()) if pid != waiter} - waiters
    counts = {"processes_waiting": float(len(waiters)), "processes_blocking": float(len(blockers))}
    place = readers.place(server.first.line, server.first.text, result)
    result.evidence.append(Evidence("pg.locks", "server", server.metrics() | counts, place, server.places(result)))
    _add_objects(objects, result)
    result.records = server.held + server.waiting
    result.first = result.last = now
    result.totals = {"locks": result.records, "waiting": server.waiting}
    if any(count.waiting and not count.longest for count in objects.values()):
        result.notes.append(
            "How long some waits last is not in the file: it needs waitstart or query_start, and now()."
        )


def _name(fields: Fields) -> str:
    """The relation, by its number where the query did not look its name up; else the type of the lock."""
    relation = fields.get("relname") or fields.get("relation", "")
    if relation:
        return f"relation {relation}" if relation.isdigit() else relation.removeprefix("public.")
    return fields.get("locktype") or ("transactionid" if fields.get("transactionid") else "unnamed")


def _add_objects(objects: dict[str, _Count], result: ParseResult) -> None:
    ordered = sorted(objects, key=lambda name: (-objects[name].waiting, -objects[name].held, name))
    for name in ordered[:MAX_OBJECTS]:
        count = objects[name]
        attrs = {"modes_held": sorted(count.modes[True]), "modes_waiting": sorted(count.modes[False])}
        place = readers.place(count.first.line, count.first.text, result)
        subject = readers.quote(name, result)
        result.evidence.append(
            Evidence("pg.locks.object", subject, count.metrics(), place, count.places(result), attrs)
        )
    if len(ordered) > MAX_OBJECTS:
        result.notes.append(f"{len(ordered) - MAX_OBJECTS:,} further relations are locked; they count for the server.")
