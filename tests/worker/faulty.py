"""The worker's application with two more formats: one that kills its reader, one that runs out of memory.

And with a storing that kills it once: after the last row, before the commit.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from celery.signals import worker_process_init

from reviews.celery import app as app
from telemetry.evidence import ParseResult
from telemetry.parsers import PARSERS
from telemetry.parsers.base import Parser
from telemetry.source import Head, Source
from tests.worker import DIES, LARGE, POISON


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
            os.kill(os.getpid(), signal.SIGKILL)

    reading_service.store_reading = die_once


def run_out(source: Source) -> ParseResult:
    raise MemoryError


def starts_with(words: str) -> Callable[[Head], bool]:
    return lambda head: head.text.startswith(words)


for words, parse in ((POISON, die), (LARGE, run_out)):
    PARSERS.append(Parser(words.replace(" ", "-"), words, "", words, (), starts_with(words), parse))
