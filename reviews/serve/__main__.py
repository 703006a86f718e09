"""`python -m reviews.serve`: everything on one machine, from nothing to an address, until Ctrl-C."""

import importlib
import os
import sys
import time
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

from reviews.environment import envchoice, envint, envstr
from reviews.serve.first_start import demo_is_due, demo_is_made, logins, make_passwords
from reviews.serve.home import Home
from reviews.serve.port import healthy, listen
from reviews.serve.postgres import postgres_service
from reviews.serve.programs import beat_service, demo_step, prepare_step, program_env, web_service, worker_service
from reviews.serve.redis import redis_service
from reviews.serve.service import Service
from reviews.serve.state import AlreadyRunning, State
from reviews.serve.supervisor import GaveUp, StepFailed, StopRequested, Supervisor


def say(line: str) -> None:
    """One line for the operator."""
    print(line, flush=True)


def main() -> int:
    """0 after a wished end, 1 when it cannot start or cannot go on."""
    os.umask(0o077)
    home = Home.from_environment()
    try:
        home.create()
        state = State(home.run)
        state.acquire()
    except AlreadyRunning as other:
        where = f"at {other.address}" if other.address else "and is still starting"
        say(f"Loadline already runs {where} (data in {home.root}). Stop it with Ctrl-C there.")
        return 1
    except OSError as refused:
        say(f"Cannot use {home.root}: {refused}")
        return 1
    supervisor = Supervisor(state, home.logs, say)
    supervisor.listen_to_signals()
    try:
        return serve(home, state, supervisor)
    except (ImproperlyConfigured, GaveUp, OSError, RuntimeError) as problem:
        say(f"Stopped: {problem}")
        return 1
    except StopRequested:
        say("Stopping …")
        return 0
    finally:
        supervisor.stop()


def serve(home: Home, state: State, supervisor: Supervisor) -> int:
    """The story of a start, then watch."""
    began = time.monotonic()
    importlib.import_module("reviews.settings")  # a wrong setting ends the start here, before anything runs
    for name in state.end_orphans():
        say(f"Ended {name}, left behind by a start that was killed")
    host, wanted = envstr("LOADLINE_BIND", "127.0.0.1"), envint("LOADLINE_PORT", 8000, least=1, most=65535)
    listener = listen(host, wanted)
    port = listener.getsockname()[1]
    if port != wanted:
        say(f"Port {wanted} is taken; using {port}")
    supervisor.address = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0', '::'} else host}:{port}/"  # noqa: S104
    env = program_env()
    if servers := embedded_servers(home, env):
        say(f"Starting {' and '.join(server.name for server in servers)} in {home.root}")
        supervisor.start(*servers)
    say("Checking, migrating, collecting static files")
    supervisor.once(prepare_step(env))
    say("Starting web server, worker and beat")
    hosts = envstr("LOADLINE_ALLOWED_HOSTS", "localhost").split(",")
    knock = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host  # noqa: S104
    web = web_service(
        listener.fileno(), env, lambda: healthy(knock, port, hosts[0].strip().lstrip(".*") or "localhost")
    )
    supervisor.start(worker_service(home, env), beat_service(home, env), web)
    greet(home, supervisor, env)
    say(f"Loadline is at {supervisor.address}  (ready after {time.monotonic() - began:.1f} s; logs in {home.logs})")
    say("Ctrl-C stops it.")
    supervisor.keep()
    return 0


def embedded_servers(home: Home, env: Mapping[str, str]) -> list[Service]:
    """Servers of our own for what the environment names no address for."""
    servers = []
    if not env.get("DATABASE_URL", "").strip():
        servers.append(postgres_service(home))
    if not env.get("REDIS_URL", "").strip():
        servers.append(redis_service(home))
    return servers


def greet(home: Home, supervisor: Supervisor, env: Mapping[str, str]) -> None:
    """On the first start make the demo and show its passwords, once."""
    if not demo_is_due(home, envchoice("LOADLINE_ENV", ("development", "production", "test")) == "production"):
        return
    say("Making the demo engagement from real exports; the worker reads them now")
    passwords = make_passwords(home)
    try:
        supervisor.once(demo_step(env, passwords), aloud=True)
        demo_is_made(home)
    except StepFailed as problem:
        say(f"The demo is incomplete, the next start tries again: {problem}")
    say(f"Logins, shown this once (also in {passwords}, mode 600; delete it when noted):")
    for line in logins(passwords):
        say(f"  {line}")


if __name__ == "__main__":
    sys.exit(main())
