"""The worker's application with two more formats: one that kills its reader, one that runs out of memory."""

import os
import signal
from collections.abc import Callable

from reviews.celery import app as app
from telemetry.evidence import ParseResult
from telemetry.parsers import PARSERS
from telemetry.parsers.base import Parser
from telemetry.source import Head, Source
from tests.worker import LARGE, POISON


def die(source: Source) -> ParseResult:
    """What a fault in a native library, or the system short of memory, does."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def run_out(source: Source) -> ParseResult:
    raise MemoryError


def starts_with(words: str) -> Callable[[Head], bool]:
    return lambda head: head.text.startswith(words)


for words, parse in ((POISON, die), (LARGE, run_out)):
    PARSERS.append(Parser(words.replace(" ", "-"), words, "", words, (), starts_with(words), parse))
