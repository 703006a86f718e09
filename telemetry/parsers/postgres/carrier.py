"""What a carrier of server messages is: how it is recognised, and who reads it."""

from collections.abc import Callable
from dataclasses import dataclass

from telemetry.evidence import ParseResult
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.quotes import Quoter
from telemetry.parsers.postgres.replay import Replayed
from telemetry.source import Head


@dataclass(frozen=True)
class Carrier:
    """`name` goes to coverage rows. `read` streams the file into `result`; it raises ParseError for a wrong file."""

    name: str
    sniff: Callable[[Head], bool]
    read: Callable[[Replayed, ParseResult, Quoter], Events]
