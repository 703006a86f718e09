"""A PostgreSQL cluster with the tables of a world, in a folder of its own, run by a user who is not root."""

import os
import pwd
import subprocess
from pathlib import Path

from world import World

_CONF = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = {port}
shared_buffers = {shared_buffers}MB
max_connections = {max_connections}
max_wal_size = {max_wal}MB
min_wal_size = 32MB
work_mem = {work_mem}kB
max_parallel_workers_per_gather = 0
shared_preload_libraries = 'pg_stat_statements,auto_explain'
auto_explain.log_min_duration = '150ms'
auto_explain.log_analyze = on
auto_explain.log_timing = off
log_line_prefix = '%m [%p] %q%u@%d app=%a '
log_timezone = 'UTC'
log_min_duration_statement = 0
log_parameter_max_length = 200
log_lock_waits = on
deadlock_timeout = '150ms'
log_temp_files = 0
log_checkpoints = on
log_connections = on
log_disconnections = on
log_autovacuum_min_duration = 0
autovacuum = {autovacuum}
autovacuum_naptime = '5s'
autovacuum_vacuum_scale_factor = {scale}
log_destination = 'stderr,csvlog,jsonlog'
logging_collector = on
log_directory = '{logs}'
log_filename = 'server.log'
lc_messages = 'C'
statement_timeout = '30s'
lock_timeout = '15s'
idle_in_transaction_session_timeout = '60s'
random_page_cost = 1.1
"""


def binaries() -> Path:
    """The newest PostgreSQL of the system with its extensions; RuntimeError says how to get it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("apt-get install postgresql postgresql-contrib")
    return found[-1].parent


class Database:
    """The cluster; `start`, `fill`, `forget` what filling did, `stop`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.folder = Path(world.folder) / "pg"
        self.logs = Path(world.folder) / "pglog"

    def _run(self, program: str, *arguments: str, text: str | None = None) -> str:
        command = [str(binaries() / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(command, input=text, cwd="/", check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def start(self) -> None:
        knobs = self.world.knobs
        for folder in (self.folder, self.logs):
            folder.mkdir(mode=0o755)
            if os.geteuid() == 0:
                owner = pwd.getpwnam("postgres")
                os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._run(
            "initdb", "-D", f"{self.folder}/d", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        with open(f"{self.folder}/d/postgresql.conf", "a") as settings:
            settings.write(
                _CONF.format(
                    port=self.world.database_port,
                    shared_buffers=knobs.shared_buffers_mb,
                    max_connections=knobs.max_connections,
                    max_wal=knobs.max_wal_mb,
                    work_mem=knobs.work_mem_kb,
                    autovacuum="on" if knobs.autovacuum else "off",
                    scale=knobs.autovacuum_scale,
                    logs=self.logs,
                )
            )
        self._run("pg_ctl", "-D", f"{self.folder}/d", "-l", f"{self.folder}/start.log", "-w", "-s", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/d", "-m", "immediate", "-w", "-s", "stop")

    def sql(self, text: str, database: str = "lab", *options: str) -> str:
        """Run SQL as the superuser; psql's output, unaligned and without headers unless `options` say otherwise."""
        where = ["-h", "127.0.0.1", "-p", str(self.world.database_port), "-U", "postgres", "-d", database]
        return self._run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *(options or ("-A", "-t")), *where, text=text)

    def fill(self) -> None:
        """Create the tables, fill them, and forget the statistics and the log of doing so."""
        self.sql("CREATE DATABASE lab", "postgres")
        self.sql("CREATE ROLE lab_app LOGIN; CREATE ROLE lab_batch LOGIN; CREATE EXTENSION pg_stat_statements;")
        self.sql("SET log_min_duration_statement = -1; " + schema(self.world))
        self.sql("SELECT pg_stat_reset()")
        self.sql("VACUUM (ANALYZE)" if self.world.knobs.analyze else "VACUUM")
        if rows := self.world.knobs.purged_rows:
            small = self.world.names.table("small")
            self.sql(f"INSERT INTO {small} SELECT 'X' || i, 'purged', 0 FROM generate_series(1, {rows}) i")
            self.sql(f"DELETE FROM {small} WHERE code LIKE 'X%'")
        self.sql("CHECKPOINT")
        self.sql("SELECT pg_stat_statements_reset()")
        for log in self.logs.iterdir():
            log.write_bytes(b"")
        self.sql("SELECT pg_rotate_logfile()")


def schema(world: World) -> str:
    """The tables of a world and their rows."""
    n, k = world.names, world.knobs
    child, line, parent, item = n.table("child"), n.table("line"), n.table("parent"), n.table("item")
    rows = k.child_rows
    index = f"CREATE INDEX ON {child} ({n.key('parent')}, created_at);" if k.index_on_child else ""
    spare = "".join(
        f"CREATE INDEX ON {n.table('event')} (kind, at, md5(note || '{i}'));" for i in range(k.spare_indexes)
    )
    counter = n.table("counter")
    return f"""
    CREATE TABLE {parent} (id serial PRIMARY KEY, name text NOT NULL, note text NOT NULL DEFAULT '',
      seen int NOT NULL DEFAULT 0);
    INSERT INTO {parent} (name) SELECT 'holder ' || i FROM generate_series(1, 5000) i;
    CREATE TABLE {item} (id serial PRIMARY KEY, name text NOT NULL, cents int NOT NULL, body text NOT NULL,
      sold int NOT NULL DEFAULT 0);
    INSERT INTO {item} (name, cents, body, sold)
      SELECT 'thing ' || i, 100 + i % 900, repeat(md5(i::text), 8), i::bigint * 7919 % 10007
      FROM generate_series(1, 8000) i;
    CREATE INDEX ON {item} (sold);
    CREATE TABLE {n.table("small")} (code text PRIMARY KEY, name text NOT NULL, rate int NOT NULL);
    INSERT INTO {n.table("small")} SELECT 'C' || i, 'place ' || i, i % 25 FROM generate_series(1, 200) i;
    CREATE TABLE {counter} (name text PRIMARY KEY, value bigint NOT NULL);
    INSERT INTO {counter} VALUES ('number', 0);
    CREATE TABLE {child} (id serial PRIMARY KEY, {n.key("parent")} int NOT NULL, state text NOT NULL,
      cents int NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), note text NOT NULL DEFAULT '');
    INSERT INTO {child} ({n.key("parent")}, state, cents, created_at, note)
      SELECT 1 + (i::bigint * 7919) % 5000, CASE WHEN i % 9 = 0 THEN 'open' ELSE 'done' END, 100 + i % 900,
      now() - (i % 400) * interval '1 hour', repeat('n', 60) FROM generate_series(1, {rows}) i;
    {index}
    CREATE INDEX ON {child} (created_at);
    CREATE TABLE {line} (id serial PRIMARY KEY, {n.key("child")} int NOT NULL, {n.key("item")} int NOT NULL,
      pieces int NOT NULL);
    INSERT INTO {line} ({n.key("child")}, {n.key("item")}, pieces)
      SELECT 1 + i % {rows}, 1 + (i::bigint * 31) % 8000, 1 + i % 3
      FROM generate_series(1, {max(rows * 2, k.report_rows)}) i;
    CREATE INDEX ON {line} ({n.key("child")});
    CREATE TABLE {n.table("pay")} (id serial PRIMARY KEY, {n.key("child")} int NOT NULL, state text NOT NULL);
    INSERT INTO {n.table("pay")} ({n.key("child")}, state) SELECT i, 'done' FROM generate_series(1, {rows}) i;
    CREATE UNIQUE INDEX ON {n.table("pay")} ({n.key("child")});
    CREATE TABLE {n.table("event")} (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(),
      kind text NOT NULL, note text NOT NULL);
    {spare}
    CREATE TABLE {n.report}_totals (day date PRIMARY KEY, cents bigint NOT NULL);
    INSERT INTO {n.report}_totals SELECT current_date - i, i * 1000 FROM generate_series(1, 60) i;
    GRANT ALL ON ALL TABLES IN SCHEMA public TO lab_app, lab_batch;
    GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO lab_app, lab_batch;
    """
