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
    return vercel_logs.parse(Source("f", io.BytesIO(text.encode())))


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
