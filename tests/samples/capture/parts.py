"""Start the run's other processes (Redis, BullMQ, the service, nginx) on loopback ports, and stop what was started."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from shell import run_in

HERE = Path(__file__).parent
REDIS_LIMIT = "8mb"
_START_S = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    """Return when something listens on `port`; RuntimeError with the output when the process died or took too long."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}:\n{output.read_text()[-1000:]}")


@contextmanager
def _running(command: list[str], port: int, output: Path, folder: Path) -> Iterator[None]:
    """Keep `command` running in `folder`, its output in a file; ends it, and only it, at the end."""
    with output.open("wb") as written:
        process = subprocess.Popen(command, cwd=folder, stdout=written, stderr=subprocess.STDOUT)
        try:
            _wait_for(port, process, output)
            yield
        finally:
            process.terminate()
            process.wait(timeout=_START_S)


@contextmanager
def running_redis(folder: Path, port: int) -> Iterator[None]:
    """Run Redis for cache, sessions and queues together, with an eviction policy that suits only the cache."""
    settings = ["--maxmemory", REDIS_LIMIT, "--maxmemory-policy", "allkeys-lru", "--save", "", "--appendonly", "no"]
    # Started by its full path and without a file of settings, so that INFO names no path of this machine.
    command = [shutil.which("redis-server") or "redis-server", "--port", str(port), "--bind", "127.0.0.1", *settings]
    with _running(command, port, folder / "redis.out", Path("/")):
        yield


@contextmanager
def running_queues(folder: Path, port: int, redis_port: int) -> Iterator[str]:
    """Install and run BullMQ; yields its version."""
    (folder / "package.json").write_text('{"private": true}\n')
    run_in(folder, "npm", "install", "--silent", "bullmq@5")
    version = run_in(folder, "node", "-p", "require('bullmq/package.json').version")
    command = ["node", str(HERE / "queues.mjs"), str(redis_port), str(port)]
    with _running(command, port, folder / "queues.out", folder):
        yield version


@contextmanager
def running_service(folder: Path, port: int, dsn: str, redis_port: int, jobs_port: int) -> Iterator[None]:
    """Run the shop; its records, one for each request, go to `records.ndjson` in the folder."""
    command = [sys.executable, str(HERE / "service.py"), str(port), dsn, str(redis_port), str(jobs_port)]
    with _running([*command, str(folder / "records.ndjson")], port, folder / "service.out", folder):
        yield


@contextmanager
def running_nginx(folder: Path, port: int, upstream: int) -> Iterator[None]:
    """Run nginx in front of the service; its access log is `access.log` in the folder."""
    settings = Template((HERE / "nginx.conf").read_text()).substitute(folder=folder, port=port, upstream=upstream)
    (folder / "nginx.conf").write_text(settings)
    command = [
        shutil.which("nginx") or "nginx",
        "-c",
        str(folder / "nginx.conf"),
        "-e",
        str(folder / "nginx-error.log"),
    ]
    with _running(command, port, folder / "nginx.out", folder):
        yield
