"""What a carrier of server messages is: how it is recognised, and who reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telemetry.evidence import ParseResult
from telemetry.parsers.postgres.events import Events
from telemetry.source import Head, Source


def _nothing(_: Source) -> None:
    """The beginning of the file says nothing about the rest."""


@dataclass(frozen=True)
class Carrier:
    """`name` goes to coverage rows. `read` streams the file into `result`; it raises ParseError for a wrong file.

    `start` looks at the beginning for what `read` must know, which is its first argument. A carrier with a `cut` can be
    read in parts: see `telemetry.splitting.Split`.
    """

    name: str
    sniff: Callable[[Head], bool]
    read: Callable[[Any, Source, ParseResult], Events]
    start: Callable[[Source], Any] = _nothing
    cut: Callable[[Any, bytes], int] | None = None
