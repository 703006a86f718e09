"""Queue metrics are told from all others, whether the file starts with them or with those of the runtime."""

import pytest

from telemetry.parsers.queue_names import is_queue_cloudwatch, is_queue_exposition


@pytest.mark.parametrize(
    "text",
    [
        'bullmq_job_count{queue="emails", state="waiting"} 3\n',
        "# HELP bullmq_job_count Number of jobs in the queue by state\n",
        'process_open_fds 47.0\nflower_worker_online{worker="w1"} 1.0\n',
        "flower_events_total 4\n",
    ],
)
def test_queue_metrics(text: str) -> None:
    assert is_queue_exposition(text)


@pytest.mark.parametrize(
    "text",
    [
        "process_open_fds 47.0\n",
        'http_requests_total{job="bullmq_exporter"} 3\n',
        "bullmq_ is the prefix of our metrics\n",
        "# HELP my_flower_total Flowers sold\nmy_flower_total 3\n",
        "",
    ],
)
def test_other_text(text: str) -> None:
    assert not is_queue_exposition(text)


def test_cloudwatch_of_queues() -> None:
    assert is_queue_cloudwatch('{"Label": "emails ApproximateNumberOfMessagesVisible", "Datapoints": []}')
    assert is_queue_cloudwatch('{"MetricDataResults":[{"Id":"m1","Label":"ApproximateAgeOfOldestMessage"}]}')
    assert not is_queue_cloudwatch('{"Label": "CPUUtilization", "Datapoints": []}')
