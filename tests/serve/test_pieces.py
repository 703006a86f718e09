"""The parts of the supervisor, each alone."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from reviews.serve.home import SOCKET_FOLDER_BYTES, Home
from reviews.serve.port import healthy, listen
from reviews.serve.service import Process, Service
from reviews.serve.state import AlreadyRunning, State, same_process, started
from reviews.serve.supervisor import GaveUp, Supervisor
from reviews.serve.traversal import let_pass
from tests.services import wait_until

STRANGER = 64321  # a user id that no system hands out by itself


def script(name: str, text: str, **more: object) -> Service:
    """A service of one line of Python."""
    return Service(name=name, command=(sys.executable, "-c", text), ready=lambda: True, **more)  # type: ignore[arg-type]


def test_a_taken_port_gives_the_next() -> None:
    with listen("127.0.0.1", 18760) as first, listen("127.0.0.1", first.getsockname()[1]) as second:
        assert second.getsockname()[1] > first.getsockname()[1]


def test_a_server_that_says_nothing_is_not_healthy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert not healthy("127.0.0.1", port, "localhost")


def test_a_long_home_puts_its_sockets_elsewhere(tmp_path: Path) -> None:
    deep = Home(tmp_path / ("x" * 100))
    assert len(os.fsencode(deep.sockets)) <= SOCKET_FOLDER_BYTES
    assert deep.sockets != Home(tmp_path / ("y" * 100)).sockets


def test_the_folders_of_a_home_are_private(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    assert {path.stat().st_mode & 0o777 for path in (home.root, *home.root.iterdir())} == {0o700}


def test_a_second_holder_learns_where_the_first_serves(tmp_path: Path) -> None:
    first = State(tmp_path)
    first.acquire()
    first.write("http://localhost:8000/", {})
    with pytest.raises(AlreadyRunning) as refused:
        State(tmp_path).acquire()
    assert refused.value.address == "http://localhost:8000/"


def test_orphans_are_ended_and_others_with_their_number_are_not(tmp_path: Path) -> None:
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    when = started(orphan.pid)
    state = State(tmp_path)
    state.write("", {"worker": orphan.pid, "web": other.pid})
    record = tmp_path / "supervisor.json"
    children = json.loads(record.read_text())
    children["children"]["web"]["started"] = 1.0
    record.write_text(json.dumps(children))
    assert state.end_orphans() == ["worker"]
    assert same_process(orphan.pid, when) is None
    orphan.wait()
    assert same_process(other.pid, started(other.pid))
    other.kill()
    other.wait()


def test_a_process_that_ignores_politeness_is_ended_with_its_children(tmp_path: Path) -> None:
    text = "import os, signal, time; signal.signal(15, 1); os.fork(); print(os.getpid(), flush=True); time.sleep(3600)"
    stubborn = Process(script("stubborn", text, stop=((signal.SIGTERM, 0.2),)), tmp_path / "stubborn.log")
    wait_until(lambda: len(stubborn.log.read_text().split()) == 2, "both at work")
    both = [int(pid) for pid in stubborn.log.read_text().split()]
    stubborn.end()
    wait_until(lambda: not any(same_process(pid, started(pid)) for pid in both), "the end of both")


def test_a_service_that_cannot_live_ends_in_a_message_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviews.serve.supervisor.BACKOFF_S", (0.0,))
    said: list[str] = []
    supervisor = Supervisor(State(tmp_path), tmp_path, said.append)
    supervisor.start(script("broken", "raise SystemExit('no such table')"))
    with pytest.raises(GaveUp, match="no such table"):
        supervisor.keep()
    supervisor.stop()
    assert said == ["broken ended with status 1; starting it again"] * 5


if sys.platform == "linux":  # the others have no access control entries

    def test_a_stranger_may_pass_and_do_nothing_more(tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        assert closed in let_pass(closed, STRANGER, STRANGER)
        assert let_pass(closed, STRANGER, STRANGER) == []
        assert closed.stat().st_mode & 0o007 == 0
        assert os.getxattr(closed, "system.posix_acl_access")


if os.geteuid() == 0:  # only root becomes another user

    def test_the_stranger_really_gets_in_and_cannot_list(tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        (closed / "note").write_text("hello")
        (closed / "note").chmod(0o644)
        let_pass(closed, STRANGER, STRANGER)
        as_stranger = {"user": STRANGER, "group": STRANGER, "extra_groups": [], "capture_output": True, "check": False}
        assert subprocess.run(["cat", closed / "note"], **as_stranger).stdout == b"hello"  # type: ignore[call-overload]
        assert subprocess.run(["ls", closed], **as_stranger).returncode != 0  # type: ignore[call-overload]
