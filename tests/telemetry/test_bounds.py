"""What is beyond a bound is one row, "other": rows add up to the file's totals, and no rule speaks of it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO

import pytest

from telemetry.evidence import OTHER, Evidence, EvidenceSet, ParseResult, Place
from telemetry.parsers import (
    access_log,
    lambda_report,
    pg_stat_statements,
    postgres_log,
    queue_counts,
    redis_keys,
    stripe_events,
    traces,
    vercel_logs,
)
from telemetry.parsers.base import Parser
from telemetry.rules.base import Status, run_rule
from telemetry.source import Source
from tests.telemetry.rule_cases import Case, cases_of


def read(parser: Parser, lines: Iterable[str]) -> ParseResult:
    return parser.parse(Source("f", BytesIO("".join(f"{line}\n" for line in lines).encode())))


def summed(result: ParseResult, kind: str, metric: str) -> float:
    """A metric over all rows of a kind, which must hold "other"."""
    rows = [row for row in result.evidence if row.kind == kind]
    assert [row.folded for row in rows if row.subject == OTHER] == [True]
    return sum(row.metrics.get(metric, 0.0) for row in rows)


def word(n: int) -> str:
    """A name without digits, another one for each number up to 17,575."""
    return f"{chr(97 + n // 676)}{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}"


def postgres(message: str, at: int) -> str:
    return f"2026-01-05 09:{at // 60 % 60:02d}:{at % 60:02d}.000 UTC [1] app@shop app=web {message}"


def test_query_families_add_up_to_the_logs_queries() -> None:
    """900 families, of which 600 at most are shown; family n runs n + 1 ms."""
    lines = [
        postgres(f"LOG:  duration: {n + 1}.000 ms  statement: SELECT a FROM t_{word(n)} WHERE b = 1", n)
        for n in range(900)
    ]
    result = read(postgres_log.PARSER, lines)
    assert result.totals["queries"] == summed(result, "pg.log.statement", "count") == 900
    assert summed(result, "pg.log.statement", "total_ms") == pytest.approx(900 * 901 / 2)
    assert summed(result, "pg.log.statement", "share") == pytest.approx(1)
    (other,) = [row for row in result.evidence if row.subject == OTHER and row.kind == "pg.log.statement"]
    assert (other.metrics["count"], other.metrics["max_ms"], other.place.line) == (400, 400, 400)


def test_errors_add_up_to_the_logs_errors() -> None:
    """1,200 messages without a state: more than are followed (1,000) and than are shown (200)."""
    lines = [postgres(f"ERROR:  trouble with {word(n)}", n) for n in range(1_200)]
    result = read(postgres_log.PARSER, lines)
    assert result.totals["errors"] == summed(result, "pg.log.error", "count") == 1_200


def test_temporary_files_without_a_statement_count_too() -> None:
    lines = [postgres(f'LOG:  temporary file: path "base/pgsql_tmp/t{n}", size 1000', n) for n in range(30)]
    result = read(postgres_log.PARSER, lines)
    assert result.totals["temp_bytes"] == summed(result, "pg.log.temp", "bytes") == 30_000


def test_routes_add_up_to_the_logs_requests() -> None:
    """500 routes with one request each; route n takes n ms and sends n bytes."""
    lines = [
        f"10.0.0.1 - - [12/Nov/2025:14:{n // 60:02d}:{n % 60:02d} +0000] "
        f'"GET /{word(n)}/list HTTP/1.1" 200 {n} "-" "x" {n / 1000:.3f}'
        for n in range(500)
    ]
    result = read(access_log.PARSER, lines)
    assert result.totals["requests"] == summed(result, "http.route", "requests") == 500
    assert result.totals["bytes"] == summed(result, "http.route", "bytes")
    assert summed(result, "http.route", "share") == pytest.approx(1)
    assert summed(result, "http.route", "time_share") == pytest.approx(1)


def test_function_routes_add_up() -> None:
    def record(n: int) -> dict[str, object]:
        request = {"timestamp": 1762956000000 + n, "method": "GET", "path": f"/r{n}x/y", "statusCode": 200}
        return {
            **{"id": f"l{n}", "deploymentId": "d", "projectId": "p", "source": "lambda", "host": "h", "message": ""},
            **{"timestamp": 1762956000000 + n, "path": f"/{word(n)}/list"},
            **{"statusCode": 200, "requestId": f"q{n}", "proxy": request},
        }

    result = read(vercel_logs.PARSER, [json.dumps(record(n)) for n in range(500)])
    assert result.totals["requests"] == summed(result, "function.route", "requests") == 500
    assert summed(result, "function.route", "get_requests") == 500


def test_statements_of_the_view_add_up() -> None:
    """2,000 families, and two statements without text."""
    rows = [f"{n},SELECT a FROM t_{word(n)} WHERE b = $1,{n + 1},{n + 1}" for n in range(2_000)]
    rows += ["9998,<insufficient privilege>,7,70", "9999,<insufficient privilege>,8,80"]
    result = read(pg_stat_statements.PARSER, ["queryid,query,calls,total_exec_time", *rows])
    assert result.totals["calls"] == summed(result, "pg.stat.statement", "calls") == 2_000 * 2_001 / 2 + 15
    assert result.totals["exec_ms"] == pytest.approx(summed(result, "pg.stat.statement", "total_ms"))


def test_spans_add_up() -> None:
    def span(n: int) -> dict[str, object]:
        attributes = [{"key": "http.route", "value": {"stringValue": f"/{word(n)}/list"}}]
        start = 1762956300000000000 + n
        return {
            **{"traceId": f"{n:032x}", "spanId": f"{n:016x}", "name": "GET", "kind": 2, "attributes": attributes},
            **{"startTimeUnixNano": str(start), "endTimeUnixNano": str(start + 1_000_000)},
        }

    result = read(
        traces.PARSER,
        [json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span(n) for n in range(400)]}]}]})],
    )
    assert result.totals["spans"] == summed(result, "trace.route", "requests") == 400
    assert summed(result, "trace.route", "total_ms") == pytest.approx(400)


def test_functions_add_up() -> None:
    report = "REPORT RequestId: 00000000-0000-0000-0000-{0:012d} Duration: 5.0 ms Billed Duration: 5 ms "
    report += "Memory Size: 128 MB Max Memory Used: 60 MB"
    lines = [f"2026-01-05T09:00:00Z /aws/lambda/f{n} {report.format(n)}" for n in range(400)]
    result = read(lambda_report.PARSER, lines)
    assert result.totals["requests"] == summed(result, "lambda.function", "requests") == 400


def test_types_of_payment_events_add_up() -> None:
    event = {"object": "event", "created": 1735700000, "data": {}, "livemode": True, "pending_webhooks": 1}
    lines = [json.dumps({"id": f"evt_{n}", **event, "request": None, "type": f"type.{n}"}) for n in range(400)]
    result = read(stripe_events.PARSER, lines)
    assert result.totals["events"] == summed(result, "ops.payment_event", "events") == 400


def test_queues_add_up() -> None:
    rows = [f"q{n},created,1" for n in range(600)]
    result = read(queue_counts.PARSER, ["name,state,count", *rows])
    assert result.totals["waiting"] == summed(result, "queue.counts", "waiting") == 600


def test_queues_of_every_shape_add_up() -> None:
    """600 queues with n jobs each, the oldest of queue n waiting n s: an age is no sum."""
    counts = [{"name": f"q{n}", "counts": {"waiting": n, "active": 0, "failed": 1, "completed": 3}} for n in range(600)]
    llen = [f"LLEN q{n} {n}" for n in range(600)]
    rabbit = [{"name": f"q{n}", "vhost": "/", "messages_ready": n, "messages_unacknowledged": 0} for n in range(600)]
    for lines in ([json.dumps(counts)], llen, [json.dumps(rabbit)]):
        result = read(queue_counts.PARSER, lines)
        assert summed(result, "queue.counts", "waiting") == result.totals["waiting"] == 599 * 600 / 2
        assert len(result.evidence) == 501
    other = read(queue_counts.PARSER, [json.dumps(counts)]).evidence[-1]
    assert (other.subject, other.metrics["failed"], other.metrics["failed_share"]) == (OTHER, 100, 0.25)


def test_queues_of_a_time_series_add_up() -> None:
    """Each of 600 queues has two lines, 60 s apart: n jobs, then 2 n. The last ones count."""
    rows = [f"2026-01-05T09:0{at}:00Z,q{n},{n * (at + 1)},{n}" for at in (0, 1) for n in range(600)]
    result = read(queue_counts.PARSER, ["time,queue,waiting,oldest_age_s", *rows])
    assert summed(result, "queue.counts", "waiting") == result.totals["waiting"] == 599 * 600
    other = result.evidence[-1].metrics
    assert (other["oldest_age_s"], other["waiting_max"], other["window_s"]) == (599, 2 * 599, 60)
    assert other["waiting_per_min"] == sum(range(500, 600))


def test_lock_waits_add_up() -> None:
    """300 statements that wait n + 1 ms each, and one wait without its statement."""
    lines = []
    for n in range(300):
        wait = f"LOG:  process 1 acquired ShareLock on transaction {n} after {n + 1}.500 ms"
        lines += [postgres(wait, n), postgres(f"STATEMENT:  UPDATE t_{word(n)} SET a = 1", n)]
    lines.append(postgres("LOG:  process 1 acquired ShareLock on transaction 1 after 7.000 ms", 300))
    result = read(postgres_log.PARSER, lines)
    assert summed(result, "pg.log.lock", "waits") == result.totals["locks_acquired"] == 301
    assert summed(result, "pg.log.lock", "wait_total_ms") == pytest.approx(300 * 301 / 2 + 150 + 7)


@pytest.mark.parametrize("count", [300, 1_200])
def test_applications_add_up(count: int) -> None:
    """More than are shown (200), and than are followed (1,000)."""
    connection = "LOG:  connection authorized: user=app database=shop application_name={}"
    lines = [postgres(connection.format(word(n)), n) for n in range(count)]
    result = read(postgres_log.PARSER, lines)
    assert summed(result, "pg.log.application", "connections") == result.totals["connections_authorized"] == count
    assert "others" not in {row.subject for row in result.evidence}


def test_key_patterns_add_up() -> None:
    rows = [f"0,string,{word(n)}name:{n},{n + 50},string,8,8," for n in range(500)]
    header = "database,type,key,size_in_bytes,encoding,num_elements,len_largest_element,expiry"
    result = read(redis_keys.PARSER, [header, *rows])
    assert summed(result, "redis.pattern", "keys") == result.totals["sampled_keys"] == 500


def test_rules_do_not_see_what_was_folded() -> None:
    row = Evidence("http.route", OTHER, {"requests": 1.0}, Place(1, ""))
    named = Evidence("queue.counts", OTHER, {"waiting": 1.0}, Place(1, ""))
    known = EvidenceSet([row, named, replace(named, attrs={"folded": True})])
    assert known.of("http.route") == []
    assert known.of("queue.counts") == [named], "a queue may be called so"
    assert len(known.rows) == 3


@pytest.mark.parametrize("case", cases_of("hit"), ids=lambda case: case.name)
def test_no_rule_is_raised_by_other(case: Case) -> None:
    rows = [replace(row, subject=OTHER, attrs={**row.attrs, "folded": True}) for row in case.rows]
    assert run_rule(case.rule, EvidenceSet(rows)).status is not Status.HIT
