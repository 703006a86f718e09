"""Every format that is read. The list is literal; a test holds it to what lies in this folder."""

from telemetry.parsers import (
    access_log,
    bullmq_counts,
    explain,
    load_test,
    metrics,
    next_routes,
    openapi,
    pg_stat_statements,
    pg_stat_user_tables,
    postgres_log,
    redis_clients,
    redis_config,
    redis_info,
    redis_keys,
    redis_latency,
    redis_memory,
    redis_slowlog,
    vercel_logs,
)
from telemetry.parsers.base import Parser

PARSERS: list[Parser] = [
    postgres_log.PARSER,
    pg_stat_statements.PARSER,
    pg_stat_user_tables.PARSER,
    explain.PARSER,
    redis_info.PARSER,
    redis_keys.PARSER,
    redis_slowlog.PARSER,
    access_log.PARSER,
    vercel_logs.PARSER,
    load_test.PARSER,
    bullmq_counts.PARSER,
    next_routes.PARSER,
    openapi.PARSER,
    redis_clients.PARSER,
    redis_config.PARSER,
    redis_latency.PARSER,
    redis_memory.PARSER,
    metrics.PARSER,
]
