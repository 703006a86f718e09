"""Statements run for minutes and nothing stops them, or nothing would."""

from collections.abc import Iterator
from dataclasses import replace

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.database import is_used, setting
from telemetry.rules.numbers import Told, largest, shown
from telemetry.rules.statements import LOG, STAT, Statement, statements

_ORDINARY = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"})


_TIMEOUTS = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Ordinary statements only: maintenance may take its time, and a server that cancels has a timeout.

    Without such a statement the settings decide, on a server that is in use; roles may have timeouts of their own.
    """
    server, default = largest(evidence.of("pg.log.server"), "timeouts"), setting(evidence, "statement_timeout")
    is_set = default is not None and default.metrics.get("ms", 0.0) > 0
    if is_set or (server is not None and server.metrics["timeouts"] > 0):
        return
    ordinary = [row for one in statements(evidence) if one.verb in _ORDINARY for row in _longest(one)]
    longest = largest(ordinary, "max_ms")
    if longest is not None and longest.metrics["max_ms"] > threshold.value:
        yield _hit(longest, server, threshold.value)
    elif default is not None:
        yield from _by_settings(evidence, threshold.value)
    elif not (evidence.has(STAT, "max_ms") or evidence.has(LOG, "max_ms")):
        yield CannotTell("pg_settings with statement_timeout, or pg_stat_statements")


def _by_settings(evidence: EvidenceSet, limit: float) -> Iterator[Hit | CannotTell]:
    """None of the timeouts is set for the whole server."""
    rows = [row for name in _TIMEOUTS if (row := setting(evidence, name)) is not None and "ms" in row.metrics]
    unset = [row for row in rows if row.metrics["ms"] <= 0]
    if not {"statement_timeout", "idle_in_transaction_session_timeout"} <= {row.subject for row in unset}:
        return
    if not is_used(evidence):
        yield CannotTell("statistics or a log of a server in use: a development database needs no timeouts")
        return
    told = Told()
    names = " and ".join(row.subject for row in unset[:2])
    said = f"{names} are {told(unset[0], 'ms')}, which means never: no statement is stopped after {shown(limit, 'ms')}"
    told.also(unset[1], "ms")
    # Nothing has run for long: a precaution that is missing on most servers, and no more than that.
    yield replace(
        _of_server(told, f"{said}, unless its role has a limit of its own.", limit, ()), shared=False, degradation=0.1
    )


def _longest(statement: Statement) -> list[Evidence]:
    return [row for kind in (STAT, LOG) if (row := statement.rows.get(kind)) is not None]


def _hit(row: Evidence, server: Evidence | None, limit: float) -> Hit:
    told, tables = Told(), tuple(row.attrs.get("tables") or ())
    said = (
        f"A {row.attrs.get('verb')} on {tables[0] if tables else 'the database'} ran for {told(row, 'max_ms')} (limit "
        f"{shown(limit, 'ms')}) and nothing stopped it"
    )
    if server is not None:
        said += f"; the log shows {told(server, 'timeouts')} statements ended by a timeout"
    return _of_server(told, said + ".", limit, tables)


def _of_server(told: Told, said: str, limit: float, tables: tuple[str, ...]) -> Hit:
    return Hit(
        subject=Subject("server", "postgres"),
        title="No timeout stops long statements",
        said=said,
        cites=told.cites,
        limit=limit,
        tables=tables,
        shared=True,
        snippet="-- for the role of the application; migrations and reports get a role of their own\n"
        "ALTER ROLE CURRENT_USER SET statement_timeout = '30s';\n"
        "ALTER ROLE CURRENT_USER SET lock_timeout = '5s';\n"
        "ALTER ROLE CURRENT_USER SET idle_in_transaction_session_timeout = '60s';",
    )


RULE = Rule(
    id="PG019",
    slug="missing-timeouts",
    area="postgres",
    mechanism="missing-timeouts",
    title="No timeout stops long statements",
    needs=(),
    needs_any=((STAT, "max_ms"), (LOG, "max_ms"), ("pg.setting", "ms")),
    threshold=Threshold(
        60_000,
        "ms",
        "No visitor waits for a minute; a statement that still runs then works for nobody and holds its locks.",
        "PgHero, long running queries (60 s)",
    ),
    degradation=0.3,
    why="One runaway statement can hold locks and connections for as long as it likes. A limit turns it into one "
    "failed request instead of an outage.",
    fix=(
        "Set statement_timeout, lock_timeout and idle_in_transaction_session_timeout for the application's role.",
        "Give migrations, reports and maintenance roles of their own with longer limits.",
        "Watch for SQLSTATE 57014 for a week and mend what hits the limit.",
    ),
    first_slice=FirstSlice("Set the three timeouts for the application's role", 2),
    effort=Effort(0.25, 0.5, 1),
    removes=0.7,
    verify="SHOW statement_timeout as the application's role is not 0.",
    rollback="ALTER ROLE ... RESET statement_timeout; it holds for new sessions.",
    references=(
        "PostgreSQL, statement_timeout "
        "https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT",
    ),
    check=check,
)
