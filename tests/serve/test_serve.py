"""The whole of ./run for real: it starts, survives, refuses a double, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from reviews.serve.home import CHECKOUT, Home
from reviews.serve.port import healthy, listen
from reviews.serve.state import same_process
from tests.services import PATIENCE_S, wait_until

pytestmark = pytest.mark.worker


@dataclass
class Started:
    """One running `python -m reviews.serve` and what it said."""

    process: "subprocess.Popen[str]"
    home: Home
    port: int

    def children(self) -> dict[str, int]:
        """Name → process id, as the supervisor notes them."""
        record = json.loads((self.home.run / "supervisor.json").read_text())
        return {name: child["pid"] for name, child in record["children"].items()}

    def everyone(self) -> list[psutil.Process]:
        """All processes below the supervisor."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def healthy(self) -> bool:
        """Whether the site answers."""
        return healthy("127.0.0.1", self.port, "localhost")


def serve(home: Path, port: int, **more: str) -> "subprocess.Popen[str]":
    """Start the supervisor as ./run does, without the demo."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOADLINE_", "DJANGO_"))}
    env = kept | {"LOADLINE_HOME": str(home), "LOADLINE_PORT": str(port), "LOADLINE_DEMO": "0"} | more
    command = [sys.executable, "-m", "reviews.serve"]
    return subprocess.Popen(command, env=env, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def start(home: Path) -> Started:
    """Start it and wait for the address."""
    with listen("127.0.0.1", 18800) as taken:
        process = serve(home, taken.getsockname()[1])
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Loadline is at"):
                break
        assert process.poll() is None, "".join(said)
        port = int(line.split("localhost:")[1].split("/")[0])
        assert any(f"{taken.getsockname()[1]} is taken; using {port}" in line for line in said)
    return Started(process, Home(home), port)


@pytest.fixture(scope="module")
def running() -> Iterator[Started]:
    """One start for the tests of this file; the last test may have ended it.

    Not below pytest's own temporary folder: every other run of pytest closes that to other users again.
    """
    started = start(Home.from_environment().root / "serve")
    yield started
    if started.process.poll() is None:
        started.process.terminate()
    started.process.communicate(timeout=PATIENCE_S)


def test_it_is_healthy_and_its_secrets_are_private(running: Started) -> None:
    assert running.healthy()
    assert set(running.children()) == {"postgres", "redis", "worker", "beat", "web"}
    modes = {path.name: path.stat().st_mode & 0o777 for path in running.home.secrets.iterdir()}
    assert modes == {"secret_key": 0o600}


def test_a_second_start_is_refused_with_the_address(running: Started) -> None:
    second = serve(running.home.root, 18900)
    said, _ = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 1
    assert f"already runs at http://localhost:{running.port}/" in said


@pytest.mark.parametrize("name", ["web", "worker", "redis", "postgres", "beat"])
def test_a_killed_child_is_replaced(running: Started, name: str) -> None:
    before = running.children()[name]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: running.children()[name] != before, f"a new {name}")
    wait_until(running.healthy, "healthy again")


def test_an_unsafe_setting_ends_the_start_before_anything_runs(tmp_path: Path) -> None:
    refused = serve(tmp_path / "home", 18950, LOADLINE_ENV="production")
    said, _ = refused.communicate(timeout=PATIENCE_S)
    assert refused.returncode == 1
    assert said.startswith("Stopped: LOADLINE_SECRET_KEY is not set")
    assert not (tmp_path / "home" / "postgres").exists()


def test_the_database_comes_back_after_a_folder_above_it_was_closed(running: Started) -> None:
    running.home.root.chmod(0o700)
    before = running.children()["postgres"]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: running.children()["postgres"] != before, "a new postgres")
    wait_until(running.healthy, "healthy again")


def nobody_of(processes: list[psutil.Process]) -> bool:
    """Whether all have ended; one that only waits to be collected by its parent has."""
    return not any(same_process(process.pid, process.create_time()) for process in processes)


def test_a_killed_supervisor_leaves_nothing_that_hinders_the_next(running: Started) -> None:
    orphans = running.everyone()
    running.process.kill()
    running.process.communicate(timeout=PATIENCE_S)
    again = start(running.home.root)
    assert again.healthy()
    wait_until(lambda: nobody_of(orphans), "the end of the orphans")
    everyone = again.everyone()
    again.process.send_signal(signal.SIGTERM)
    again.process.communicate(timeout=PATIENCE_S)
    assert again.process.returncode == 0
    wait_until(lambda: nobody_of(everyone), "the end of everyone")
    assert not (again.home.run / "supervisor.json").exists()
