"""Vacuum runs but may not remove what it finds: an old transaction or slot still needs it."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.shapes import Above, Standing, Wording, as_kind

RULE = Rule(
    id="PG018",
    slug="vacuum-held-back",
    area="postgres",
    mechanism="long-transaction",
    title="An old transaction holds vacuum back",
    needs=(("pg.log.autovacuum", "dead_left"),),
    threshold=Threshold(
        10_000,
        "1",
        "A few dead rows are always too young to remove; ten thousand left behind by one run are held by something "
        "old.",
        "awesome-prometheus-alerts, dead rows above 10,000; pganalyze, vacuum blocked by xmin horizon",
    ),
    degradation=0.3,
    why="Clean-up runs and achieves nothing, because something old still looks at the past. Tables swell and get "
    "slower until it is ended.",
    fix=(
        "Look for the oldest xmin: sessions, prepared transactions, replication slots, standby feedback.",
        "End it, and find out what opened it.",
        "Set idle_in_transaction_session_timeout, and max_slot_wal_keep_size for slots.",
    ),
    first_slice=FirstSlice("Find and end what holds the oldest xmin", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.8,
    verify="The next autovacuum of the table reports no dead rows left behind.",
    rollback="An ended session reconnects by itself; a dropped slot needs its replica to be rebuilt.",
    references=("PostgreSQL, Routine Vacuuming https://www.postgresql.org/docs/current/routine-vacuuming.html",),
    check=Above(
        kind="pg.log.autovacuum",
        metric="dead_left",
        subject=as_kind("table"),
        wording=Wording(
            title="Vacuum cannot clean {name}",
            said="Autovacuum of {name} had to leave {value} dead rows behind (limit {limit}) because something older "
            "may still need them; runs in the log: {runs}.",
            also=("elapsed_max_s",),
            snippet="SELECT pid, application_name, age(backend_xmin) AS held, state, query FROM pg_stat_activity\n"
            "    WHERE backend_xmin IS NOT NULL ORDER BY held DESC LIMIT 10;",
        ),
        standing=Standing(touches="tables"),
    ),
)
