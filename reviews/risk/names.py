"""What a hit names: routes, tables, queues and statements, written so that two files' names for one thing are equal."""

from functools import lru_cache

from telemetry.routes import route_of
from telemetry.rules.base import Hit
from telemetry.rules.code_tables import stem

STATEMENT_KINDS = ("pg.stat.statement", "pg.log.statement", "pg.log.temp", "pg.log.lock", "pg.log.plan", "trace.query")


@lru_cache(maxsize=8_192)
def route_name(route: str) -> str:
    """A route's template without its method, lower case."""
    return route_of(route.strip().rsplit(" ", 1)[-1]).lower()


def table_name(name: str) -> str:
    """A table without its quotes, its columns and the schema public."""
    return name.split("(", 1)[0].replace('"', "").strip().lower().removeprefix("public.")


@lru_cache(maxsize=8_192)
def same_table(one: str, other: str) -> bool:
    """Whether two files mean one table: the database says orders or billing.orders, Prisma says Order."""
    return stem(table_name(one)) == stem(table_name(other))


def routes_of(hit: Hit) -> tuple[str, ...]:
    """Routes a hit touches, its subject included."""
    return _with_subject(hit, "route", hit.routes)


def tables_of(hit: Hit) -> tuple[str, ...]:
    """Tables a hit touches, its subject included (which may be "orders(customer_id)" or "orders, payments")."""
    names = [part for name in _with_subject(hit, "table", hit.tables) for part in name.split("(", 1)[0].split(",")]
    return tuple(dict.fromkeys(table_name(name) for name in names))


def queues_of(hit: Hit) -> tuple[str, ...]:
    """Queues a hit touches, its subject included."""
    return _with_subject(hit, "queue", hit.queues)


def fingerprints(hit: Hit) -> set[str]:
    """The statements a hit cites."""
    return {cite.evidence.subject for cite in hit.cites if cite.evidence.kind in STATEMENT_KINDS}


def _with_subject(hit: Hit, kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    own = (hit.subject.name,) if hit.subject.kind == kind else ()
    return tuple(dict.fromkeys(own + names))
