"""One process that the supervisor keeps: how it is started, asked whether it lives, and ended."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reviews.serve.account import Account

PR_SET_PDEATHSIG = 1
LOG_BYTES = 10_000_000
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Service:
    """What to run. `stop` are signals from polite to rude, each with the seconds it is given before the next.

    `prepare` runs before every start, also after a death: it mends what may have changed in the meantime.
    """

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    prepare: Callable[[], None] = lambda: None
    env: Mapping[str, str] = field(default_factory=dict)
    stop: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)
    orphan: signal.Signals = signal.SIGTERM
    account: Account | None = None
    fds: tuple[int, ...] = ()
    cwd: Path = Path("/")
    ready_seconds: float = 30.0


class Process:
    """A running service, in a process group of its own so that Ctrl-C reaches the supervisor alone."""

    def __init__(self, service: Service, log: Path) -> None:
        self.service = service
        self.log = log
        rotate(log)
        service.prepare()
        with log.open("ab") as stream:
            log.chmod(0o600)
            self._popen = self._spawn(stream.fileno())

    def _spawn(self, output: int) -> "subprocess.Popen[bytes]":
        service, account, parent = self.service, self.service.account, os.getpid()

        def die_with_parent() -> None:
            # Linux ends the child when the supervisor is killed; elsewhere the next start clears what was left.
            if _libc is not None:
                _libc.prctl(PR_SET_PDEATHSIG, int(service.orphan))
                if os.getppid() != parent:
                    os._exit(1)

        return subprocess.Popen(
            service.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(service.env) or None,
            cwd=service.cwd,
            pass_fds=service.fds,
            start_new_session=True,
            preexec_fn=die_with_parent,  # safe: the supervisor has one thread
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def status(self) -> int | None:
        """The exit status, None while it runs; negative for the signal that ended it."""
        return self._popen.poll()

    def end(self) -> None:
        """End it and whatever it started: politely first, within bounds."""
        for number, seconds in self.service.stop:
            if self.status() is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            self._wait(seconds)
        self.kill_group()
        self._popen.wait()

    def kill_group(self) -> None:
        """End what a dead or stubborn process left behind."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def _wait(self, seconds: float) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(seconds)


def rotate(log: Path) -> None:
    """Keep one older log once the current one is large."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log, indented, for a message."""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 8192))
        lines = stream.read().decode(errors="replace").splitlines()[-count:]
    return "\n".join(f"    {line}" for line in lines)
