"""What is sent by mistake is called by its name, and the client is told what to send instead."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry.opening import open_path
from telemetry.reading import read_opened
from telemetry.source import no_progress

_PSQL = b'psql: error: connection to server at "db.example.com" (203.0.113.9), port 5432 failed: '


def samples() -> Iterator[tuple[str, bytes, str, str]]:
    """(id, content, what it is, what to do)."""
    yield (
        "psql_password",
        _PSQL + b'FATAL:  password authentication failed for user "app"\n',
        "error of psql",
        "run the",
    )
    yield "psql_refused", _PSQL + b"Connection refused\n\tIs the server running, here?\n", "error of psql", "run the"
    yield "psql_denied", b"ERROR:  permission denied for view pg_stat_statements\n", "permission", "GRANT pg_monitor"
    yield (
        "psql_no_extension",
        b'ERROR:  relation "pg_stat_statements" does not exist\nLINE 1: select * from pg_stat_statements\n'
        b"                      ^\n",
        "pg_stat_statements is not there",
        "CREATE EXTENSION",
    )
    yield (
        "psql_not_preloaded",
        b'ERROR:  pg_stat_statements must be loaded via "shared_preload_libraries"\n',
        "pg_stat_statements is not there",
        "shared_preload_libraries",
    )
    yield (
        "psql_older_version",
        b'psql:views.sql:3: ERROR:  relation "pg_stat_io" does not exist\nLINE 1: select * from pg_stat_io\n',
        "no such view",
        "for the version that runs",
    )
    yield (
        "psql_syntax",
        b'ERROR:  syntax error at or near "form"\nLINE 1: select * form t\n',
        "error of Post",
        "correct",
    )
    yield "no_rows", b" pid | usename | note \n-----+---------+------\n(0 rows)\n\n", "without a row", "nothing"
    yield "psql_tuples_only", b"orders|14|46801\ncustomers|5|2000\n", "without their column names", "without -t"
    yield "psql_tuples_aligned", b" orders    |   14 | 46801\n customers |    5 |  2000\n", "column names", "--csv"
    yield "psql_html", b'<table border="1">\n  <tr>\n    <th align="center">relname</th>\n', "for a page", "--csv"
    yield "redis_empty", b"(empty array)\n", "empty list", "slowlog-log-slower-than"
    yield "redis_empty_old", b"(empty list or set)\n", "empty list", "slowlog-log-slower-than"
    yield "redis_noauth", b"(error) NOAUTH Authentication required.\n", "error of Redis", "user and password"
    yield "redis_noauth_pipe", b"NOAUTH Authentication required.\n\n", "error of Redis", "user and password"
    yield "redis_noperm", b"NOPERM this user has no permissions to run the 'info' command\n", "error of Redis", "user"
    yield (
        "elasticache_config",
        b"(error) ERR unknown command 'CONFIG', with args beginning with: 'GET' '*' \n",
        "switched this command off",
        "INFO everything",
    )
    yield "redis_refused", b"Could not connect to Redis at 127.0.0.1:6379: Connection refused\n", "redis-cli", "run it"
    yield "redis_aof", b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n", "append-only file", "INFO everything"
    yield (
        "redis_monitor",
        b'OK\n1700000000.123456 [0 127.0.0.1:51816] "GET" "session:12"\n',
        "MONITOR",
        "SLOWLOG GET",
    )
    yield (
        "aws_cli",
        b"\nAn error occurred (AccessDenied) when calling the GetMetricData operation: User: arn:aws:iam::123:user/x\n",
        "error of AWS",
        "role",
    )
    yield "aws_json", b'{"__type":"AccessDeniedException","Message":"not authorized"}\n', "error of AWS", "role"
    yield "aws_credentials", b"Unable to locate credentials. You can configure credentials.\n", "error of AWS", "role"
    yield "aws_xml", b"<?xml version='1.0'?>\n<Error><Code>AccessDenied</Code></Error>\n", "error of AWS", "role"
    yield "celery", b"Error: No nodes replied within time constraint.\n", "no worker gave", "while the workers run"
    yield "shell", b"bash: redis-cli: command not found\n", "shell's error", "install"
    yield (
        "curl",
        b"curl: (7) Failed to connect to localhost port 15672: Connection refused\n",
        "shell's error",
        "run it",
    )
    yield (
        "answer",
        b'{"statusCode":401,"error":"Unauthorized","message":"Token of ann@example.org expired"}\n',
        ("an error answer"),
        "token",
    )
    yield "login", b"<!DOCTYPE html>\n<html><head><title>Sign in - Grafana</title></head></html>", "Sign in", "sign in,"
    yield "http_500", b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n", "502 Bad", "fetch"
    yield "page", b"<html><title>Harbor Books</title><p>Our books</p></html>", "an HTML page", "not the page"
    yield (
        "elasticsearch_json",
        b'{"type": "index_search_slowlog", "timestamp": "2025-11-12T14:05:09,123Z", "level": "WARN", "took": "1s"}\n',
        "Elasticsearch slow log",
        "SLOWLOG GET",
    )
    yield (
        "mysql_slow",
        b"# Time: 251112 14:05:09\n# User@Host: app[app] @ [10.0.0.5]\n# Query_time: 2.1  Lock_time: 0\nSELECT 1;\n",
        "MySQL slow query log",
        "only PostgreSQL",
    )
    yield (
        "mysql_error",
        b"2025-11-12T14:05:09.1Z 0 [Note] [MY-010747] [Server] Plugin x is disabled.\n",
        "MySQL",
        "only",
    )
    yield (
        "mongodb",
        b'{"t":{"$date":"2025-11-12T14:05:09.123+00:00"},"s":"I",  "c":"COMMAND",  "id":51803,   "ctx":"conn1",'
        b'"msg":"Slow query"}\n',
        "a MongoDB log",
        "only PostgreSQL",
    )
    yield (
        "mongodb_old",
        b"2019-11-12T14:05:09.123+0000 I COMMAND  [conn12] command shop.orders command: find { find: 1 } 1200ms\n",
        "a MongoDB log",
        "only PostgreSQL",
    )
    yield (
        "sql_server_plan",
        b'<?xml version="1.0" encoding="utf-8"?>\n<ShowPlanXML xmlns="http://schemas.microsoft.com/sqlserver/2004/07/">\n',
        "plan of SQL Server",
        "EXPLAIN (ANALYZE, BUFFERS)",
    )
    yield "mysql_plan", b'{\n  "query_block": {\n    "select_id": 1\n  }\n}\n', "plan of MySQL", "EXPLAIN (ANALYZE"
    yield (
        "mysql_tree",
        b"-> Nested loop inner join  (cost=108.50 rows=20) (actual time=0.25..12.3 rows=1450 loops=1)\n"
        b"    -> Table scan on o  (cost=50.25 rows=200) (actual time=0.10..3.5 rows=2000 loops=1)\n",
        "plan of MySQL",
        "EXPLAIN (ANALYZE",
    )
    yield (
        "greenplum",
        b'2025-01-16 13:21:09.290544 CST,"app","shop",p338,th-18,"10.0.0.5","21872",2025-01-16 10:22:02 CST,21,con7,'
        b'cmd1,seg2,slice1,dx1,x21,sx1,"LOG","00000","statement: select 1",,,,,,"select 1",0,,"postgres.c",907,\n',
        "a log of Greenplum",
        "only PostgreSQL",
    )
    yield "postgresql_conf", b"max_connections = 100\nshared_buffers = 128MB  # min\n", "postgresql.conf", "pg_settings"
    yield "pgbouncer_ini", b"[databases]\n* = host=db\n[pgbouncer]\npool_mode = session\n", "PgBouncer", "SHOW CONFIG"
    yield "redis_conf", b"bind 127.0.0.1\nport 6379\nappendonly no\n", "redis.conf", "CONFIG GET"
    yield "nginx_conf", b"location / {\n  proxy_pass http://app;\n}\n", "configuration of nginx", "access log"
    yield (
        "bombardier",
        b"Statistics        Avg      Stdev        Max\n  Reqs/sec        12.58      67.10    1470.52\n",
        "bombardier printed",
        "oha",
    )
    yield (
        "locust_terminal",
        b" Name                     # reqs      # fails     Avg     Min     Max  |  Median   req/s\n-----\n"
        b" GET /books                  181     0(0.00%)      50      34      97  |      45    0.00\n",
        "what Locust shows",
        "--csv run",
    )
    yield (
        "locust_page",
        b'{"errors": [], "stats": [{"name": "/a", "current_rps": 5.2, "num_requests": 3}], "state": "stopped"}\n',
        "Locust's page",
        "run_stats.csv",
    )
    yield (
        "google_cloud_requests",
        b'[{"httpRequest": {"latency": "0.01s", "requestMethod": "GET", "requestUrl": "http://shop/a", "status": 200},'
        b' "insertId": "x1", "logName": "projects/p/logs/requests"}]\n',
        "request logs of Google Cloud",
        "jq -c",
    )
    yield "oracle_plan", b"Plan hash value: 3956160932\n\n| Id | Operation |\n", "plan of Oracle", "only plans of"
    yield (
        "rabbit_definitions",
        b'{"rabbit_version":"3.12.1","users":[{"name":"app","password_hash":"aGFzaA=="}],"vhosts":[]}\n',
        "definitions of RabbitMQ",
        "/api/queues",
    )
    yield (
        "console_log",
        b"{\n  active: 2,\n  completed: 11,\n  'waiting-children': 0\n}\n",
        "console.log",
        "JSON.stringify",
    )
    yield (
        "bullmq_metrics",
        b'{"meta":{"count":11,"prevTS":1795914987776,"prevCount":0},"data":[],"count":0}',
        "BullMQ's getMetrics",
        "the export command",
    )
    yield "schema_rb", b"ActiveRecord::Schema[7.1].define(version: 2024_01_01) do\nend\n", "schema.rb", "structure.sql"
    yield (
        "drizzle",
        b'import { pgTable, serial, text } from "drizzle-orm/pg-core";\n',
        "Drizzle schema",
        "drizzle/*.sql",
    )
    yield (
        "psql_d",
        b'             Table "public.orders"\n Column | Type | Collation | Nullable | Default \n--------+------+---\n',
        "one table",
        "pg_dump --schema-only",
    )
    yield "pg_dump_custom", b"PGDMP\x01\x0e\x00\x04\x08\x01", "a pg_dump archive", "never a dump"
    yield "pcap", b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00" + bytes(16), "packet capture", "never recorded traffic"
    yield "pcapng", b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a" + bytes(16), "packet capture", "never recorded"
    yield "pcap_big_endian", b"\xa1\xb2\xc3\xd4\x00\x02\x00\x04" + bytes(16), "packet capture", "recorded traffic"
    yield "sqlite", b"SQLite format 3\x00" + bytes(80), "SQLite database", "as text"
    yield "rdb", b"REDIS0011\xfa\tredis-ver\x057.0.15", "Redis RDB dump", "INFO everything"
    yield "jpeg_of_a_phone", b"\xff\xd8\xff\xe1\x1c\x45Exif\x00\x00II", "JPEG image", "not a picture"
    yield "journal", b"LPKSHHRH\x00\x00\x00\x00" + bytes(60), "journal of systemd", "journalctl"
    yield "key", b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END", "a private key", "replace the key"


SAMPLES = list(samples())


@pytest.mark.parametrize(("content", "what", "instead"), [one[1:] for one in SAMPLES], ids=[one[0] for one in SAMPLES])
def test_it_is_called_by_its_name(tmp_path: Path, content: bytes, what: str, instead: str) -> None:
    path = tmp_path / "export"
    path.write_bytes(content)
    (opened,) = open_path(path)
    reading = read_opened(opened, no_progress, None)
    assert reading.result is None
    assert reading.error is not None
    assert what in reading.error, reading.error
    assert instead in reading.error, reading.error
    assert "ann@example.org" not in reading.error


def test_rows_of_a_table_are_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_bytes(b"1\tann@example.org\t2025-11-12 14:05:09\n2\tbob@example.org\t2025-11-12 14:05:10\n")
    (opened,) = open_path(path)
    reading = read_opened(opened, no_progress, None)
    assert reading.error is not None
    assert "ann" not in reading.error
    assert "example.org" not in reading.error
