"""What the supervisor leaves on disk while it runs: a lock that dies with it, and who its children are."""

import fcntl
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

CLOCK_S = 2.0  # start times are told from the boot time, which may be corrected by a second or two
PATIENCE_S = 10.0


class AlreadyRunning(Exception):
    """Another supervisor holds this home. `address` is where it serves, or empty while it starts."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class State:
    """The lock and the list of children under `run/`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "supervisor.json"
        self._lock = os.open(folder / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)

    def acquire(self) -> None:
        """Take the lock. The system gives it back when we end, however we end."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise AlreadyRunning(self._read().get("address", "")) from held

    def write(self, address: str, pids: Mapping[str, int]) -> None:
        """Say where we serve and who our children are; written whole or not at all."""
        children = {name: {"pid": pid, "started": started(pid)} for name, pid in pids.items()}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), "address": address, "children": children}))
        fresh.chmod(0o600)
        fresh.replace(self._file)

    def clear(self) -> None:
        """Nothing runs any more."""
        self._file.unlink(missing_ok=True)

    def end_orphans(self) -> list[str]:
        """End children of a supervisor that was killed; returns their names."""
        found = {}
        for name, child in self._read().get("children", {}).items():
            process = same_process(child["pid"], child["started"])
            if process is not None:
                found[name] = [process, *process.children(recursive=True)]
        ordinary = [process for processes in found.values() for process in processes]
        for name, processes in found.items():
            processes[0].send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
        _, stubborn = psutil.wait_procs(ordinary, timeout=PATIENCE_S)
        for process in stubborn:
            process.kill()
        psutil.wait_procs(stubborn, timeout=PATIENCE_S)
        self.clear()
        return list(found)

    def _read(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self._file.read_text()))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}


def started(pid: int) -> float:
    """When a process was started, in seconds since 1970; 0 when it is gone."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return 0.0


def same_process(pid: int, when: float) -> psutil.Process | None:
    """The process, unless its number has passed to another one since."""
    try:
        process = psutil.Process(pid)
        alive = process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - when) < CLOCK_S
    except psutil.NoSuchProcess:
        return None
    return process if alive else None
