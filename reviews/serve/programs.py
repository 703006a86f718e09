"""The programs of Loadline itself: web server, worker, beat, and the steps that run once."""

import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from reviews.serve.home import CHECKOUT, Home
from reviews.serve.service import Service

WEB_STOP = ((signal.SIGTERM, 10.0), (signal.SIGQUIT, 3.0))
# Warm shutdown lets tasks finish; cold (SIGQUIT) hands them back to the queue, and they start again next time.
WORKER_STOP = ((signal.SIGTERM, 10.0), (signal.SIGQUIT, 5.0))


def web_service(fd: int, env: Mapping[str, str], ready: Callable[[], bool]) -> Service:
    """The web server on a socket that is already open."""
    memory = ("--worker-tmp-dir", "/dev/shm") if Path("/dev/shm").is_dir() else ()  # noqa: S108  heartbeat files only
    size = ("--workers", env.get("LOADLINE_WEB_WORKERS", "2"), "--threads", env.get("LOADLINE_WEB_THREADS", "4"))
    limits = ("--timeout", "120", "--graceful-timeout", "8", "--max-requests", "5000", "--max-requests-jitter", "500")
    logs = ("--access-logfile", "-", "--no-control-socket")
    return Service(
        name="web",
        command=_python("gunicorn", "reviews.wsgi", "--bind", f"fd://{fd}", *size, *limits, *logs, *memory),
        ready=ready,
        env=env,
        stop=WEB_STOP,
        fds=(fd,),
        cwd=CHECKOUT,
        ready_seconds=60.0,
    )


def worker_service(home: Home, env: Mapping[str, str]) -> Service:
    """The worker for both queues; it leaves a note when it takes tasks."""
    note = home.run / "worker-ready"
    note.unlink(missing_ok=True)
    size = ("--pool", "prefork", "--concurrency", env.get("LOADLINE_WORKERS", "2"), "--queues", "reading,reports")
    quiet = ("--without-gossip", "--without-mingle", "--loglevel", "INFO")
    return Service(
        name="worker",
        command=_python("celery", "--app", "reviews", "worker", *size, *quiet),
        ready=note.exists,
        env={**env, "LOADLINE_WORKER_READY": str(note)},
        stop=WORKER_STOP,
        orphan=signal.SIGQUIT,
        cwd=CHECKOUT,
        ready_seconds=60.0,
    )


def beat_service(home: Home, env: Mapping[str, str]) -> Service:
    """The clock that sends periodic tasks."""
    schedule = ("--schedule", str(home.run / "beat"), "--pidfile", "")
    return Service(
        name="beat",
        command=_python("celery", "--app", "reviews", "beat", "--loglevel", "INFO", *schedule),
        ready=lambda: True,
        env=env,
        cwd=CHECKOUT,
    )


def prepare_step(env: Mapping[str, str]) -> Service:
    """Check, migrate, collect."""
    return _step("prepare", env, "reviews.serve.prepare")


def demo_step(env: Mapping[str, str], passwords: Path) -> Service:
    """Make the demo accounts and engagement; the running worker reads the exports."""
    return Service(
        name="demo",
        command=(sys.executable, str(CHECKOUT / "manage.py"), "demo", "--passwords-file", str(passwords)),
        ready=lambda: True,
        env=env,
        cwd=CHECKOUT,
    )


def program_env() -> dict[str, str]:
    """Our environment, with output line by line and settings named."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "reviews.settings", "C_FORCE_ROOT": "1"}


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)


def _step(name: str, env: Mapping[str, str], module: str) -> Service:
    return Service(name=name, command=_python(module), ready=lambda: True, env=env, cwd=CHECKOUT)
