"""How one file leads to another: from a statement, a table, a queue or a key to the routes that use it.

Every join says what it rests on and how sure that is: *measured* where the file itself names both ends (tags in a
statement, spans of a request), *derived* where the repository's code does, *stated* by the client's intake, *assumed*
where only a name or a foreign key speaks for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from reviews.risk.matrix import Grade
from reviews.risk.names import STATEMENT_KINDS, fingerprints, queues_of, route_name, routes_of, table_name, tables_of
from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Hit

# Tags that hold the address of a request. "controller" and "action" name code, which no route is called after.
ROUTE_TAGS = ("route", "path", "url", "endpoint", "target")
SERVES = frozenset({"route", "page"})


@dataclass(frozen=True, slots=True)
class Join:
    """A way from one thing to another: its name, how sure it is, and what it rests on."""

    by: str  # "finding", "tags", "trace", "application", "code", "intake", "foreign key", "key name"
    grade: Grade
    said: str


# Name of a route, table or queue (as `reviews.risk.names` writes it) → the best join that leads there.
Reached = dict[str, Join]
ORDER = "MDSA"


@dataclass(frozen=True, slots=True)
class Joins:
    """What the files say belongs together; empty sides where no file says so."""

    by_statement: Mapping[str, Reached] = field(default_factory=dict)  # fingerprint → routes
    by_table: Mapping[str, Reached] = field(default_factory=dict)  # table → routes
    by_queue: Mapping[str, Reached] = field(default_factory=dict)  # queue → routes
    by_host: Mapping[str, Reached] = field(default_factory=dict)  # third party → routes
    owners: Mapping[str, Reached] = field(default_factory=dict)  # table → tables it belongs to
    queues: frozenset[str] = frozenset()

    def routes(self, hit: Hit) -> Reached:
        """Routes that a hit touches by its own words, by its statements, tables, queues and hosts."""
        found = {route_name(name): Join("finding", Grade.MEASURED, "the finding names it") for name in routes_of(hit)}
        for name in sorted(fingerprints(hit)):
            _better(found, self.by_statement.get(name, {}))
        for table in tables_of(hit):
            _better(found, self.by_table.get(table, {}))
        for queue in self.queues_of(hit):
            _better(found, self.by_queue.get(queue, {}))
        if hit.subject.kind == "external host":
            _better(found, self.by_host.get(hit.subject.name.lower(), {}))
        return found

    def tables(self, hit: Hit) -> Reached:
        """Tables that a hit touches, and those that they belong to."""
        found = {name: Join("finding", Grade.MEASURED, "the finding names it") for name in tables_of(hit)}
        for table in tables_of(hit):
            _better(found, self.owners.get(table, {}))
        return found

    def queues_of(self, hit: Hit) -> Reached:
        """Queues that a hit touches; a pattern of keys that holds a queue's name is that queue's."""
        found = {name: Join("finding", Grade.MEASURED, "the finding names it") for name in queues_of(hit)}
        if hit.subject.kind == "key pattern":
            said = "the keys carry the queue's name"
            parts = set(hit.subject.name.replace("{", "").replace("}", "").split(":"))
            _better(found, {name: Join("key name", Grade.DERIVED, said) for name in self.queues & parts})
        return found


def joins_of(evidence: EvidenceSet) -> Joins:
    """Everything the files say about what belongs together."""
    counted = frozenset(row.subject for kind in ("queue.counts", "code.queue") for row in evidence.of(kind))
    return Joins(
        by_statement=_collected(_of_statements(evidence)),
        by_table=_collected(_of_code(evidence, "tables")),
        by_queue=_collected(_of_code(evidence, "queues")),
        by_host=_collected([*_of_code(evidence, "hosts"), *_of_hosts(evidence)]),
        owners=_collected(_of_keys(evidence)),
        queues=counted,
    )


Link = tuple[str, str, Join]


def _of_statements(evidence: EvidenceSet) -> Iterator[Link]:
    """Tags in the statement's comment, the spans of a request, an application that is named after a route."""
    for row in evidence.of("trace.query"):
        for route in _texts(row, "routes"):
            yield row.subject, route_name(route), Join("trace", Grade.MEASURED, f"spans of {route} run the statement")
    for row in (row for kind in STATEMENT_KINDS for row in evidence.of(kind)):
        for route in _tagged(row):
            said = f"a comment in the statement names {route}"
            yield row.subject, route_name(route), Join("tags", Grade.MEASURED, said)
        for name in _texts(row, "applications"):
            if name.startswith("/"):
                said = f"its connections call themselves {name}"
                yield row.subject, route_name(name), Join("application", Grade.MEASURED, said)


def _tagged(row: Evidence) -> list[str]:
    tags = row.attrs.get("tags")
    if not isinstance(tags, dict):
        return []
    return [str(tags[name]) for name in ROUTE_TAGS if "/" in str(tags.get(name, ""))]


def _of_code(evidence: EvidenceSet, what: str) -> Iterator[Link]:
    """What the code of a route touches, two calls deep."""
    for row in evidence.of("code.use"):
        if row.attrs.get("run_as") not in SERVES:
            continue
        for name in _texts(row, what):
            said = f"the code of {row.subject} ({row.file or 'repository'}) uses {name}"
            key = table_name(name) if what == "tables" else name.lower() if what == "hosts" else name
            yield key, route_name(row.subject), Join("code", Grade.DERIVED, said)


def _of_hosts(evidence: EvidenceSet) -> Iterator[Link]:
    for row in evidence.of("trace.external"):
        for route in _texts(row, "routes"):
            yield row.subject.lower(), route_name(route), Join("trace", Grade.MEASURED, f"spans of {route} call it")


def _of_keys(evidence: EvidenceSet) -> Iterator[Link]:
    """Rows that go with the row they point to (ON DELETE CASCADE) are a part of it; other keys say too little."""
    for row in evidence.of("schema.foreign_key"):
        table, owner = table_name(str(row.attrs.get("table", ""))), table_name(str(row.attrs.get("references", "")))
        if table and owner and table != owner and str(row.attrs.get("on_delete", "")).lower() == "cascade":
            yield table, owner, Join("foreign key", Grade.ASSUMED, f"rows of {table} are deleted with those of {owner}")


def _texts(row: Evidence, name: str) -> list[str]:
    value = row.attrs.get(name)
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def _collected(links: Iterable[Link]) -> dict[str, Reached]:
    found: dict[str, Reached] = {}
    for start, end, join in links:
        _better(found.setdefault(start, {}), {end: join})
    return found


def _better(found: Reached, more: Mapping[str, Join]) -> None:
    """Keep for each end the surest join; of two alike the first in the alphabet, whatever the order of the files."""
    for end, join in more.items():
        known = found.get(end)
        if known is None or _rank(join) < _rank(known):
            found[end] = join


def _rank(join: Join) -> tuple[int, bool, str]:
    return ORDER.index(join.grade.value), join.by != "finding", join.said
