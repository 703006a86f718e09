"""Two snapshots of one server become what happened between them; anything else is not paired."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from telemetry.across import evidence_of
from telemetry.coverage import coverage_row
from telemetry.evidence import Evidence, Place
from telemetry.joining import Part
from telemetry.kinds import KINDS
from telemetry.parsers import (
    pg_stat_checkpoints,
    pg_stat_database,
    pg_stat_statements,
    pg_stat_user_indexes,
    pg_stat_user_tables,
    pgbouncer_show,
    queue_counts,
    redis_info,
)
from telemetry.parsers.base import Parser
from telemetry.reading import Reading
from telemetry.redis_changes import KIND
from telemetry.snapshots import compare_snapshots
from telemetry.source import Source

FOLDER = Path(__file__).parent / "snapshots"


def read(parser: Parser, name: str, text: str) -> Part:
    """A file with this text, as the reader gives it."""
    result = parser.parse(Source(name, BytesIO(text.encode())))
    rows = [replace(row, file=name) for row in result.evidence]
    return Part(coverage_row(Reading(name, len(text), parser.id, result, None, None, 0.0)), rows)


def changes_of(evidence: list[Evidence], kind: str) -> dict[str, Evidence]:
    return {row.subject: row for row in evidence if row.kind == kind}


def redis_changes(rows: list[Evidence]) -> list[Evidence]:
    """Changes of INFO rows, a part for each file."""
    files = dict.fromkeys(row.file for row in rows)
    return compare_snapshots([Part({"file": name}, [row for row in rows if row.file == name]) for name in files])[0]


def rows_of(name: str) -> list[Evidence]:
    """The evidence of a real INFO of Redis 7.0.15, with its file set as the reader does."""
    with (FOLDER / name).open("rb") as stream:
        return [replace(row, file=name) for row in redis_info.PARSER.parse(Source(name, stream)).evidence]


def test_what_happened_between_two_infos() -> None:
    """Between them: 300 new keys, 600 look-ups that hit, 300 that missed, and a scan whose 1,000 do not count."""
    changes = redis_changes([*rows_of("redis_second.txt"), *rows_of("redis_first.txt")])
    assert len(changes) == 1
    change = changes[0]
    assert change.metrics["window_s"] == pytest.approx(8.039723)
    assert change.metrics["keys_change"] == 300
    assert change.metrics["used_memory_change"] == 1_204_496 - 1_050_560
    assert change.metrics["lookups"] == 900
    assert change.metrics["hit_share"] == pytest.approx(2 / 3)
    assert change.metrics["evicted_per_min"] == 0
    assert change.metrics["connections_per_min"] == pytest.approx(3 * 60 / 8.039723)
    assert "oom_errors" not in change.metrics
    assert change.file == "redis_second.txt"
    assert change.attrs["since"] == "redis_first.txt"
    assert change.place_of("keys_change").quote.startswith("db0:keys=800")
    assert set(change.metrics) <= set(KINDS[KIND])


def test_one_info_or_two_runs_are_no_change() -> None:
    first, second = rows_of("redis_first.txt"), rows_of("redis_second.txt")
    assert redis_changes(first) == []
    assert redis_changes([*first, *(replace(row, file="again") for row in first)]) == []
    restarted = [replace(row, attrs=dict(row.attrs) | {"run_id": "another"}) for row in second]
    assert redis_changes([*first, *restarted]) == []


def server(file: str, uptime_s: float, **metrics: float) -> Evidence:
    place = Place(1, "run_id:1")
    return Evidence("redis.server", "server", {"uptime_s": uptime_s} | metrics, place, attrs={"run_id": "1"}, file=file)


def test_a_counter_that_was_reset_says_nothing() -> None:
    change = redis_changes([server("a", 100, evicted_keys=50, keys=9), server("b", 160, evicted_keys=3, keys=4)])[0]
    assert "evicted_keys" not in change.metrics
    assert "evicted_per_min" not in change.metrics
    assert change.metrics == {"window_s": 60, "keys_change": -5}


def test_rates_are_over_the_time_between() -> None:
    change = redis_changes([server("a", 100, evicted_keys=50), server("b", 220, evicted_keys=110)])[0]
    assert change.metrics["evicted_per_min"] == 30


TABLES = "relname,seq_scan,seq_tup_read,idx_scan,n_tup_ins,n_tup_upd,n_live_tup,n_dead_tup\n"
EARLIER = TABLES + "orders,100,5000000,900,40,70,50000,9000\nusers,7,70,4000,3,9,800,10\n"
LATER = TABLES + "orders,160,8000000,1500,52,90,50012,200\nusers,7,70,4600,3,9,800,12\n"


def test_two_exports_of_a_view_without_a_time_have_a_difference_and_no_rate() -> None:
    """orders: 60 scans that read 3,000,000 rows, 600 index scans; 8,800 dead rows fewer."""
    parts = [
        read(pg_stat_user_tables.PARSER, "b.csv", LATER),
        read(pg_stat_user_tables.PARSER, "a.csv", EARLIER),
    ]
    rows = evidence_of(parts)
    change = changes_of(rows, "pg.table.change")["orders"]
    assert change.metrics == {
        **{"seq_scan": 60, "seq_tup_read": 3_000_000, "idx_scan": 600, "inserts": 12, "updates": 20},
        **{"live_change": 12, "dead_change": -8800},
    }
    assert (change.file, change.attrs["since"], change.place.line) == ("b.csv", "a.csv", 2)
    assert "the time between them is not known" in parts[0].notes[0]
    assert "Snapshot 1 of 2" in parts[1].notes[0]


def test_levels_are_those_of_the_newest_snapshot() -> None:
    parts = [read(pg_stat_user_tables.PARSER, name, text) for name, text in (("b", LATER), ("a", EARLIER))]
    tables = [row for row in evidence_of(parts) if row.kind == "pg.table"]
    assert [(row.file, row.subject, row.metrics["dead"]) for row in tables] == [
        ("b", "orders", 200),
        ("b", "users", 12),
    ]


def test_a_time_in_the_file_gives_a_rate() -> None:
    def at(moment: str, text: str) -> str:
        lines = text.splitlines()
        return "\n".join([f"captured_at,{lines[0]}", *(f"{moment},{line}" for line in lines[1:])]) + "\n"

    parts = [
        read(pg_stat_user_tables.PARSER, "a.csv", at("2026-01-05 10:00:00.5+00", EARLIER)),
        read(pg_stat_user_tables.PARSER, "b.csv", at("2026-01-05 12:01:00.5+01", LATER)),
    ]
    change = changes_of(evidence_of(parts), "pg.table.change")["orders"]
    assert change.metrics["window_s"] == 3660
    assert change.metrics["seq_scan_per_s"] == pytest.approx(60 / 3660)
    assert parts[1].notes == ["Snapshot 2 of 2, 3,660 s after a.csv; its levels count."]


def test_three_snapshots_are_one_chain_whatever_order_they_came_in() -> None:
    texts = [TABLES + f"orders,{100 + 10 * n},1,900,{n},70,5,9\nusers,{7 + n},70,4000,3,9,800,10\n" for n in range(3)]
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0), (0, 2, 1)):
        parts = [read(pg_stat_user_tables.PARSER, f"{n}.csv", texts[n]) for n in order]
        rows = evidence_of(parts)
        change = changes_of(rows, "pg.table.change")["orders"]
        assert (change.metrics["seq_scan"], change.file, change.attrs["since"]) == (20, "2.csv", "0.csv")
        assert {row.file for row in rows} == {"2.csv"}
        assert sorted(note[:15] for part in parts for note in part.notes) == [f"Snapshot {n} of 3" for n in (1, 2, 3)]


def test_two_servers_or_a_reset_are_not_paired() -> None:
    """Some counters of the second file are larger, some smaller: both stay, and nothing is said of a difference."""
    other = TABLES + "orders,3,90,1900,0,0,50000,0\nusers,9,90,12,0,0,800,0\n"
    parts = [read(pg_stat_user_tables.PARSER, name, text) for name, text in (("a", EARLIER), ("b", other))]
    rows = evidence_of(parts)
    assert {row.kind for row in rows} == {"pg.table"}
    assert [row.file for row in rows] == ["a", "a", "b", "b"]
    assert [part.notes for part in parts] == [[], []]


def test_few_numbers_that_grew_are_no_proof_of_one_server() -> None:
    """Two counters of one index: any two servers could look like that."""
    texts = [f"indexrelname,relname,idx_scan,idx_tup_read\na_idx,a,{n},{n}\n" for n in (5, 6)]
    parts = [read(pg_stat_user_indexes.PARSER, f"{n}", text) for n, text in enumerate(texts)]
    assert not changes_of(evidence_of(parts), "pg.index.change")


def test_the_time_of_the_last_reset_decides() -> None:
    """The same reset: one run, however few the numbers. Another reset: nothing is said."""

    def bgwriter(requested: int, reset: str) -> str:
        return (
            f"num_timed,num_requested,write_time,sync_time,buffers_written,stats_reset\n9,{requested},1,1,1,{reset}\n"
        )

    one, two = "2026-01-01 00:00:00+00", "2026-01-03 00:00:00+00"
    for reset, found in ((one, {"server"}), (two, set())):
        texts = bgwriter(2, one), bgwriter(7, reset)
        parts = [read(pg_stat_checkpoints.PARSER, f"{n}", text) for n, text in enumerate(texts)]
        changes = changes_of(evidence_of(parts), "pg.checkpoints.change")
        assert set(changes) == found
    assert changes_of(evidence_of(parts[:1]), "pg.checkpoints.change") == {}


def test_other_views_are_compared_too() -> None:
    """One hour of each: the numbers are differences of what stands in the two texts."""
    statements = "queryid,query,calls,total_exec_time,rows,shared_blks_hit,shared_blks_read\n"
    one = statements + "1,SELECT a FROM t WHERE b = $1,100,500,100,10,1\n2,SELECT b FROM u,5,50,5,7,2\n"
    two = statements + "1,SELECT a FROM t WHERE b = $1,400,1100,400,30,1\n2,SELECT b FROM u,5,50,5,7,2\n"
    rows = evidence_of([read(pg_stat_statements.PARSER, "1", one), read(pg_stat_statements.PARSER, "2", two)])
    (moved,) = [row for row in rows if row.kind == "pg.stat.statement.change" and row.metrics["calls"]]
    assert (moved.metrics["calls"], moved.metrics["total_ms"], moved.metrics["rows"]) == (300, 600, 300)

    pools = "database,total_xact_count,total_query_count,total_received,total_sent,"
    pools += "total_xact_time,total_query_time,total_wait_time\n"
    parts = [read(pgbouncer_show.PARSER, f"{n}", f"{pools}shop,{n},{2 * n},9,9,9,9,{100 * n}\n") for n in (3, 5)]
    assert changes_of(evidence_of(parts), "pool.stats.change")["shop"].metrics["wait_us"] == 200

    database = "datname,xact_commit,xact_rollback,blks_read,blks_hit,deadlocks,stats_reset\n"
    parts = [
        read(pg_stat_database.PARSER, f"{n}", f"{database}shop,{n},1,1,1,{n},2026-01-01 00:00:00+00\n") for n in (3, 5)
    ]
    assert changes_of(evidence_of(parts), "pg.database.change")["shop"].metrics["deadlocks"] == 2

    sidekiq = (
        '{{"processed": {0}, "failed": {0}, "enqueued": 4, "retry_size": 0, "dead_size": 0, "default_latency": 1}}'
    )
    parts = [read(queue_counts.PARSER, f"{n}", sidekiq.format(n)) for n in (100, 160)]
    assert not changes_of(evidence_of(parts), "queue.counts.change"), "two numbers prove no common server"


def test_a_change_is_in_the_vocabulary() -> None:
    parts = [read(pg_stat_user_tables.PARSER, name, text) for name, text in (("a", EARLIER), ("b", LATER))]
    for row in evidence_of(parts):
        assert set(row.metrics) <= set(KINDS[row.kind])
