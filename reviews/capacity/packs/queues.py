"""Names under which exporters publish the depth and the age of a queue, by the system that runs it."""

from dataclasses import dataclass

from reviews.capacity.packs.text import promql


@dataclass(frozen=True, slots=True)
class Published:
    """PromQL for one queue up to its name in quotes, and the exporter that publishes it; "" when it does not."""

    exporter: str
    depth: str
    age: str = ""

    def of(self, measure: str, queue: str) -> str:
        """The selector of one queue: `measure` is "depth" or "age"; "" when the exporter does not publish it."""
        left = self.depth if measure == "depth" else self.age
        return f"max({left}{promql(queue)}}})" if left else ""


SYSTEMS: dict[str, Published] = {
    # https://docs.bullmq.io/guide/metrics/prometheus
    "bullmq": Published("BullMQ's own exportPrometheusMetrics", 'bullmq_job_count{state=~"waiting|prioritized",queue='),
    # https://github.com/danihodovic/celery-exporter
    "celery": Published("celery-exporter", "celery_queue_length{queue_name="),
    # https://github.com/Strech/sidekiq-prometheus-exporter
    "sidekiq": Published(
        "sidekiq-prometheus-exporter", "sidekiq_queue_enqueued_jobs{name=", "sidekiq_queue_latency_seconds{name="
    ),
    # https://www.rabbitmq.com/docs/prometheus: /metrics/detailed?family=queue_coarse_metrics
    "rabbitmq": Published("RabbitMQ's prometheus plugin", "rabbitmq_detailed_queue_messages_ready{queue="),
    # https://github.com/prometheus/cloudwatch_exporter
    "sqs": Published(
        "cloudwatch_exporter",
        "aws_sqs_approximate_number_of_messages_visible_maximum{queue_name=",
        "aws_sqs_approximate_age_of_oldest_message_maximum{queue_name=",
    ),
}
# What no exporter of its own publishes (pg-boss, graphile-worker, Inngest): a gauge that the application exports.
OWN = Published("a gauge of your application", "queue_waiting_jobs{queue=", "queue_oldest_job_age_seconds{queue=")


def published(system: str) -> Published:
    """Where a queue of this system is read."""
    return SYSTEMS.get(system, OWN)
