"""Real servers for the tests: the same PostgreSQL, Redis and worker that ./run starts."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import redis
from django.conf import settings
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from reviews.serve.home import Home
from reviews.serve.postgres import postgres_service
from reviews.serve.programs import program_env, worker_service
from reviews.serve.redis import redis_service
from reviews.serve.service import Process, Service, last_lines

PATIENCE_S = 120.0  # for every wait alike: one that comes true costs nothing, and a busy machine is no fault


def wait_until(ready: Callable[[], bool], what: str) -> None:
    """Wait for something to become true; fails the test otherwise."""
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < deadline, f"{what} did not happen within {PATIENCE_S} s"
        time.sleep(0.05)


@contextlib.contextmanager
def running(home: Home, service: Service) -> Iterator[Process]:
    """A service that is ready, and is ended at the end."""
    process = Process(service, home.logs / f"{service.name}.log")
    try:
        wait_until(lambda: process.status() is not None or service.ready(), f"{service.name} ready")
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


@pytest.fixture(scope="module")
def module_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[DjangoDbBlocker]:
    """What a fixture of this scope writes is there for every test of the module, and gone after the last.

    Each test stands in a savepoint, so it begins with the same rows. Not for tests that commit.
    """
    with contextlib.ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(transaction.atomic())
        yield django_db_blocker
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            stack.close()


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


def worker_on_test_database(home: Home, app: str = "reviews") -> Service:
    """How to run one more worker on the test database; `app` is where its application is.

    It is not asked to end what it does: nobody reads what a test has left.
    """
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
    service = worker_service(home, env)
    return replace(service, command=tuple(app if word == "reviews" else word for word in service.command), stop=())
