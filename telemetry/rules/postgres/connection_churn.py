"""An application opens a new connection for each request."""

from collections.abc import Iterator
from dataclasses import replace

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.shapes import Above, Standing, Wording, as_kind

SHORT_S = 1.0
ENOUGH = 100
EVERY = 0.5  # connections for each request: from here on most requests open their own


def _is_short(row: Evidence) -> bool:
    """Sessions end within a second: a pool's connections live for minutes."""
    return row.metrics.get("session_median_s", SHORT_S) < SHORT_S and row.metrics.get("connections", 0) >= ENOUGH


_ABOVE = Above(
    kind="pg.log.application",
    metric="connections_per_min",
    subject=as_kind("application"),
    wording=Wording(
        title="{name} opens a connection per request",
        said="{name} opens {value} connections a minute (limit {limit}), {connections} in all, and half of them "
        "end within {session_median_s}.",
    ),
    standing=Standing(breach=False),
    where=_is_short,
)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit per application; where it opens about one for each request of the access log, every page pays for it."""
    requests = sum(row.metrics["requests"] for row in evidence.having("http.server", "requests"))
    for hit in _ABOVE(evidence, threshold):
        if isinstance(hit, Hit):
            every = requests > 0 and hit.cites[0].evidence.metrics["connections"] >= EVERY * requests
            yield replace(hit, shared=every)


RULE = Rule(
    id="PG007",
    slug="connection-churn",
    area="postgres",
    mechanism="connection-churn",
    title="Every request opens its own connection",
    needs=(("pg.log.application", "connections_per_min"), ("pg.log.application", "session_median_s")),
    threshold=Threshold(
        60,
        "1/min",
        "More than one new connection a second that lives for less than a second: the connection is part of the "
        "request.",
        "House limit; PostgreSQL starts a process for each connection (documentation, how connections are established)",
    ),
    degradation=0.3,
    why="Opening a database connection costs more than most queries. Without a pool each page pays for it, and a burst "
    "of visitors can use up all connections at once.",
    fix=(
        "Create one pool per process at start-up and lease connections from it.",
        "On serverless functions use the provider's pooled address, with a pool of one per instance.",
        "Set an idle timeout of minutes, so that connections outlive a request.",
    ),
    first_slice=FirstSlice("Switch the connection string to the pooled address", 3),
    effort=Effort(0.25, 0.75, 2),
    removes=0.9,
    verify="New connections of this application fall below ten a minute with log_connections on.",
    rollback="Point the connection string back to the direct address.",
    references=(
        "PostgreSQL, How Connections Are Established https://www.postgresql.org/docs/current/connect-estab.html",
        "PgBouncer, Features https://www.pgbouncer.org/features.html",
    ),
    check=check,
)
