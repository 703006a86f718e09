"""Queue counts, whichever system they come from: what waits, is worked on, failed, and how many workers there are."""

from telemetry.captured import STAMP
from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import (
    bullmq_counts,
    celery_inspect,
    graphile_jobs,
    inngest_runs,
    queue_csv,
    queue_history,
    queue_llen,
    queue_prometheus,
    rabbitmq_api,
    rabbitmq_list,
    sidekiq_stats,
    sqs_queues,
)
from telemetry.parsers.base import Parser
from telemetry.parsers.queue_row import Carrier
from telemetry.source import Head, Source

BULLMQ = (
    'node -e \'const {Queue}=require("bullmq");(async()=>{const o={};for(const n of process.argv.slice(1))'
    "{const q=new Queue(n,{connection:{url:process.env.REDIS_URL}});const w=await q.getWaiting(0,0);"
    'o[n]={counts:await q.getJobCounts(),completed:await q.getMetrics("completed"),'
    'failed:await q.getMetrics("failed"),workers:(await q.getWorkers()).length,isPaused:await q.isPaused(),'
    "oldestWaiting:w[0]?.timestamp??null,capturedAt:Date.now()};await q.close()}"
    "console.log(JSON.stringify(o,null,1))})()' emails reports > queues.json"
)


def _stamped(command: str) -> str:
    """The command with the time in front of what it writes."""
    what, _, file = command.rpartition(" > ")
    return f"{{ {STAMP}; {what}; }} > {file}"


EXPORT = "\n".join(
    [
        "# BullMQ (also as metrics: queue.exportPrometheusMetrics())",
        BULLMQ,
        "# Celery",
        "celery -A app inspect active --json > celery-active.json",
        "celery -A app inspect reserved --json > celery-reserved.json",
        _stamped("celery -A app inspect stats --json > celery-stats.json"),
        _stamped('for q in celery; do echo "LLEN $q $(redis-cli llen $q)"; done > llen.txt'),
        _stamped("curl -s http://localhost:5555/metrics > flower.txt"),
        "# Sidekiq",
        _stamped("curl -s https://HOST/sidekiq/stats > sidekiq.json"),
        "# RabbitMQ",
        _stamped("curl -s -u USER http://HOST:15672/api/queues > rabbitmq-queues.json"),
        _stamped("curl -s -u USER http://HOST:15672/api/overview > rabbitmq-overview.json"),
        "curl -s -u USER http://HOST:15672/api/nodes > rabbitmq-nodes.json",
        "# Amazon SQS",
        _stamped("aws sqs get-queue-attributes --queue-url URL --attribute-names All > sqs.json"),
        "# pg-boss",
        f'psql --csv -c "{queue_csv.QUERY}" > pgboss.csv',
        "# Graphile Worker",
        f'psql --csv -c "{graphile_jobs.QUERY}" > graphile.csv',
        "# Inngest: runs as CSV with run_id,function_id,status,queued_at,started_at,ended_at",
        "# Anything else: CSV with time,queue,waiting,active,delayed,completed,failed,workers,oldest_age_s",
    ]
)
CARRIERS: list[Carrier] = [
    queue_history.CARRIER,
    bullmq_counts.CARRIER,
    queue_prometheus.CARRIER,
    celery_inspect.CARRIER,
    queue_llen.CARRIER,
    sidekiq_stats.CARRIER,
    rabbitmq_api.CARRIER,
    rabbitmq_list.CARRIER,
    sqs_queues.CARRIER,
    queue_csv.SERIES,
    queue_csv.PG_BOSS,
    graphile_jobs.CARRIER,
    inngest_runs.CARRIER,
]
TOTALS = ("waiting", "active", "delayed", "completed", "failed", "workers")


def sniff(head: Head) -> bool:
    """Claim what one of the carriers claims."""
    return any(carrier.sniff(head) for carrier in CARRIERS)


def parse(source: Source) -> ParseResult:
    """One evidence row a queue, from the one carrier that knows the file."""
    head = source.head()
    if not head.text.strip():
        raise ParseError("The file is empty; send the JSON of getJobCounts() for each queue, by name.", 1)
    carrier = next((carrier for carrier in CARRIERS if carrier.sniff(head)), None)
    if carrier is None:
        raise ParseError("No counts of jobs were found. Send the JSON of getJobCounts() for each queue, by name.", 1)
    result = carrier.read(source)
    for name in TOTALS:
        rows = (row for row in result.evidence if row.kind in ("queue.counts", "queue.broker"))
        values = [row.metrics[name] for row in rows if name in row.metrics]
        if values:
            result.totals[name] = int(sum(values))
    result.enables = ["Jobs that wait while nobody works", "The share of jobs that fail"]
    return result


PARSER = Parser(
    id="queue-counts",
    title="Queue counts",
    how_to_export=EXPORT,
    looks_for='JSON with counts such as "waiting": 3, "active": 1, "failed": 0 for each queue, or queue metrics',
    kinds=("queue.counts", "queue.task", "queue.broker"),
    sniff=sniff,
    parse=parse,
)
