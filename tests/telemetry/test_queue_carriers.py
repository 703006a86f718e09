"""What the carriers of queue counts agree on, and what of a job's data never gets through."""

import io
import json

import pytest

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import queue_counts
from telemetry.source import Source
from tests.telemetry.cases import FOLDER


def read(text: str) -> ParseResult:
    return queue_counts.PARSER.parse(Source("queues", io.BytesIO(text.encode())))


def case(name: str) -> ParseResult:
    return read((FOLDER / "queue_counts" / name).read_text("utf-8"))


def test_json_and_text_of_celery_are_the_same() -> None:
    one, two = case("celery_active.json"), case("celery_active_text.txt")
    assert [(row.kind, row.subject, row.metrics) for row in one.evidence] == [
        (row.kind, row.subject, row.metrics) for row in two.evidence
    ]


def test_json_and_metrics_of_bullmq_are_the_same() -> None:
    """The same queue, asked twice in one minute; the metrics do not know workers."""
    listed = next(row for row in case("many.json").evidence if row.subject == "emails").metrics
    exposed = next(iter(case("bullmq_prometheus.txt").evidence)).metrics
    assert {name: value for name, value in listed.items() if name != "workers"} == exposed


@pytest.mark.parametrize("indent", [None, 1])
def test_data_of_jobs_are_not_kept(indent: int | None) -> None:
    board = {
        "queues": [
            {
                "name": "emails",
                "counts": {"waiting": 1, "active": 0, "failed": 1},
                "jobs": [{"id": "1", "data": {"street": "Mole Lane 4"}, "failedReason": "no such street"}],
            }
        ]
    }
    result = read(json.dumps(board, indent=indent))
    assert result.totals == {"waiting": 1, "active": 0, "failed": 1}
    assert "Mole Lane" not in repr(result)
    assert "no such street" not in repr(result)


@pytest.mark.parametrize("name", ["celery_scheduled.json", "pg_boss_jobs.csv"])
def test_arguments_are_not_kept(name: str) -> None:
    assert "example.com" not in repr(case(name))


def test_workers_that_do_not_answer_are_no_zero() -> None:
    with pytest.raises(ParseError, match="no count of zero"):
        read("->  w1@shop: OK\n")
