"""Keeps a handful of processes alive and ends them in order. Knows nothing about what they do."""

import signal
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from reviews.serve.service import Process, Service, last_lines
from reviews.serve.state import State

TICK_S = 0.1
MINUTE_S = 60.0
DEATHS_A_MINUTE = 5
BACKOFF_S = (0.0, 0.5, 1.0, 2.0, 4.0)

Say = Callable[[str], None]


class StopRequested(Exception):
    """Ctrl-C or SIGTERM."""


class GaveUp(Exception):
    """A service cannot be kept alive. The message is for the operator."""


class StepFailed(GaveUp):
    """Something that runs once ended badly; the services go on."""


class Supervisor:
    """Starts services, restarts those that die, stops all."""

    def __init__(self, state: State, logs: Path, say: Say) -> None:
        self.address = ""
        self._state, self._logs, self._say = state, logs, say
        self._processes: dict[str, Process] = {}
        self._deaths: dict[str, deque[float]] = {}
        self._due: dict[str, float] = {}
        self._stopping = False

    def listen_to_signals(self) -> None:
        """Only note the wish: an exception from here could lose a child that is just being made."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def start(self, *services: Service) -> None:
        """Start services together and wait until all are ready."""
        for service in services:
            self._launch(service)
        deadline = time.monotonic() + max(service.ready_seconds for service in services)
        for service in services:
            self.wait(service.ready, deadline, service.name)

    def once(self, service: Service, *, aloud: bool = False) -> None:
        """Run something that ends by itself, tending the others meanwhile. Raises StepFailed."""
        log = self._logs / f"{service.name}.log"
        log.unlink(missing_ok=True)
        process = Process(service, log)
        try:
            with log.open(errors="replace") as said:
                while process.status() is None:
                    self.tend()
                    time.sleep(TICK_S)
                    for line in said.readlines() if aloud else ():
                        self._say(f"  {line.strip()}")
        finally:
            process.end()
        if process.status():
            raise StepFailed(f"{service.name} failed:\n{last_lines(process.log, 20)}")

    def wait(self, ready: Callable[[], bool], deadline: float, name: str) -> None:
        """Tend until something is ready."""
        while not ready():
            if time.monotonic() > deadline:
                raise GaveUp(f"{name} is not ready in time:\n{last_lines(self._processes[name].log)}")
            self.tend()
            time.sleep(TICK_S / 2)

    def tend(self) -> None:
        """Look after everyone once: note deaths, restart what is due. Raises when asked to stop."""
        if self._stopping:
            raise StopRequested
        for name, process in list(self._processes.items()):
            status = process.status()
            if status is not None and name not in self._due:
                process.kill_group()
                self._due[name] = time.monotonic() + self._delay(name, process, status)
            if name in self._due and time.monotonic() >= self._due[name]:
                del self._due[name]
                self._launch(process.service)

    def _delay(self, name: str, process: Process, status: int) -> float:
        """Seconds to wait before the next try; gives up on the sixth death within a minute."""
        now = time.monotonic()
        deaths = self._deaths.setdefault(name, deque())
        deaths.append(now)
        while deaths[0] < now - MINUTE_S:
            deaths.popleft()
        if len(deaths) > DEATHS_A_MINUTE:
            raise GaveUp(f"{name} ended {len(deaths)} times within a minute:\n{last_lines(process.log)}")
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        self._say(f"{name} {how}; starting it again")
        return BACKOFF_S[min(len(deaths), len(BACKOFF_S)) - 1]

    def _launch(self, service: Service) -> None:
        self._processes[service.name] = Process(service, self._logs / f"{service.name}.log")
        self.note()

    def note(self) -> None:
        """Write down who runs."""
        self._state.write(self.address, {name: process.pid for name, process in self._processes.items()})

    def keep(self) -> None:
        """Tend until asked to stop."""
        while True:
            self.tend()
            time.sleep(TICK_S)

    def stop(self) -> None:
        """End all, in the reverse order of their start: nobody loses what it depends on."""
        for name in reversed(list(self._processes)):
            self._processes.pop(name).end()
        self._state.clear()
