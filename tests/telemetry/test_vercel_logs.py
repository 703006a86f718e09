"""A request counts once, however many records it wrote and wherever they stand."""

import io
import json

import pytest

from telemetry.evidence import ParseResult
from telemetry.parsers import function_counts, vercel_logs
from telemetry.source import Head, Source


def record(number: int, request: str, **more: object) -> dict[str, object]:
    base: dict[str, object] = {"id": f"log{number}", "deploymentId": "dpl_1", "projectId": "prj_1", "source": "lambda"}
    base |= {
        "timestamp": 1_762_956_000_000 + number,
        "path": "/a",
        "statusCode": 200,
        "requestId": request,
        "message": "",
    }
    return base | more


def parse(records: list[dict[str, object]]) -> ParseResult:
    text = "".join(json.dumps(content) + "\n" for content in records)
    return vercel_logs.PARSER.parse(Source("f", io.BytesIO(text.encode())))


def test_memory_is_bounded_and_neighbours_still_join(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function_counts, "_REMEMBERED", 10)
    records = [record(n, f"r{n // 3}") for n in range(300)]
    assert parse(records).totals["requests"] == 100


def test_later_record_adds_status_and_outcome_once() -> None:
    told = [record(0, "r", statusCode=None), record(1, "r", statusCode=500), record(2, "r", statusCode=500)]
    told += [record(3, "r", message="Task timed out after 3 seconds"), record(4, "r", message="Task timed out")]
    server = parse(told).evidence[0]
    assert server.metrics["requests"] == server.metrics["status_5xx"] == server.metrics["timeouts"] == 1
    assert server.places["status_5xx"].line == 2
    assert server.places["timeouts"].line == 4


def test_crash_is_no_longer_unanswered_once_a_status_is_known() -> None:
    server = parse([record(0, "r", statusCode=-1), record(1, "r", statusCode=502)]).evidence[0]
    assert (server.metrics["crashes"], server.metrics["status_5xx"], server.metrics["error_share"]) == (1, 1, 1.0)


def test_nul_in_a_record_reaches_no_subject_and_no_quote() -> None:
    rows = parse([record(0, "r", path="/a\x00b", deploymentId="d\x00", executionRegion="i\x00")]).evidence
    texts = [text for row in rows for text in (row.subject, row.place.quote, *row.attrs.get("regions", []))]
    assert {"/a\ufffdb", "d\ufffd", "i\ufffd"} <= set(texts)
    assert not any("\x00" in text for text in texts)


def test_gateway_timeout_of_another_server_is_not_the_functions() -> None:
    server = parse([record(0, "r", statusCode=504, source="external"), record(1, "s", statusCode=504)]).evidence[0]
    assert (server.metrics["status_5xx"], server.metrics["timeouts"]) == (2, 1)


def test_quotes_hide_the_address_and_show_the_status() -> None:
    long = record(0, "r", statusCode=500, proxy={"clientIp": "203.0.113.9", "path": "/a?token=abc", "pad": "x " * 900})
    place = parse([long]).evidence[0].places["status_5xx"]
    assert "500" in place.quote
    assert "203.0.113.9" not in place.quote


@pytest.mark.parametrize("text", ["[]", "{}", '{"deploymentId":1}', "[[1]]", '"text"', "deploymentId projectId source"])
def test_other_json_is_not_claimed(text: str) -> None:
    assert not vercel_logs.PARSER.sniff(Head("f", text, complete=True))


@pytest.mark.parametrize(
    ("message", "metric"),
    [
        ("FUNCTION_INVOCATION_TIMEOUT", "timeouts"),
        ("MIDDLEWARE_INVOCATION_TIMEOUT", "timeouts"),
        ("2025-11-12 Task timed out after 10.01 seconds", "timeouts"),
        ("task timed out after 3 s", "timeouts"),
        ("Vercel Runtime Timeout Error", "timeouts"),
        ("FUNCTION_THROTTLED", "throttled"),
        ("FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE", "payload_too_large"),
        ("NO_RESPONSE_FROM_FUNCTION", "crashes"),
        ("MIDDLEWARE_INVOCATION_FAILED", "crashes"),
        ("Runtime exited with error: signal: killed", "crashes"),
        ("Process exited before completing request", "crashes"),
        ("DEPLOYMENT_PAUSED", "paused"),
        ("INFINITE_LOOP_DETECTED", "loops"),
    ],
)
def test_message_tells_the_outcome(message: str, metric: str) -> None:
    row = parse([record(0, "r"), record(1, "r", message="before " + message)]).evidence[0]
    assert row.metrics[metric] == 1
    assert row.places[metric].line == 2
