"""What is commonly sent by mistake: how it begins or what stands in it, what it is, and what to send instead.

Each entry ends the sentence "This looks like ...".
"""

import re

_DATA = "which holds data; send statistics and logs instead, never"
_PICTURE = "send the export as text, not a picture of it"
_OPEN = "send the export as text"

# First characters of the decoded head; binary bytes that are not UTF-8 arrive as U+FFFD.
MAGIC: list[tuple[str, str]] = [
    ("%PDF-", "a PDF document; send the export itself as text, not a printout"),
    ("\ufffdPNG", f"a PNG image; {_PICTURE}"),
    ("GIF8", f"a GIF image; {_PICTURE}"),
    ("\x00\x00\x00\x18ftypheic", f"a photo (HEIC); {_PICTURE}"),
    ("\x00\x00\x00\x24ftypheic", f"a photo (HEIC); {_PICTURE}"),
    ("\ufffd\u00f2\ufffd\x02\x00\x04\x00", f"a packet capture, {_DATA} recorded traffic"),
    ("\ufffd\ufffd\ufffd\ufffd\x00\x02\x00\x04", f"a packet capture, {_DATA} recorded traffic"),
    ("\n\r\r\n", f"a packet capture, {_DATA} recorded traffic"),
    ("\ufffd\ufffd\x11\u0871", "an old Excel or Word file; save it as CSV and send that"),
    ("7z\ufffd\ufffd", "a 7-Zip archive; send the files as .zip or .gz"),
    ("Rar!", "a RAR archive; send the files as .zip or .gz"),
    ("PGDMP", f"a pg_dump archive, {_DATA} a dump"),
    ("REDIS0", "a Redis RDB dump, which holds data; send the output of INFO everything instead"),
    ("VALKEY", "a Valkey RDB dump, which holds data; send the output of INFO everything instead"),
    ("SQLite format 3", f"an SQLite database; {_OPEN}"),
    ("\x7fELF", f"a program; {_OPEN}"),
    ("MZ\ufffd\x00", f"a Windows program; {_OPEN}"),
    ("ElfFile\x00", "a Windows event log; only PostgreSQL's own log files are read"),
    ("LPKSHHRH", "the journal of systemd in its own form; send: journalctl -u postgresql -o short-iso"),
    ("PAR1", "a Parquet file; send the export as CSV or JSON lines"),
    ("\x1f\ufffd\x08", "a compressed file inside another; unpack it once and send that"),
]

_NEEDS_ROLE = "run it as a role with pg_monitor (GRANT pg_monitor TO the role) and send the new file"

NO_ROWS = re.compile(r"^\(0 rows\)\s*\Z", re.M)
TEXT: list[tuple[re.Pattern[str], str]] = [
    # Any four bytes that are no UTF-8 may begin other binary content, so the name of the form must follow.
    (re.compile(r"\A\ufffd{3,4}.{1,3}?(?:JFIF|Exif|Adobe|ICC_PROFILE|http:)", re.S), f"a JPEG image; {_PICTURE}"),
    (
        re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
        "a private key, which must never be sent: delete the upload and replace the key",
    ),
    # -- answers of a tool that failed
    (
        re.compile(r"\A(?:psql:\S*\s*)?ERROR:  permission denied\b", re.M),
        f"an error of PostgreSQL: permission was denied; {_NEEDS_ROLE}",
    ),
    (
        re.compile(
            r'^(?:psql:\S*\s*)?ERROR:  (?:pg_stat_statements must be loaded|relation "pg_stat_statements)', re.M
        ),
        "an error of PostgreSQL: pg_stat_statements is not there; add it to shared_preload_libraries, restart, run "
        "CREATE EXTENSION pg_stat_statements in the database, and export after a day of traffic",
    ),
    (
        re.compile(r'\A(?:psql:\S*\s*)?ERROR:  (?:relation|column|function) "?[^\n]* does not exist'),
        "an error of PostgreSQL: this version has no such view or column; take the command for the version that runs",
    ),
    (
        re.compile(r"\Apsql: error: |\Apsql: FATAL|\A(?:psql: )?could not (?:connect|translate host)"),
        "an error of psql, which could not connect; run the command where the application runs, with its address",
    ),
    (
        re.compile(r"\A(?:psql:\S*\s*)?(?:ERROR|FATAL):  [^\n]*(?:\n(?:LINE|HINT|DETAIL|\s)[^\n]*){0,6}\s*\Z"),
        "an error of PostgreSQL, not an export; correct what it says and run the command again",
    ),
    (
        re.compile(r"\A(?:\(error\) |-)?(?:NOAUTH|WRONGPASS|NOPERM)\b"),
        "an error of Redis: the user may not run this; give redis-cli the user and password (--user, -a)",
    ),
    (
        re.compile(r"\A\((?:empty (?:array|list or set|list|set|hash)|nil)\)\s*\Z"),
        "redis-cli's word for an empty list: nothing was there to print. A slow log is empty when no command took "
        "longer than slowlog-log-slower-than; send CONFIG GET slowlog* beside it, or leave it out",
    ),
    (
        re.compile(r"\A(?:\(error\) |-)?ERR unknown command"),
        "an error of Redis: the provider has switched this command off; send INFO everything and its own metrics",
    ),
    (
        re.compile(r"\A(?:\(error\) |-)?(?:ERR|LOADING|READONLY|MOVED|CLUSTERDOWN|MASTERDOWN) [^\n]{1,300}\s*\Z"),
        "an error of Redis, not an export; correct what it says and run the command again",
    ),
    (
        re.compile(r"\ACould not connect to Redis at "),
        "an error of redis-cli, which could not connect; run it where the application runs, with its address",
    ),
    (
        re.compile(r"\A\s*(?:Unable to locate credentials|An error occurred \(\w+\) when calling the \w+ operation)"),
        "an error of AWS, not an export; run the command with a role that may read these metrics",
    ),
    (
        re.compile(
            r"\A\s*(?:<\?xml[^>]*>\s*)?<Error(?:Response)?[ >]"
            r'|\A\s*\{\s*"(?:__type|Error)"\s*:\s*(?:"[^"]*(?:Exception|Denied)|\{\s*"(?:Code|Message)")'
        ),
        "an error of AWS, not an export; run the command with a role that may read these metrics",
    ),
    (
        re.compile(r"\AError: No nodes replied within time constraint"),
        "an answer of Celery that no worker gave; run inspect while the workers run, with the same broker",
    ),
    (
        re.compile(r"\A(?:[\w./-]*sh: (?:line )?\d*:? ?)?[\w./-]+: (?:command )?not found\s*\Z|\Acurl: \(\d+\) "),
        "a shell's error, not an export: the command did not run; install what it names and run it again",
    ),
    # -- other systems
    (
        re.compile(r"\[index\.(?:search|indexing)\.slowlog[.\]]|index_(?:search|indexing)_slowlog"),
        "an Elasticsearch slow log, which is not read yet; of Redis send: redis-cli --json SLOWLOG GET 128",
    ),
    (re.compile(r"^pika_version:", re.M), "INFO of Pika, which is neither Redis nor Valkey"),
    (
        re.compile(r"^# Time: \S[^\n]*\n# User@Host:|^# User@Host: [^\n]*\n(?:#[^\n]*\n)*# Query_time: ", re.M),
        "a MySQL slow query log; only PostgreSQL logs are read",
    ),
    (re.compile(r"\[(?:Note|Warning|ERROR|System)\] \[MY-\d{6}\]"), "a MySQL error log; only PostgreSQL logs are read"),
    (
        re.compile(r'\A\s*\{\s*"t"\s*:\s*\{\s*"\$date"[^\n]*"s"\s*:\s*"[A-Z]\d?"\s*,\s*"c"\s*:'),
        "a MongoDB log, which is not read; only PostgreSQL logs are",
    ),
    (
        re.compile(r"^\S+T\S+ [IWEFD]\d? +(?:COMMAND|NETWORK|CONTROL|STORAGE|QUERY|REPL|ACCESS) +\[\w+\]", re.M),
        "a MongoDB log, which is not read; only PostgreSQL logs are",
    ),
    (re.compile(r"<ShowPlanXML\b"), "a plan of SQL Server; of PostgreSQL send EXPLAIN (ANALYZE, BUFFERS) as text"),
    (
        re.compile(
            r'\A\s*\{\s*"query_block"\s*:|\bselect_type\b[^\n]*\bpossible_keys\b'
            r"|^[ \t]*-> [^\n]*\(cost=[\d.e+]+ rows=[\d.e+]+\)",
            re.M,
        ),
        "a plan of MySQL; of PostgreSQL send EXPLAIN (ANALYZE, BUFFERS) as text",
    ),
    (
        re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \w+,[^\n]*,p\d+,th-?\d+,[^\n]*,(?:seg-?\d+|con\d+)?,", re.M),
        "a log of Greenplum, whose columns are its own; only PostgreSQL logs are read",
    ),
    (
        re.compile(r"^Statistics +Avg +Stdev +Max\n +Reqs/sec ", re.M),
        "what bombardier printed, which is not read; run the test with oha, hey, wrk or k6",
    ),
    (
        re.compile(r"^ ?(?:Type +)?Name +# reqs +# fails\b", re.M),
        "what Locust shows in a terminal; run it with --csv run and send run_stats.csv",
    ),
    (
        re.compile(
            r'"current_rps"\s*:[^\0]{0,4000}"num_requests"\s*:|"num_requests"\s*:[^\0]{0,4000}"current_rps"\s*:'
        ),
        "what Locust's page reads while it runs; send its run_stats.csv (--csv run, or the page's download)",
    ),
    (
        re.compile(r'\A[\s\[]*\{[^\0]{0,2000}?"httpRequest"\s*:\s*\{[^\0]{0,2000}?"requestUrl"\s*:'),
        "request logs of Google Cloud; send JSON lines with jq -c '.[] | {timestamp, status: .httpRequest.status,"
        " method: .httpRequest.requestMethod, url: .httpRequest.requestUrl, bytes: .httpRequest.responseSize, "
        'request_time: ((.httpRequest.latency // empty) | rtrimstr("s"))}\'',
    ),
    (
        re.compile(r"^#?(?:shared_buffers|max_connections|work_mem|listen_addresses)\s*=\s*\S", re.M),
        "postgresql.conf, which a server may not have read; send what it uses: psql --csv -c 'table pg_settings'",
    ),
    (
        re.compile(r"^\[pgbouncer\]\s*$", re.M),
        "the configuration of PgBouncer, which may hold passwords; send what it uses: SHOW CONFIG and SHOW POOLS",
    ),
    (
        re.compile(r"^(?:maxmemory-policy|appendonly|appendfsync|tcp-keepalive) [\w-]+\s*$", re.M),
        "redis.conf, which may hold passwords; send what the server uses: redis-cli CONFIG GET '*'",
    ),
    (
        re.compile(r"^[ \t]*(?:worker_connections|proxy_pass|fastcgi_pass|keepalive_timeout)\s[^;\n]{1,200};", re.M),
        "a configuration of nginx; send its access log instead, with $request_time in log_format",
    ),
    (re.compile(r"^Plan hash value: \d+", re.M), "a plan of Oracle; only plans of PostgreSQL are read"),
    (
        re.compile(r'\A\s*\{\s*"rabbit(?:mq)?_version"\s*:[^\0]*"users"\s*:\s*\['),
        "definitions of RabbitMQ, which hold password hashes; send /api/queues and /api/overview instead",
    ),
    (
        re.compile(r'\A\s*\{\s*"meta"\s*:\s*\{\s*"count"\s*:[^}]*"prevTS"'),
        "BullMQ's getMetrics, which names neither the queue nor whether its jobs completed or failed; send what the "
        "export command of queue counts prints",
    ),
    (
        re.compile(r"\A\s*+(?:\[\s*+)?\{\s*+(?:'[\w-]+'|[A-Za-z_]\w*): [^\n]*(?:,|\{|\[|\})\s*\n"),
        "a JavaScript object as console.log prints it; print JSON.stringify(value) instead and send that",
    ),
    # -- data instead of statistics
    (
        re.compile(r"\A\*\d+\r?\n\$\d+\r?\n(?:SELECT|MULTI|SET)\b", re.I),
        "an append-only file of Redis, which holds data; send the output of INFO everything instead",
    ),
    (
        re.compile(r'\A(?:OK\n)?\d{10}\.\d{6} \[\d+ \S+\] "'),
        "what Redis' MONITOR prints, which holds values and slows the server; send SLOWLOG GET and INFO everything",
    ),
    # -- the right thing in another form
    (
        re.compile(r"ActiveRecord::Schema(?:\[[\d.]+\])?\.define\b"),
        "a Rails schema.rb, which is Ruby; send db/structure.sql, or: pg_dump --schema-only DATABASE > schema.sql",
    ),
    (
        re.compile(r"from ['\"]drizzle-orm/"),
        "a Drizzle schema, which is TypeScript; send its SQL migrations (drizzle/*.sql) or: pg_dump --schema-only",
    ),
    (
        re.compile(r'\A\s*(?:Table|View|Index|Partitioned table) "[^"\n]+"\s*\n\s*Column\s*\|', re.M),
        r"psql's \d of one table; send the whole schema: pg_dump --schema-only DATABASE > schema.sql",
    ),
    (
        re.compile(r"\A\s*List of relations\s*\n"),
        r"psql's list of tables; send the schema (pg_dump --schema-only), and \dt+ for the sizes",
    ),
    (
        re.compile(r"\A\s*enum\s+\w+\s*\{\s*(?:\w+\s+)+\}", re.A),
        "an enum without a model; send the other .prisma files of the folder, nothing is read from this one",
    ),
    (
        re.compile(r"\A(?:--\n-- PostgreSQL database dump|--\n\n-- Dumped)"),
        "a pg_dump of a database in SQL",
    ),
    (
        re.compile(r"\A\s*+<table border=|\A\s*+\.?[^\n]*\n?\[options=\"header\"|\A\\begin\{tabular\}"),
        "a table that psql wrote for a page (HTML, AsciiDoc, LaTeX); write it with --csv instead",
    ),
    (
        re.compile(r"\A\s?[\w.\"]+ *\| *[-\d.]+ *(?:\||\n)"),
        "rows of psql without their column names (-t, tuples only); run it again with --csv and without -t",
    ),
    (NO_ROWS, "an answer without a row; nothing can be read from it"),
    (
        re.compile(r"\A\s*(?:<!doctype html|<html)", re.I),
        "an HTML page; send the file behind it, not the page",
    ),
    (re.compile(r"\A\s*<\?xml"), "an XML document"),
    (
        re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[(?:error|warn|notice|crit)\]", re.M),
        "an nginx error log; send the access log",
    ),
    (
        re.compile(r"^Traceback \(most recent call last\)|^[ \t]+at \S+ \(\S+:\d+:\d+\)", re.M),
        "an application's error output",
    ),
]
