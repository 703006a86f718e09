"""Capture the exports of Harbor Books, a made-up bookshop, from real processes with known faults.

Usage: python tests/samples/capture/harbor_books.py --out DIR [--seconds 330] [--rate 32]

Needs Debian packages postgresql, postgresql-contrib, nginx-light, redis-server and nodejs with npm, the Python
packages psycopg and redis (both in requirements.txt), and npm's registry for bullmq 5 and next 16. Takes --seconds plus
about a minute. Everything runs in a temporary folder on loopback ports and is removed at the end.

Exit status: 0 captured, 1 captured but a fault did not show, 2 something is missing.
"""

import argparse
import importlib.util
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import exports
import parts
from cluster import Cluster, postgres_bin, running_cluster
from figures import count_exports
from next_manifest import build_manifest
from truth import broken_promises

HERE = Path(__file__).parent
EVERY_STATEMENT_S = 15
_PROGRAMS = {
    "nginx": "nginx-light",
    "redis-server": "redis-server",
    "redis-cli": "redis-tools",
    "npm": "nodejs npm",
    "taskset": "util-linux",
}


def missing_needs() -> list[str]:
    """Return what is not installed, in words that say how to get it."""
    missing = [f"apt-get install {package}" for name, package in _PROGRAMS.items() if not shutil.which(name)]
    if postgres_bin() is None:
        missing.append("apt-get install postgresql postgresql-contrib")
    for module in ("psycopg", "redis"):
        if importlib.util.find_spec(module) is None:
            missing.append(f"pip install {module}")
    return missing


def drive(cluster: Cluster, port: int, seconds: int, rate: float) -> dict[str, int]:
    """Send the load, with every statement logged for a while in the middle; return the sender's own tally."""
    command = [sys.executable, str(HERE / "load.py"), str(port), str(seconds), str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        time.sleep(seconds / 2)
        cluster.sql("ALTER SYSTEM SET log_min_duration_statement = 0; SELECT pg_reload_conf();")
        time.sleep(EVERY_STATEMENT_S)
        cluster.sql("ALTER SYSTEM RESET log_min_duration_statement; SELECT pg_reload_conf();")
        shown, _ = load.communicate()
    return dict(json.loads(shown))


def capture(out: Path, folder: Path, seconds: int, rate: float) -> dict[str, Any]:
    """Run the whole shop in `folder`, write its exports to `out`, and return the figures of the run."""
    postgres, cache, jobs, service, front = (parts.free_port() for _ in range(5))
    manifest, next_version = build_manifest(folder / "web")
    (out / "app-path-routes-manifest.json").write_text(manifest)
    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster(postgres_bin() or Path(), folder / "postgres", postgres))
        stack.enter_context(parts.running_redis(folder, cache))
        bullmq_version = stack.enter_context(parts.running_queues(folder, jobs, cache))
        stack.enter_context(parts.running_service(folder, service, cluster.dsn(), cache, jobs))
        stack.enter_context(parts.running_nginx(folder, front, service))
        waiting = exports.ask_queues(jobs, "counts")["emails"]["counts"]
        sent = drive(cluster, front, seconds, rate)
        exports.write_redis(out, cache)
        exports.write_queues(out, jobs)
        emptied = exports.ask_queues(jobs, "emptied")["emptied"]
        exports.write_postgres(out, cluster)
        exports.write_drain(out, folder)
        exports.write_access_log(out, folder)
    run = {"seconds": seconds, "sent": sent, "emails_at_start": waiting, "emails_whose_job_was_evicted": emptied}
    return {"run": run | {"next": next_version, "bullmq": bullmq_version}} | count_exports(out)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", type=Path, required=True, help="folder for exports/ and figures.json")
    arguments.add_argument("--seconds", type=int, default=330, help="length of the load")
    arguments.add_argument("--rate", type=float, default=32.0, help="visits per second, on average")
    chosen = arguments.parse_args()
    if missing := missing_needs():
        print("Cannot capture; first run:\n  " + "\n  ".join(missing), file=sys.stderr)
        return 2
    # Ended from outside, the run must still end what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    (chosen.out / "exports").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="harbor-", ignore_cleanup_errors=True) as temporary:
        # The cluster and nginx's workers run as other users and must be able to reach their files.
        Path(temporary).chmod(0o777)
        figures = capture(chosen.out / "exports", Path(temporary), chosen.seconds, chosen.rate)
    (chosen.out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    broken = broken_promises(figures)
    print(f"Captured into {chosen.out}", *[f"NOT SHOWN: {promise}" for promise in broken], sep="\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
