"""What each source of evidence gives to the capacity model: the number, its unit, its grade, and where it stands."""

from dataclasses import replace
from typing import Any

import pytest

from reviews.capacity.catalogue import known, unit_of
from reviews.capacity.gather import numbers_of
from reviews.capacity.inputs import Input
from reviews.risk.matrix import Grade
from telemetry.evidence import Evidence, EvidenceSet, Place
from telemetry.kinds import KINDS
from tests.reviews.capacity.making import demo
from tests.reviews.risk.making import make_row

HOUR = 3600.0


def found(*rows: Evidence) -> dict[str, Input]:
    for row in rows:
        assert set(row.metrics) <= set(KINDS[row.kind]), row.kind
    return {entry.key: entry for entry in numbers_of(EvidenceSet(list(rows)))}


def row(kind: str, subject: str = "server", attrs: dict[str, Any] | None = None, **metrics: float) -> Evidence:
    return replace(make_row(kind, subject, **metrics), attrs=attrs or {})


CASES: list[tuple[str, list[Evidence], str, float, Grade]] = [
    ("traffic", [row("http.server", rps_mean=5.0, requests=10.0)], "http.rps_mean", 5, Grade.MEASURED),
    (
        "two servers add up",
        [row("http.server", rps_mean=5.0, requests=9.0), replace(row("http.server", rps_mean=7.0), file="b.log")],
        "http.rps_mean",
        12,
        Grade.DERIVED,
    ),
    (
        "the peak factor of the longest log",
        [row("http.server", peak_factor=9.0, window_s=60.0), row("http.server", peak_factor=2.0, window_s=HOUR)],
        "http.peak_factor",
        2,
        Grade.MEASURED,
    ),
    (
        "a rate from a log of functions",
        [row("function.server", requests=7200.0, window_s=HOUR)],
        "http.rps_mean",
        2,
        Grade.DERIVED,
    ),
    (
        "requests in flight",
        [row("http.route", "/a", total_ms=7.2e6, window_s=HOUR, requests=1.0)],
        "http.in_flight",
        2,
        Grade.DERIVED,
    ),
    (
        "the fastest test that did not fail",
        [
            row("load.run", "run", rps=100.0, failed_share=0.0),
            row("load.run", "run", rps=300.0, failed_share=0.2),
        ],
        "http.rps_carried",
        100,
        Grade.MEASURED,
    ),
    (
        "connections allowed",
        [row("pg.setting", "max_connections", value=60.0)],
        "postgres.max_connections",
        60,
        Grade.MEASURED,
    ),
    (
        "connections reserved",
        [
            row("pg.setting", "superuser_reserved_connections", value=3.0),
            row("pg.setting", "reserved_connections", value=2.0),
        ],
        "postgres.reserved_connections",
        5,
        Grade.DERIVED,
    ),
    ("sessions", [row("pg.activity", sessions=21.0)], "postgres.connections", 21, Grade.MEASURED),
    (
        "backends",
        [row("pg.database", "a", backends=4.0), row("pg.database", "b", backends=5.0)],
        "postgres.connections",
        9,
        Grade.DERIVED,
    ),
    ("active time", [row("pg.database.change", "a", active_ms_per_s=2500.0)], "postgres.busy", 2.5, Grade.MEASURED),
    ("logged statements", [row("pg.log.server", query_ms=7.2e6, window_s=HOUR)], "postgres.busy", 2, Grade.DERIVED),
    (
        "statements between two exports",
        [row("pg.stat.statement.change", "q", calls_per_s=100.0, total_ms_per_s=2000.0)],
        "postgres.query_ms",
        20,
        Grade.DERIVED,
    ),
    (
        "reads",
        [
            row("pg.stat.statement", "q", {"verb": "select"}, calls=3.0),
            row("pg.stat.statement", "w", {"verb": "insert"}, calls=1.0),
        ],
        "postgres.read_share",
        0.75,
        Grade.DERIVED,
    ),
    (
        "the code's pool",
        [row("code.pool", "db.ts:pool", {"connects": "database"}, max_connections=10.0)],
        "postgres.pool_size",
        10,
        Grade.MEASURED,
    ),
    ("the pooler", [row("pool.setting", "default_pool_size", value=20.0)], "pooler.pool_size", 20, Grade.MEASURED),
    (
        "rows a day",
        [
            row("pg.table", "orders", live=100.0),
            row("pg.table.change", "orders", inserts_per_s=2.0, deletes_per_s=1.0, window_s=HOUR),
        ],
        "table.orders.rows_per_day",
        86_400,
        Grade.DERIVED,
    ),
    (
        "a sequence",
        [row("pg.sequence", "ids", used_share=0.5, last_value=5.0, max_value=10.0)],
        "sequence.ids.max_value",
        10,
        Grade.MEASURED,
    ),
    ("transaction ids", [row("pg.age", "shop", xids=2e8)], "xids.shop.age", 2e8, Grade.MEASURED),
    (
        "a policy",
        [row("redis.server", "server", {"policy": "noeviction"}, used_memory=5.0, maxmemory=9.0)],
        "redis.evicts",
        0,
        Grade.DERIVED,
    ),
    (
        "growth of Redis",
        [row("redis.server", used_memory=5.0), row("redis.change", used_memory_change=HOUR, window_s=HOUR)],
        "redis.growth_bytes_per_s",
        1,
        Grade.DERIVED,
    ),
    (
        "jobs that arrive",
        [
            row("queue.counts.change", "mail", processed=3600.0, waiting_change=1800.0, window_s=HOUR),
            row("queue.counts", "mail", waiting=1.0),
        ],
        "queue.mail.in_per_s",
        1.5,
        Grade.DERIVED,
    ),
    (
        "slots of workers",
        [row("queue.counts", "mail", workers=2.0), row("code.queue", "mail", {"role": "worker"}, concurrency=5.0)],
        "queue.mail.slots",
        10,
        Grade.DERIVED,
    ),
    ("time of a task", [row("queue.task", "mail", runtime_s=30.0, runs=20.0)], "queue.mail.run_s", 1.5, Grade.DERIVED),
    (
        "functions at once",
        [row("lambda.function", "f", requests=7200.0, mean_ms=500.0, window_s=HOUR, per_min_peak=240.0)],
        "functions.concurrency_peak",
        2,
        Grade.DERIVED,
    ),
    (
        "a processor",
        [row("host.cpu", "web", busy_max=0.9, busy_mean=0.2)],
        "host.web.cpu_busy_max",
        0.9,
        Grade.MEASURED,
    ),
    (
        "memory",
        [row("host.memory", "web", total_bytes=10.0, available_bytes_min=4.0)],
        "host.web.memory_used_max",
        6,
        Grade.DERIVED,
    ),
    ("a disk", [row("host.filesystem", "/", used_bytes=6.0, available_bytes=2.0)], "disk./.bytes", 8, Grade.DERIVED),
    (
        "a managed database",
        [
            row("cloudwatch.metric", "CPUUtilization Average", highest=80.0, mean=20.0),
            row("cloudwatch.metric", "DatabaseConnections Maximum", highest=70.0, mean=30.0),
        ],
        "postgres.cpu_busy_max",
        0.8,
        Grade.MEASURED,
    ),
    (
        "calls of others",
        [row("trace.external", "api.x.com", calls=100.0, window_s=HOUR / 2)],
        "quota.api.x.com.calls_per_hour",
        200,
        Grade.DERIVED,
    ),
    (
        "a model",
        [row("ops.llm", "m", requests=9.0, cost_per_request=0.02)],
        "llm.m.cost_per_request",
        0.02,
        Grade.MEASURED,
    ),
    (
        "users",
        [row("business.month", "2026-01", active_users=5.0), row("business.month", "2026-02", active_users=7.0)],
        "driver.users",
        7,
        Grade.MEASURED,
    ),
    (
        "growth",
        [row("business.growth", "orders", growth_per_month=0.1, months=6.0)],
        "driver.orders.growth",
        0.1,
        Grade.MEASURED,
    ),
    (
        "tries of a task that fail",
        [row("queue.task", "mails", runs=90.0, runtime_s=9.0, succeeded=80.0, failed=5.0, retried=15.0)],
        "queue.mails.tries_failed_share",
        0.2,
        Grade.DERIVED,
    ),
    (
        "tries of a queue that fail",
        [row("queue.counts", "mails", attempts=200.0, failed_attempts=50.0)],
        "queue.mails.tries_failed_share",
        0.25,
        Grade.DERIVED,
    ),
    (
        "tries that the code allows",
        [row("queue.counts", "mails", waiting=1.0), row("code.queue", "mails", attempts=5.0)],
        "queue.mails.tries",
        5,
        Grade.MEASURED,
    ),
    (
        "messages of a broker are jobs, as far as nobody counts tries",
        [row("queue.counts", "mails", in_per_s=3.0)],
        "queue.mails.in_per_s",
        3,
        Grade.MEASURED,
    ),
    (
        "messages of a broker are tries, where tries are counted",
        [
            row("queue.counts", "mails", in_per_s=3.0),
            row("queue.task", "mails", succeeded=50.0, failed=0.0, retried=50.0, runs=50.0),
            row("code.task", "mails", max_retries=1.0),
        ],
        "queue.mails.in_per_s",
        2,
        Grade.DERIVED,
    ),
    (
        "retries that the code allows",
        [row("queue.counts", "mails", waiting=1.0), row("code.task", "mails", max_retries=3.0)],
        "queue.mails.tries",
        4,
        Grade.DERIVED,
    ),
]


@pytest.mark.parametrize(
    ("rows", "key", "value", "grade"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_source_gives_its_number(rows: list[Evidence], key: str, value: float, grade: Grade) -> None:
    entry = found(*rows)[key]
    assert entry.value == pytest.approx(value)
    assert (entry.grade, entry.unit) == (grade, unit_of(key))
    assert entry.source.file
    assert entry.source.quote
    assert known(key) is not None


def test_every_number_of_the_demo_has_a_key_of_the_catalogue_and_a_place() -> None:
    for entry in demo()[1].inputs:
        assert known(entry.key) is not None, entry.key
        assert entry.grade in (Grade.MEASURED, Grade.DERIVED)
        assert (entry.source.file, entry.source.line > 0, entry.source.quote != "") == (entry.source.file, True, True)


def test_no_limit_is_no_number() -> None:
    """`maxmemory` 0 is no limit; Redis' memory then never reaches one."""
    assert "redis.maxmemory" not in found(row("redis.server", used_memory=5.0, maxmemory=0.0))


def test_processors_of_other_machines_are_not_the_databases() -> None:
    """CloudWatch calls them all CPUUtilization: only a count of connections in the same file tells."""
    web = replace(row("cloudwatch.metric", "CPUUtilization Average", highest=80.0), file="web.json")
    assert "postgres.cpu_busy_max" not in found(web)


def test_growth_comes_from_all_months_with_an_interval_and_an_odd_last_one_does_not_bend_it() -> None:
    levels = [100.0 * 1.1**month * (1 + month % 2 / 100) for month in range(11)] + [900.0]
    months = [row("business.month", f"2026-{month + 1:02}", users=level) for month, level in enumerate(levels)]
    summary = row("business.growth", "users", growth_per_month=(9.0 ** (1 / 11)) - 1, months=11.0)
    entry = found(*months, summary)["driver.users.growth"]
    assert entry.value == pytest.approx(0.1, abs=0.01)
    assert entry.low < 0.1 < entry.high
    assert entry.grade is Grade.DERIVED
    assert entry.source.words.startswith("12 months: median growth")


def test_what_the_code_sets_for_a_queue_that_nobody_counted_makes_no_queue() -> None:
    assert found(row("code.queue", "mails", attempts=5.0)) == {}


def test_numbers_that_a_formula_refuses_are_left_out() -> None:
    assert "redis.busy" not in found(
        row("redis.server", used_memory=5.0, uptime_s=10.0), row("redis.command", "get", time_us=-5.0)
    )


def test_a_number_that_is_none_is_left_out() -> None:
    bad = Evidence("http.server", "server", {"rps_mean": float("nan")}, Place(1, "x"), file="a.log")
    assert found(bad) == {}
