"""The transaction id counter nears its end and PostgreSQL says so."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.shapes import Above, Standing, Wording, as_server

RULE = Rule(
    id="PG016",
    slug="wraparound-risk",
    area="postgres",
    mechanism="wraparound-risk",
    title="Transaction ids are about to run out",
    needs=(("pg.log.server", "wraparound_warnings"),),
    threshold=Threshold(
        0,
        "1",
        "PostgreSQL warns at 40 million ids left and stops taking writes at 3 million; a warning is already late.",
        "PostgreSQL documentation, preventing transaction ID wraparound failures",
    ),
    degradation=1.0,
    why="The database has almost used up its transaction numbers because clean-up could not run. If nothing is done it "
    "stops taking orders until it has been repaired by hand.",
    fix=(
        "Find and end what holds the horizon: old transactions, prepared transactions, replication slots.",
        "Run VACUUM (FREEZE) on the oldest tables, largest age first, as a superuser.",
        "Raise the autovacuum cost limit, so that freezing keeps up.",
        "Alert when age(datfrozenxid) passes one billion.",
    ),
    first_slice=FirstSlice("End what holds the horizon and freeze the oldest table", 6),
    effort=Effort(0.5, 1, 3),
    removes=0.95,
    verify="age(datfrozenxid) is below 500 million in every database.",
    rollback="VACUUM can be stopped at any time; what it has frozen stays good.",
    references=(
        "PostgreSQL, Preventing Transaction ID Wraparound Failures "
        "https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND",
    ),
    check=Above(
        kind="pg.log.server",
        metric="wraparound_warnings",
        subject=as_server("postgres"),
        wording=Wording(
            title="PostgreSQL warns of transaction id wraparound",
            said="PostgreSQL warned that a database must be vacuumed before its transaction ids run out ({value} in "
            "the log, limit none).",
            snippet="SELECT c.oid::regclass AS relation, age(c.relfrozenxid) AS age FROM pg_class c\n"
            "    WHERE c.relkind IN ('r', 'm', 't') ORDER BY age DESC LIMIT 20;",
        ),
        standing=Standing(shared=True),
    ),
)
