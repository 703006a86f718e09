"""The database log leaves out what explains an outage."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown

# Any server checkpoints and is connected to within an hour; locks and temporary files may truly not have happened.
# Connections alone are left out by every server as it is shipped, and explain an outage only where they churn.
_ALWAYS = {"checkpoints": "log_checkpoints", "connections_received": "log_connections"}
_SHIPPED_OFF = ["log_connections"]


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """What every server does within an hour and this log does not show is switched off."""
    rows = [row for row in evidence.of("pg.log.server") if "window_s" in row.metrics]
    if any(_off(row) in ([], _SHIPPED_OFF) for row in rows):
        return
    row = largest(rows, "window_s")
    if row is None:
        return
    if row.metrics["window_s"] <= threshold.value:
        yield CannotTell("a PostgreSQL log of more than an hour: this one is too short to show what is switched off")
        return
    told, off = Told(), _off(row)
    said = (
        f"In {told(row, 'window_s')} (limit {shown(threshold.value, 's')}) the database log shows no line of "
        f"{' or '.join(off)}; what it leaves out cannot be judged."
    )
    told.also(row, "queries", "checkpoints", "connections_received")
    yield Hit(
        subject=Subject("input", "postgres log"),
        title="The database log leaves things out",
        said=said,
        cites=told.cites,
        limit=threshold.value,
        shared=_ALWAYS["checkpoints"] in off,  # without it more is switched off than a server does by default
        snippet="ALTER SYSTEM SET log_checkpoints = on;\nALTER SYSTEM SET log_connections = on;\n"
        "ALTER SYSTEM SET log_disconnections = on;\nALTER SYSTEM SET log_lock_waits = on;\n"
        "ALTER SYSTEM SET log_temp_files = 0;\nALTER SYSTEM SET log_autovacuum_min_duration = '1s';\n"
        "ALTER SYSTEM SET log_min_duration_statement = '200ms';\nSELECT pg_reload_conf();",
    )


def _off(row: Evidence) -> list[str]:
    return [setting for metric, setting in _ALWAYS.items() if not row.metrics.get(metric)]


RULE = Rule(
    id="OB002",
    slug="silent-database-log",
    area="observability",
    mechanism="missing-telemetry",
    title="The database log leaves things out",
    needs=(("pg.log.server", "window_s"),),
    threshold=Threshold(
        3_600,
        "s",
        "Checkpoints come every five minutes by default and applications connect within the hour; a longer log without "
        "them has them switched off.",
        "pgBadger, recommended settings; PostgreSQL default checkpoint_timeout 5 min",
    ),
    degradation=0.1,
    why="When the database is slow at night, the log will not say why: waits, disk use and connections are not written "
    "down.",
    fix=(
        "Turn on the log settings below; none needs a restart.",
        "Keep a week of logs, and send an hour of a business peak again.",
        "Watch the size of the log for a day and raise log_min_duration_statement if it is too much.",
    ),
    first_slice=FirstSlice("Turn on the log settings and reload", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.9,
    verify="An hour of log shows checkpoints, connections and, at peak, lock waits.",
    rollback="ALTER SYSTEM RESET of each setting and reload.",
    references=(
        "PostgreSQL, Error Reporting and Logging https://www.postgresql.org/docs/current/runtime-config-logging.html",
        "pgBadger, Configuration https://pgbadger.darold.net/documentation.html",
    ),
    check=check,
    enabler=True,
)
