"""What a parser is: a record with a name, the command a client runs, a sniffer and a streaming reader."""

from collections.abc import Callable
from dataclasses import dataclass

from telemetry.evidence import ParseResult
from telemetry.source import Head, Source
from telemetry.splitting import Split


@dataclass(frozen=True)
class Parser:
    """One format.

    `id` is the format's name in coverage rows ("postgres-log"). `kinds` are the kinds of evidence it can provide.
    `sniff` answers from the first 64 KB by bytes and keys, never by file name; exactly one parser may claim a file.
    `looks_for` says in a few words what it recognises, printed when no parser claims a file.
    `parse` streams; it raises ParseError when the file is not what it claims. `split` says how several processes read
    one file, where the format allows it; `parse` is then the same functions in one process.
    """

    id: str
    title: str
    how_to_export: str
    looks_for: str
    kinds: tuple[str, ...]
    sniff: Callable[[Head], bool]
    parse: Callable[[Source], ParseResult]
    split: Split | None = None
