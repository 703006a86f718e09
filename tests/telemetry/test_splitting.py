"""Several processes read one file: the same result, one progress, and nothing that is left running."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from telemetry import opening, reading, split_child, split_parts
from telemetry.evidence import ParseError, ParseResult
from telemetry.opening import open_file
from telemetry.parsers.base import Parser
from telemetry.reading import Reading, read_opened
from telemetry.source import Source
from telemetry.splitting import Split, Undividable, next_line

LINES = 400_000
Facts = tuple[int, int, int, tuple[int, ...]]  # lines, sum of numbers, bytes, the lines marked


def start(source: Source) -> str | None:
    return None if source.peek().startswith(b"whole\n") else "context"


def read(context: str, source: Source) -> Facts:
    assert context == "context"
    total = size = 0
    marked: list[int] = []
    last = source.lines_before
    for last, line in source.lines():
        if line.startswith(b"wrong"):
            raise ParseError("a wrong line", last)
        if line.startswith(b"doubt") and source.lines_before:
            raise Undividable
        if line.startswith(b"die") and source.lines_before:
            os.kill(os.getpid(), signal.SIGKILL)
        if line.startswith(b"sleep") and source.lines_before:
            time.sleep(3600)
        source.records += 1
        size += len(line)
        total += int(line) if line.isdigit() else 0
        marked += [last] if line == b"mark" else []
    return last, total, size, tuple(marked)


def join(earlier: Facts, later: Facts) -> Facts:
    return later[0], earlier[1] + later[1], earlier[2] + later[2], earlier[3] + later[3]


def finish(state: Facts) -> ParseResult:
    lines, total, size, marked = state
    return ParseResult(lines=lines, totals={"sum": total, "size": size, "marked": str(marked), "process": os.getpid()})


SPLIT = Split(start, next_line, read, join, finish)
PARSER = Parser("x", "x", "x", "x", (), lambda head: True, SPLIT.parse, SPLIT)


ANY = replace(PARSER, parse=lambda source: finish(read("context", source)))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (opening, reading):
        monkeypatch.setattr(module, "SPLIT_BYTES", 1024)


@pytest.fixture(params=["copied", "started"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Processes of one kind, whatever threads the tests run in."""
    monkeypatch.setattr(split_child, "may_copy", lambda: request.param == "copied")
    return str(request.param)


def write(folder: Path, middle: str = "mark") -> Path:
    lines = [str(number) for number in range(LINES)]
    lines[LINES * 4 // 5] = lines[5] = middle
    path = folder / "numbers.txt"
    path.write_text("\n".join(lines))
    return path


def parts_read(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    made: list[Any] = []

    class Watched(split_child.Child):
        def __init__(self, part: Any) -> None:
            super().__init__(part)
            made.append(self)

    monkeypatch.setattr(split_parts, "Child", Watched)
    return made


def read_by(readers: int, path: Path, **more: Any) -> Reading:
    return read_opened(open_file(path, path.name), parsers=[PARSER], readers=readers, **more)


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("readers", [2, 3])
def test_it_reads_as_one_process_does(tmp_path: Path, readers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path, made = write(tmp_path), parts_read(monkeypatch)
    alone = read_by(1, path).result
    assert not made
    together = read_by(readers, path).result
    assert len(made) == readers - 1
    assert together == alone
    assert all(child.process.returncode is not None for child in made)


def test_it_counts_all_parts_in_one_progress(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = write(tmp_path)
    read_by(2, path, progress=lambda *count: told.append(count))
    assert told[-1][0] == path.stat().st_size
    assert told == sorted(told)


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("word", ["doubt", "die"])
def test_a_part_that_cannot_be_read_alone_is_read_by_one_process(tmp_path: Path, word: str) -> None:
    path = write(tmp_path, word)
    assert read_by(2, path).result == read_by(1, path).result


def test_a_file_that_cannot_be_divided_is_read_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, made = tmp_path / "x", parts_read(monkeypatch)
    for content in (b"1" * 3000, b"whole\n" + b"1\n" * 3000):
        path.write_bytes(content)
        assert read_opened(open_file(path, "x"), parsers=[ANY], readers=2).error is None
    assert not made


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf1\n" * 2000, "1\n".encode("utf-16") * 2000])
def test_text_that_needs_decoding_is_read_by_one_process(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, made = tmp_path / "x", parts_read(monkeypatch)
    path.write_bytes(content)
    assert read_by(2, path).result is not None
    assert not made


@pytest.mark.usefixtures("kind")
def test_the_first_wrong_line_is_the_error(tmp_path: Path) -> None:
    path = write(tmp_path, "wrong")
    assert [(read_by(readers, path).error, read_by(readers, path).error_line) for readers in (1, 2)] == [
        ("a wrong line", 6)
    ] * 2
    path.write_text(path.read_text().replace("wrong", "right", 1))
    assert [read_by(readers, path).error_line for readers in (1, 2)] == [LINES * 4 // 5 + 1] * 2


def test_the_time_limit_ends_all_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = parts_read(monkeypatch)
    monkeypatch.setattr(split_child, "_GRACE_S", 0.0)
    found = read_by(2, write(tmp_path, "sleep"), deadline=time.monotonic() + 2)
    assert found.error == "Reading took longer than the time limit; send a shorter period."
    assert made[0].process.returncode is not None


@pytest.mark.usefixtures("kind")
def test_what_stops_the_reading_ends_all_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = parts_read(monkeypatch)

    def cancelled(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_by(2, write(tmp_path, "sleep"), progress=cancelled)
    assert made[0].process.returncode is not None


@pytest.mark.usefixtures("kind")
def test_no_process_to_be_had_is_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path)
    alone = read_by(1, path).result

    def refused(*_: object, **__: object) -> None:
        raise OSError("no process left")

    monkeypatch.setattr(subprocess, "Popen", refused)
    monkeypatch.setattr(os, "fork", refused)
    assert read_by(2, path).result == alone


_PARENT = """
import sys, time
from pathlib import Path
from tests.telemetry.test_splitting import SPLIT
from telemetry import split_child
from telemetry.splitting import Part
split_child.may_copy = lambda: sys.argv[2] == "copied"
path = Path(sys.argv[1])
child = split_child.Child(Part(path, "x", 8, path.stat().st_size, SPLIT.read, "context", None))
child.listen()
print(child.process.pid, flush=True)
time.sleep(3600)
"""


def test_a_part_ends_when_the_reading_process_is_killed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    with path.open("w") as out:
        for _ in range(3_000_000):
            out.write("12345678901\n")
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(path), kind], cwd=root, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(1200):
        if not running(child):
            return
        time.sleep(0.1)
    pytest.fail("the part is still read after two minutes")


def running(pid: int) -> bool:
    """Whether a process still works; one that waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_with_threads_is_not_copied() -> None:
    go_on = threading.Event()
    other = threading.Thread(target=go_on.wait)
    other.start()
    try:
        assert not split_child.may_copy()
    finally:
        go_on.set()
        other.join()


@pytest.mark.skipif(sys.platform != "linux", reason="copies are made where threads can be counted")
def test_a_process_without_threads_is_copied() -> None:
    program = "from telemetry.split_child import may_copy; raise SystemExit(not may_copy())"
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).resolve().parents[2], check=True)


def test_a_copy_leaves_what_this_process_has_open_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split_child, "may_copy", lambda: True)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert read_by(2, write(tmp_path)).result is not None
        ours.sendall(b"still")
        assert theirs.recv(9) == b"still"


def test_a_parser_that_cannot_be_divided_is_not(tmp_path: Path) -> None:
    path = write(tmp_path)
    found = read_opened(open_file(path, "x"), parsers=[replace(PARSER, split=None)], readers=2)
    assert found.result == read_by(1, path).result
