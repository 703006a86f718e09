"""Write what Harbor Books would export, from the processes that are still running."""

import gzip
import json
import random
import re
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from cluster import Cluster

SAMPLED_REQUESTS = 3000
_STATEMENTS = (
    "COPY (SELECT * FROM pg_stat_statements ORDER BY total_exec_time DESC) TO STDOUT WITH (FORMAT csv, HEADER)"
)
_TABLES = "COPY (SELECT * FROM pg_stat_user_tables ORDER BY relname) TO STDOUT WITH (FORMAT csv, HEADER)"


def ask_queues(jobs_port: int, question: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{jobs_port}/{question}", timeout=30) as reply:
        return dict(json.load(reply))


def write_redis(out: Path, redis_port: int) -> None:
    """Save INFO first of all: any scan of the keys would count as hits. Only the kernel's release is masked."""
    info = subprocess.run(["redis-cli", "-p", str(redis_port), "INFO", "everything"], check=True, capture_output=True)
    masked = re.sub(rb"(?m)^os:Linux \S+", b"os:Linux (release masked)", info.stdout)
    (out / "redis-info.txt").write_bytes(masked)


def write_queues(out: Path, jobs_port: int) -> None:
    (out / "bullmq-counts.json").write_text(json.dumps(ask_queues(jobs_port, "counts"), indent=1) + "\n")


def write_postgres(out: Path, cluster: Cluster) -> None:
    """Save the two statistics views, then the log as it is (the statistics go first, as a client would ask)."""
    (out / "pg_stat_statements.csv").write_text(cluster.sql(_STATEMENTS))
    (out / "pg_stat_user_tables.csv").write_text(cluster.sql(_TABLES))
    (out / "postgresql.log").write_bytes(cluster.log.read_bytes())


def write_access_log(out: Path, folder: Path) -> None:
    packed = gzip.compress((folder / "access.log").read_bytes(), mtime=0)
    (out / "access.log.gz").write_bytes(packed)


def write_drain(out: Path, folder: Path) -> None:
    """Save an even sample of the service's records, in the order of their times."""
    records = (folder / "records.ndjson").read_text().splitlines()
    kept = random.Random(1).sample(records, min(SAMPLED_REQUESTS, len(records)))
    kept.sort(key=lambda line: json.loads(line)["timestamp"])
    (out / "vercel-logs.ndjson").write_text("\n".join(kept) + "\n")
