"""What a client would send, from the processes that still run, in several shapes, complete and partial."""

import gzip
import random
import shutil
import subprocess
from pathlib import Path

from database import Database
from servers import redis_cli
from world import World

_VIEWS = {
    "pg_stat_statements": "SELECT * FROM pg_stat_statements ORDER BY total_exec_time DESC",
    "pg_stat_user_tables": "SELECT * FROM pg_stat_user_tables ORDER BY relname",
    "pg_stat_user_indexes": "SELECT * FROM pg_stat_user_indexes ORDER BY relname, indexrelname",
    "pg_stat_database": "SELECT * FROM pg_stat_database WHERE datname = 'lab'",
    "pg_stat_bgwriter": "SELECT * FROM pg_stat_bgwriter",
    "pg_settings": "SELECT * FROM pg_settings ORDER BY name",
}
_ACTIVITY = "SELECT * FROM pg_stat_activity ORDER BY pid"
# What is left when a client sends only what is at hand: logs, or the views, or what the edge sees.
PARTS = {
    "poor-logs": ("server.log", "access.log"),
    "poor-views": ("pg_stat_statements.csv", "pg_stat_user_tables.csv", "redis-cache.txt"),
    "poor-edge": ("access.log", "queues.csv"),
}
SHAPES = ("csv", "psql", "poor-logs", "poor-views", "poor-edge")


def take_activity(database: Database, folder: Path) -> None:
    """pg_stat_activity while the load runs."""
    copy = f"COPY ({_ACTIVITY}) TO STDOUT WITH (FORMAT csv, HEADER)"
    (folder / "pg_stat_activity.csv").write_text(database.sql(copy))


def write_all(world: World, database: Database, out: Path) -> None:
    """Everything, in the first shape ("csv"); the other shapes are made from a second asking and from parts."""
    folder = Path(world.folder)
    full = out / "csv"
    full.mkdir(parents=True)
    for name, port in (("redis-cache", world.cache_port), ("redis-queue", world.queue_port)):
        if name == "redis-cache" or world.cache_port != world.queue_port:
            (full / f"{name}.txt").write_bytes(redis_cli(port, "INFO", "everything"))
            (full / f"{name}-slowlog.txt").write_bytes(redis_cli(port, "--no-raw", "SLOWLOG", "GET", "128"))
            (full / f"{name}-config.txt").write_bytes(redis_cli(port, "CONFIG", "GET", "*"))
    # Scans read every key: after INFO, which they would change.
    (full / "redis-cache-bigkeys.txt").write_bytes(redis_cli(world.cache_port, "--bigkeys"))
    for name, query in _VIEWS.items():
        (full / f"{name}.csv").write_text(database.sql(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)"))
    shutil.copy(folder / "pg_stat_activity.csv", full)
    (full / "schema.sql").write_text(
        subprocess.run(
            ["pg_dump", "-s", "-h", "127.0.0.1", "-p", str(world.database_port), "-U", "postgres", "lab"],
            check=True, capture_output=True, text=True,
        ).stdout
    )  # fmt: skip
    shutil.copy(folder / "queues.csv", full)
    shutil.copy(folder / "access.log", full)
    (full / "server.log").write_bytes((database.logs / "server.log").read_bytes())
    _write_psql(world, database, out)
    write_poor(out)


def _write_psql(world: World, database: Database, out: Path) -> None:
    """The same system as another client sends it: psql tables, jsonlog, a sampled log drain."""
    other = out / "psql"
    other.mkdir()
    for name, query in _VIEWS.items():
        options = ("-P", "footer=on") if name != "pg_stat_database" else ("-x",)
        (other / f"{name}.txt").write_text(database.sql(query, "lab", *options))
    (other / "server.json").write_bytes((database.logs / "server.json").read_bytes())
    lines = (Path(world.folder) / "drain.ndjson").read_text().splitlines()
    kept = sorted(random.Random(world.seed).sample(range(len(lines)), len(lines) // 2))
    (other / "drain.ndjson").write_text("".join(f"{lines[at]}\n" for at in kept))
    for path in (out / "csv").glob("redis-*"):
        shutil.copy(path, other)
    shutil.copy(out / "csv/queues.csv", other)


def write_poor(out: Path) -> None:
    """The incomplete shapes, from the complete one."""
    for shape, names in PARTS.items():
        (out / shape).mkdir()
        for name in names:
            if (out / "csv" / name).exists():
                shutil.copy(out / "csv" / name, out / shape)


def pack(out: Path) -> None:
    """Compress what is large, so that a draw can be kept."""
    for path in out.rglob("*"):
        if (
            path.is_file()
            and path.stat().st_size > 50_000
            and path.suffix in (".log", ".json", ".ndjson", ".csv", ".sql")
        ):
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
            path.unlink()
