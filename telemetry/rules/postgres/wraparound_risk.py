"""The transaction id counter nears its end: PostgreSQL says so, or the age of a database does."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import Above, Standing, Wording, as_server, first_of

USABLE = 2**31  # ids until the oldest and the newest meet; writes stop three million before
OLD = USABLE / 2
_SNIPPET = (
    "SELECT c.oid::regclass AS relation, age(c.relfrozenxid) AS age FROM pg_class c\n"
    "    WHERE c.relkind IN ('r', 'm', 't') ORDER BY age DESC LIMIT 20;"
)


def _by_age(evidence: EvidenceSet, _: Threshold) -> Iterator[Hit]:
    """One hit per database or table whose oldest id used half of all."""
    rows = [(row, metric) for metric in ("xids", "multixacts") for row in worst_each(evidence.of("pg.age"), metric)]
    told_of: set[str] = set()
    for row, metric in rows:
        if row.metrics[metric] > OLD and row.subject not in told_of:
            told_of.add(row.subject)
            yield _of_age(row, metric)


def _of_age(row: Evidence, metric: str) -> Hit:
    told = Told()
    what = "transaction" if metric == "xids" else "multixact"
    said = (
        f"The oldest {what} id of {row.subject} is {told(row, metric)} behind (limit {shown(OLD, '1')}); half of all "
        "ids are used up and freezing does not keep up."
    )
    told.also(row, "xids", "multixacts")
    used = row.metrics[metric] / USABLE
    return Hit(
        subject=Subject("database", row.subject),
        title=f"Transaction ids of {row.subject} grow old",
        said=said,
        cites=told.cites,
        limit=OLD,
        breach=used >= 1,
        utilisation=used if used < 1 else None,
        shared=True,
        snippet=_SNIPPET,
    )


RULE = Rule(
    id="PG016",
    slug="wraparound-risk",
    area="postgres",
    mechanism="wraparound-risk",
    title="Transaction ids are about to run out",
    needs=(),
    needs_any=(("pg.log.server", "wraparound_warnings"), ("pg.age", "xids"), ("pg.age", "multixacts")),
    threshold=Threshold(
        0,
        "1",
        "PostgreSQL warns at 40 million ids left and stops taking writes at 3 million; a warning is already late. "
        "Without "
        "one, half of the two billion ids.",
        "PostgreSQL documentation, preventing transaction ID wraparound failures; pganalyze and pgEdge (50 %)",
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
    check=first_of(
        Above(
            kind="pg.log.server",
            metric="wraparound_warnings",
            subject=as_server("postgres"),
            wording=Wording(
                title="PostgreSQL warns of transaction id wraparound",
                said="PostgreSQL warned that a database must be vacuumed before its transaction ids run out "
                "({value} in "
                "the log, limit none).",
                snippet=_SNIPPET,
            ),
            standing=Standing(shared=True),
        ),
        _by_age,
    ),
)
