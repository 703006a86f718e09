"""An export says when it was made, in a column or in a first line; two as documented have a rate between them."""

import subprocess
import time
from io import BytesIO
from pathlib import Path

import psycopg
import pytest

from reviews.serve.home import Home
from telemetry.across import evidence_of
from telemetry.coverage import coverage_row
from telemetry.joining import Part
from telemetry.opening import Opened, open_file
from telemetry.parsers import (
    PARSERS,
    pg_stat_checkpoints,
    pg_stat_database,
    pg_stat_io,
    pg_stat_user_indexes,
    pg_stat_user_tables,
    pg_stat_wal,
    pg_statio,
)
from telemetry.reading import Reading, read_opened
from tests.services import wait_until
from tests.telemetry.test_collect import QUIET, TOOLS

AT = "# captured_at 2026-01-05T10:00:00Z\n"
LATER = "# captured_at 2026-01-05T10:01:00Z\n"


def read(name: str, text: str) -> Reading:
    return read_opened(Opened(name, len(text), lambda: BytesIO(text.encode())))


def part(reading: Reading) -> Part:
    assert reading.result is not None, reading.error
    return Part(coverage_row(reading), reading.result.evidence)


def changes(one: str, two: str) -> dict[tuple[str, str], dict[str, float]]:
    rows = evidence_of([part(read("one", one)), part(read("two", two))])
    return {(row.kind, row.subject): dict(row.metrics) for row in rows if row.kind.endswith(".change")}


def sessions(url: str) -> int:
    """How many sessions of psql the server still has; one is gone once its counters are told."""
    with psycopg.connect(url) as link:
        row = link.execute("select count(*) from pg_stat_activity where application_name = 'psql'").fetchone()
    return row[0] if row else 0


@pytest.mark.django_db
def test_two_exports_as_documented_have_a_rate(services: Home, tmp_path: Path) -> None:
    """Every statistics view by its own command, twice, with work in between."""
    env = QUIET | {"PATH": f"{TOOLS[0]}:/usr/bin:/bin", "DATABASE": services.database_url}

    def run(command: str, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        command = command.replace("psql ", 'psql "$DATABASE" -v ON_ERROR_STOP=1 ')
        subprocess.run(["sh", "-c", command], cwd=folder, env=env, check=True, capture_output=True, timeout=60)

    views = (
        *(pg_stat_user_tables, pg_stat_user_indexes, pg_stat_database, pg_stat_checkpoints),
        *(pg_stat_wal, pg_stat_io, pg_statio),
    )
    run('psql -c "drop table if exists twice; create table twice (id int primary key, n int)"', tmp_path)
    for folder in ("one", "two"):
        work = "insert into twice select g, g from generate_series(1, 500) g on conflict do nothing"
        for sql in (work, "select count(n) from twice", "select n from twice where id = 7", "checkpoint"):
            run(f'psql -c "set enable_seqscan = {"off" if "7" in sql else "on"}" -c "{sql}"', tmp_path)
        time.sleep(1.1)  # the times of two captures are whole seconds apart
        wait_until(lambda: not sessions(services.database_url), "the end of the sessions, which report their counters")
        for view in views:
            run(view.PARSER.how_to_export, tmp_path / folder)
    run('psql -c "drop table twice"', tmp_path)
    parts = [
        part(read_opened(open_file(path, f"{folder}/{path.name}")))
        for folder in ("one", "two")
        for path in sorted((tmp_path / folder).iterdir())
    ]
    assert len(parts) == 2 * 8
    rows = {(row.kind, row.subject): row for row in evidence_of(parts)}
    kinds = {kind for kind, _ in rows if kind.endswith(".change")}
    assert kinds >= {"pg.table.change", "pg.database.change", "pg.checkpoints.change", "pg.wal.change", "pg.io.change"}
    table = rows["pg.table.change", "twice"].metrics
    assert table["seq_scan"] >= 1
    assert table["seq_scan_per_s"] == pytest.approx(table["seq_scan"] / table["window_s"])
    assert all(row.metrics["window_s"] > 1 for (kind, _), row in rows.items() if kind in kinds)


def test_every_command_of_a_statistics_view_writes_the_time() -> None:
    """Settings have no counters; the lock query calls its time `taken`."""
    commands = [one.how_to_export for one in PARSERS if one.id.startswith("pg-") and one.id != "pg-settings"]
    assert len(commands) > 12
    assert [one for one in commands if "captured_at" not in one and "now() as taken" not in one] == []


STATS = "database,total_xact_count,total_query_count,total_received,total_sent,total_query_time,total_wait_time\n"
SIDEKIQ = '{"sidekiq": {"processed": 9, "failed": 1, "enqueued": 4, "retries": 0, "dead": 0, "default_latency": 1}}\n'
BULLMQ = '{"mails": {"waiting": 3, "active": 1, "delayed": 0, "completed": 5, "failed": 0}}\n'
RABBIT = '[{"name": "mails", "vhost": "/", "messages": 7, "messages_ready": 5, "messages_unacknowledged": 2}]\n'
STAMPED = {
    "pgbouncer-show": (STATS + "shop,1,2,3,4,5,6\n", 3),
    "queue-counts": (SIDEKIQ, 2),
    "queue-counts bullmq": (BULLMQ, 2),
    "queue-counts rabbitmq": (RABBIT, 2),
    "queue-counts llen": ("LLEN mails 4\n", 2),
    "metrics": ('# TYPE http_requests_total counter\nhttp_requests_total{code="200"} 7\n', 3),
}


@pytest.mark.parametrize("name", STAMPED)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_first_line_tells_when_an_export_was_made(name: str, end: str) -> None:
    """It is blank to the reader, so the lines of the evidence are those of the file."""
    text, line = STAMPED[name]
    bare, stamped = read("x", text), read("x", AT.replace("\n", end) + text)
    assert stamped.format == bare.format == name.split()[0]
    assert bare.result
    assert stamped.result
    assert stamped.result.first is not None
    assert stamped.result.first.isoformat() == "2026-01-05T10:00:00+00:00"
    assert bare.result.first is None
    assert (stamped.result.lines, stamped.result.blank) == (bare.result.lines + 1, bare.result.blank + 1)
    assert stamped.result.evidence[0].place.line in (line, bare.result.evidence[0].place.line + 1)
    assert stamped.result.rejected == bare.result.rejected == 0


@pytest.mark.parametrize("first", ["# captured_at yesterday", "# captured_at 2026-13-05T10:00:00Z", "# captured_at"])
def test_another_first_line_is_left_as_it_is(first: str) -> None:
    reading = read("x", f"{first}\n" + STAMPED["metrics"][0])
    assert reading.result
    assert reading.result.first is None


def test_the_files_own_time_counts() -> None:
    reading = read("x", AT + 'up{job="a_b"} 1 1767000000000\nup{job="a_c"} 1 1767000060000\n')
    assert reading.result
    assert reading.result.first is not None
    assert reading.result.first.isoformat() == "2025-12-29T09:20:00+00:00"


def test_counters_of_a_console_have_a_rate() -> None:
    """60 s apart: 60 transactions more, 120 queries, 6,000 us of waiting."""
    found = changes(AT + STATS + "shop,100,200,9,9,50,1000\n", LATER + STATS + "shop,160,320,99,99,80,7000\n")
    metrics = found["pool.stats.change", "shop"]
    assert (metrics["window_s"], metrics["transactions_per_s"], metrics["queries_per_s"]) == (60, 1, 2)
    assert metrics["wait_us"] == 6000


def scrape(started: int, requests: tuple[int, int], seconds: float, heap: int) -> str:
    return "\n".join(
        [
            f"process_start_time_seconds {started}",
            "# TYPE http_requests_total counter",
            f'http_requests_total{{route="/a"}} {requests[0]}',
            f'http_requests_total{{route="/b"}} {requests[1]}',
            "# TYPE http_seconds histogram",
            f'http_seconds_bucket{{le="1"}} {sum(requests) - 1}',
            f'http_seconds_bucket{{le="+Inf"}} {sum(requests)}',
            f"http_seconds_sum {seconds}",
            f"http_seconds_count {sum(requests)}",
            "# TYPE heap_bytes gauge",
            f"heap_bytes {heap}\n",
        ]
    )


def test_two_scrapes_of_one_process_have_a_rate() -> None:
    """60 s: /a 10 to 70, /b 5 to 35, so 90 requests, which took 3 to 48 s: 0.5 s each. The heap is no counter."""
    found = changes(AT + scrape(1767000000, (10, 5), 3, 900), LATER + scrape(1767000000, (70, 35), 48, 400))
    assert found["metric.family.change", "http_requests_total"] == {"window_s": 60, "sum": 90, "sum_per_s": 1.5}
    assert found["metric.series.change", 'http_requests_total{route="/a"}'] == {
        **{"window_s": 60, "value": 60, "value_per_s": 1}
    }
    timed = found["metric.family.change", "http_seconds"]
    assert (timed["count"], timed["total"], timed["mean"]) == (90, 45, 0.5)
    assert not [subject for _, subject in found if subject.startswith(("heap", "process"))]


def test_two_scrapes_without_a_time_have_a_difference() -> None:
    found = changes(scrape(1767000000, (70, 35), 48, 400), scrape(1767000000, (10, 5), 3, 900))
    assert found["metric.family.change", "http_requests_total"] == {"sum": 90}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (scrape(1767000000, (10, 5), 3, 900), scrape(1767000077, (70, 35), 48, 400)),  # started anew, or a second copy
        (scrape(1767000000, (10, 45), 9, 900), scrape(1767000000, (70, 5), 3, 400)),  # two copies started together
    ],
)
def test_two_processes_are_not_compared(one: str, two: str) -> None:
    assert changes(AT + one, LATER + two) == {}
    unknown = [text.split("\n", 1)[1] for text in (one, two)]
    assert changes(AT + unknown[0], LATER + unknown[1]) == {}
