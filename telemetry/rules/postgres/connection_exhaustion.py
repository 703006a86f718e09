"""The server refused connections because all slots were taken."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.reported import NEED, Reported
from telemetry.rules.shapes import Above, Standing, Wording, as_server

RULE = Rule(
    id="PG006",
    slug="connection-exhaustion",
    area="postgres",
    mechanism="connection-exhaustion",
    title="PostgreSQL refuses connections",
    needs=(),
    needs_any=(("pg.log.server", "too_many_connections"), NEED),
    threshold=Threshold(
        0,
        "1",
        "Every refused connection is a request that failed; there is no healthy number of them.",
        "pganalyze Log Insights, out of connections (SQLSTATE 53300)",
    ),
    degradation=0.6,
    why="When all database connections are in use, the next visitor gets an error, whatever page it is. It happens at "
    "the peak, when it costs most.",
    fix=(
        "Count connections by application at the peak and compare instances x pool size with max_connections.",
        "Put a transaction pooler (PgBouncer, or the provider's own) between the application and the database.",
        "Lower the pool of each instance, and let requests wait for a connection for a bounded time.",
        "Alert at 80 % of max_connections.",
    ),
    first_slice=FirstSlice("Cap the pool of each instance so that the sum stays below max_connections", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.9,
    verify="No SQLSTATE 53300 in the log over a business peak, and connections stay under 80 % of the limit.",
    rollback="Point the application back to the database's own port; the pooler holds no data.",
    references=(
        "PostgreSQL, max_connections https://www.postgresql.org/docs/current/runtime-config-connection.html",
        "PgBouncer, Features https://www.pgbouncer.org/features.html",
    ),
    check=Reported(
        check=Above(
            kind="pg.log.server",
            metric="too_many_connections",
            subject=as_server("postgres"),
            wording=Wording(
                title="PostgreSQL ran out of connections",
                said="Connections that PostgreSQL refused because all its slots were taken: {value} (limit none); "
                "each was a request that failed.",
                also=("connections_received", "connections_per_min"),
                snippet="SELECT application_name, usename, state, count(*) AS connections\n"
                "    FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY connections DESC;",
            ),
            standing=Standing(shared=True),
        ),
        witnesses=(("pg.log.server", "too_many_connections"),),
        cause="connections_refused",
        subject=Subject("server", "postgres"),
        title="PostgreSQL ran out of connections",
        said="the server refused a connection because all were taken",
    ),
)
