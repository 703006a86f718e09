"""Real servers for the tests: the same PostgreSQL, Redis and worker that ./run starts."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator

import pytest
import redis
from django.conf import settings

from reviews.serve.home import Home
from reviews.serve.postgres import postgres_service
from reviews.serve.programs import program_env, worker_service
from reviews.serve.redis import redis_service
from reviews.serve.service import Process, Service, last_lines

READY_S = 60.0


def wait_until(ready: Callable[[], bool], seconds: float = READY_S, what: str = "it") -> None:
    """Wait for something to become true; fails the test otherwise."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)


@contextlib.contextmanager
def running(home: Home, service: Service) -> Iterator[Process]:
    """A service that is ready, and is ended at the end."""
    process = Process(service, home.logs / f"{service.name}.log")
    try:
        wait_until(lambda: process.status() is not None or service.ready(), what=f"{service.name} ready")
        assert process.status() is None, last_lines(process.log, 30)
        yield process
    finally:
        process.end()


@pytest.fixture(scope="session")
def services() -> Iterator[Home]:
    """PostgreSQL and Redis in the temporary home, for as long as the run needs them."""
    home = Home.from_environment()
    with running(home, postgres_service(home, forgetful=True)), running(home, redis_service(home)):
        yield home


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: Home) -> None:
    """The database must run before pytest-django makes the test database in it."""


@pytest.fixture
def queue(services: Home) -> Iterator[redis.Redis]:
    """The queue's Redis, emptied before and after."""
    with redis.Redis.from_url(services.redis_url) as client:
        client.flushall()
        yield client
        client.flushall()


@pytest.fixture
def celery_worker_process(services: Home, queue: redis.Redis, transactional_db: None) -> Iterator[Process]:
    """A real worker on the test database. Kill it with os.kill(fixture.pid, 9) to see what survives."""
    with running(services, worker_on_test_database(services)) as process:
        yield process


def worker_on_test_database(home: Home) -> Service:
    """How to run one more worker on the test database."""
    name = settings.DATABASES["default"]["NAME"]
    env = {
        **program_env(),
        "DJANGO_SETTINGS_MODULE": "reviews.settings",
        "LOADLINE_HOME": str(home.root),
        "LOADLINE_ENV": "test",
        "DATABASE_URL": f"postgresql://loadline@/{name}?host={home.postgres_socket}",
        "REDIS_URL": home.redis_url,
        "PATH": os.environ.get("PATH", ""),
    }
    return worker_service(home, env)
