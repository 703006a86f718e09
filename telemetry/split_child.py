"""A process that reads a part of a file: a copy of this one where that is safe, else a new one.

A copy has imported everything and reads at once; a new process needs half a second first. Neither is made with
multiprocessing, which the workers of a queue may not use.
"""

import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Protocol, cast

from telemetry.evidence import ParseError
from telemetry.split_worker import answer
from telemetry.splitting import Part, Undividable

_ROOT = Path(__file__).resolve().parents[1]
_TASKS = Path("/proc/self/task")
_WAIT_S = 0.2
_GRACE_S = 5.0  # a part stops at the time limit by itself, if it is well
_LATE = "Reading took longer than the time limit; send a shorter period."


class Process(Protocol):
    """What a child needs of its process; `out` is the pipe with its words, `returncode` None while it runs."""

    pid: int
    out: BinaryIO

    @property
    def returncode(self) -> int | None:
        """How it ended."""

    def begin(self) -> None:
        """Give it its part, if it does not know it."""

    def kill(self) -> None:
        """End it at once."""

    def wait(self) -> object:
        """Until it has ended."""


class Copied:
    """A copy of this process."""

    def __init__(self, part: Part) -> None:
        reading, writing = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            raise
        if not self.pid:
            _be_a_copy(part, writing)
        os.close(writing)
        self.returncode: int | None = None
        self.out: BinaryIO = os.fdopen(reading, "rb")

    def begin(self) -> None:
        """It was born with its part."""

    def kill(self) -> None:
        """End it at once."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Until it has ended."""
        if self.returncode is None:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Started:
    """A new process, which is told its part."""

    def __init__(self, part: Part) -> None:
        command = [sys.executable, "-m", "telemetry.split_worker"]
        self._part = part
        self._popen = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._in, self.out = cast(BinaryIO, self._popen.stdin), cast(BinaryIO, self._popen.stdout)
        self.pid = self._popen.pid
        self.kill, self.wait = self._popen.kill, self._popen.wait

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._popen.returncode

    def begin(self) -> None:
        """Tell it its part."""
        pickle.dump(self._part, self._in, pickle.HIGHEST_PROTOCOL)
        self._in.close()


def may_copy() -> bool:
    """Whether this process may be copied: another thread could hold a lock that nobody would open in the copy."""
    return _TASKS.is_dir() and len(list(_TASKS.iterdir())) == 1


def _be_a_copy(part: Part, writing: int) -> NoReturn:
    """Read and end, without a trace in what belongs to the process that was copied: its files, connections, output."""
    try:
        gc.freeze()  # nothing of the other process is tidied up here
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.closerange(3, writing)
        os.closerange(writing + 1, os.sysconf("SC_OPEN_MAX"))
        sys.stdout = sys.stderr
        with os.fdopen(writing, "wb") as out:
            answer(part, out)
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(1)


class Child:
    """Listens to a process. It says how far it is as it goes on, so it ends when nobody listens any more."""

    def __init__(self, part: Part) -> None:
        self.bytes_read = self.records = 0
        self.answer: tuple[str, Any] | None = None
        self.process: Process = Copied(part) if may_copy() else Started(part)
        self._ear = threading.Thread(target=self._listen, daemon=True)

    def listen(self) -> None:
        """From now on its words are heard."""
        self._ear.start()

    def _listen(self) -> None:
        try:
            self.process.begin()
            while self.answer is None:
                what, said = pickle.load(self.process.out)  # noqa: S301 - our own words
                if what == "progress":
                    self.bytes_read, self.records = said
                else:
                    self.answer = what, said
        except (OSError, EOFError, pickle.UnpicklingError):
            return  # it ended without an answer

    def wait(self, tell: Callable[[], None], deadline: float | None) -> Any:
        """The state of its part; ParseError is its own, Undividable when it has none to give."""
        while self._ear.is_alive():
            self._ear.join(_WAIT_S)
            tell()
            if deadline is not None and time.monotonic() > deadline + _GRACE_S:
                raise ParseError(_LATE)
        tell()  # also what it said last: a part that ends between two looks would stay short of the whole
        answered: tuple[str, Any] = self.answer or ("ended", None)
        what, said = answered
        if what == "wrong":
            raise ParseError(*said)
        if what != "state":
            raise Undividable(what)
        return said

    def end(self) -> None:
        """Leave nothing running."""
        self.process.kill()
        self.process.wait()
        if self._ear.ident is not None:
            self._ear.join()
        self.process.out.close()
