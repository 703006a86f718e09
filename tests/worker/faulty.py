"""The worker's application with two more formats: one that kills its reader, one that runs out of memory.

With a storing that kills it once, after the last row and before the commit, and with a reading that goes no further.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

from reviews.celery import app as app
from telemetry.evidence import ParseResult
from telemetry.parsers import PARSERS
from telemetry.parsers.base import Parser
from telemetry.source import Head, Source
from tests.worker import DIES, HELD, LARGE, POISON, held_in


def die(source: Source) -> ParseResult:
    """What a fault in a native library, or the system short of memory, does."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


@worker_process_init.connect
def let_storing_die(**_: Any) -> None:
    """Only in the pool's processes: before, Django's models are not there yet."""
    from django.db import transaction

    from telemetry.services import reading as reading_service

    real = reading_service.store_reading

    @transaction.atomic
    def die_once(upload: Any, reading: Any) -> None:
        real(upload, reading)
        if upload.file_name == DIES and upload.attempts == 1:
            held_in(Path(os.environ["LOADLINE_HOME"])).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    reading_service.store_reading = die_once


@worker_process_init.connect
def let_readings_be_held(**_: Any) -> None:
    """As above. The signs of life go on: it is slow, as on a disk that answers badly."""
    from telemetry.pulse import Pulse

    read, unpacked = Pulse.read, Pulse.unpacked

    def read_and_hold(pulse: Any, bytes_read: int, records: int) -> None:
        read(pulse, bytes_read, records)
        hold(pulse)

    def unpack_and_hold(pulse: Any, files: int) -> None:
        unpacked(pulse, files)
        if files > 1:
            hold(pulse)

    Pulse.read, Pulse.unpacked = read_and_hold, unpack_and_hold  # type: ignore[method-assign]


def hold(pulse: Any) -> None:
    """Wait with the first reading of a file of that name; ClaimLost when it is cancelled."""
    place = held_in(Path(os.environ["LOADLINE_HOME"]))
    if not pulse._upload.file_name.startswith(HELD) or place.exists() or hasattr(pulse, "was_held"):
        return
    pulse.was_held = True
    place.touch()
    while place.exists():
        time.sleep(0.05)
        pulse._position += 1000
        pulse._beat_each_second()


def run_out(source: Source) -> ParseResult:
    raise MemoryError


def starts_with(words: str) -> Callable[[Head], bool]:
    return lambda head: head.text.startswith(words)


for words, parse in ((POISON, die), (LARGE, run_out)):
    PARSERS.append(Parser(words.replace(" ", "-"), words, "", words, (), starts_with(words), parse))
