"""Read one file to its end: find the one parser that knows it, run it, and keep in words why not."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from telemetry.answers import FORMAT, NO_ANSWERS, Answers, Unrecognised, question, unmapped
from telemetry.captured import captured
from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.lookalikes import begins_as_known, describe
from telemetry.opening import Opened
from telemetry.parsers import PARSERS
from telemetry.parsers.base import Parser
from telemetry.redaction import redact_shapes
from telemetry.scrubbing import scrub, scrubbed
from telemetry.source import Head, Progress, Source, no_progress
from telemetry.split_parts import read_parts
from telemetry.splitting import SPLIT_BYTES
from telemetry.tables.read import MappedTable
from telemetry.tables.shape import find_table
from telemetry.wrapping import bare


@dataclass(frozen=True, slots=True)
class Reading:
    """How the reading of a file ended: a `result`, or an `error` for the consultant (with its line, where known).

    `format` is the parser's id, None when no parser claimed the file; `looked_for` then names every format that was
    tried. `seconds` is wall time, sniffing included. `asks` is set when a person's answer makes the file readable,
    or has made it (`telemetry.answers`).
    """

    file: str
    size: int
    format: str | None
    result: ParseResult | None
    error: str | None
    error_line: int | None
    seconds: float
    looked_for: tuple[str, ...] = ()
    asks: dict[str, Any] | None = None


def read_opened(
    opened: Opened,
    progress: Progress = no_progress,
    deadline: float | None = None,
    parsers: Sequence[Parser] = PARSERS,
    readers: int = 1,
    answers: Answers = NO_ANSWERS,
) -> Reading:
    """Read a file with the one parser that claims it, or a table with the mapping that was made for it.

    `deadline` is a `time.monotonic()` value. Only ParseError becomes an error of the reading; a bug surfaces. `readers`
    is how many processes may read a big file, where its format allows; the result is the same.
    """
    start = time.monotonic()
    before = _Blanks()
    claimed: Parser | MappedTable | None = None
    result: ParseResult | None = None
    problem: ParseError | None = None
    try:
        opened, around = bare(opened, partial(_claim, parsers, answers.format))
        head, taken, stamped = captured(opened.head())
        head, before = _without_blanks(head)
        claimed = _way_to_read(head, opened.name, parsers, answers)
        result = _parse(claimed, opened, progress, deadline, readers, max(stamped, before.size))
        _move(result, before.lines)
        if taken and result.first is None:
            result.first = result.last = taken
        if around:
            result.notes.append(f"Read without what stands around it: {', '.join(around)}.")
        scrub(result)
        result.evidence = [row if row.file else replace(row, file=opened.name) for row in result.evidence]
    except ParseError as error:
        problem = error
    return Reading(
        file=opened.name,
        size=opened.size,
        format=claimed.id if claimed else None,
        result=result,
        error=redact_shapes(problem.message)[0] if problem else None,
        error_line=problem.line + before.lines if problem and problem.line else None,
        seconds=time.monotonic() - start,
        looked_for=problem.looked_for if isinstance(problem, Unrecognised) else (),
        asks=scrubbed(_question(claimed, problem)),
    )


@dataclass(frozen=True, slots=True)
class _Blanks:
    """Empty lines before an export, and their bytes."""

    lines: int = 0
    size: int = 0


def _without_blanks(head: Head) -> tuple[Head, _Blanks]:
    """The head from its first line with a text on; a file without any, or with bytes that are no text, as it is."""
    start = head.text.lstrip()
    size = head.text.rfind("\n", 0, len(head.text) - len(start)) + 1 if start and "\x00" not in start[:64] else 0
    blanks = _Blanks(head.text.count("\n", 0, size), len(head.text[:size].encode()))
    return (Head(head.name, head.text[size:], head.complete) if size else head), blanks


def _move(result: ParseResult, lines: int) -> None:
    """Count the empty lines before the export, so that every place is where it stands in the file."""
    if not lines:
        return
    result.lines += lines
    result.blank += lines
    result.rejected_samples = [_moved(place, lines) for place in result.rejected_samples]
    result.evidence = [
        replace(
            row,
            place=_moved(row.place, lines),
            places={name: _moved(place, lines) for name, place in row.places.items()},
        )
        for row in result.evidence
    ]


def _moved(place: Place, lines: int) -> Place:
    return place if place.file else replace(place, line=place.line + lines)


def _claim(parsers: Sequence[Parser], chosen: str, head: Head) -> str | None:
    try:
        return the_parser(_without_blanks(captured(head)[0])[0], parsers, chosen).id
    except ParseError:
        return None


def _question(claimed: Parser | MappedTable | None, problem: ParseError | None) -> dict[str, Any] | None:
    """What a person may say, or say otherwise, about the file."""
    if isinstance(claimed, MappedTable):
        return question(claimed.table)
    return problem.asks if isinstance(problem, Unrecognised) else None


def _way_to_read(head: Head, name: str, parsers: Sequence[Parser], answers: Answers) -> "Parser | MappedTable":
    """The parser, or the mapping of a table. A file that a parser claims is never read as a table."""
    try:
        return the_parser(head, parsers, answers.format)
    except Unrecognised as problem:
        table = find_table(head) if problem.asks is None and not begins_as_known(head) else None
        if table is None:
            raise
        mapping = next((mapping for mapping in answers.mappings if mapping.fits(name, table)), None)
        if mapping is None:
            raise unmapped(table, problem.looked_for) from problem
        return MappedTable(table, mapping)


def _parse(
    parser: Parser | MappedTable,
    opened: Opened,
    progress: Progress,
    deadline: float | None,
    readers: int,
    before: int,
) -> ParseResult:
    """`before` first bytes are no part of the export."""
    if parser.split and opened.plain and not before and readers > 1 and opened.size >= SPLIT_BYTES:
        result = read_parts(parser.split, opened.plain, opened.name, readers, progress, deadline)
        if result is not None:
            return result
    with opened.open() as stream:
        source = Source(opened.name, stream, progress, deadline)
        source.skip(before)
        return parser.parse(source)


def the_parser(head: Head, parsers: Sequence[Parser] = PARSERS, chosen: str = "") -> Parser:
    """The parser that claims a file; ParseError when none does, or more than one of which none was `chosen`."""
    if not head.text:
        raise ParseError("The file is empty; export it again and check that it has content before sending it.")
    claims = [parser for parser in parsers if parser.sniff(head)]
    picked = [parser for parser in claims if parser.id == chosen]
    if picked or len(claims) == 1:
        return (picked or claims)[0]
    if claims:
        names = " and ".join(parser.title for parser in claims)
        asks = {"what": FORMAT, "formats": [parser.id for parser in claims]}
        raise Unrecognised(f"This could be {names}; send one export per file, as its command writes it.", (), asks)
    raise Unrecognised(
        f"Not recognised. This looks like {describe(head)}. Send an export as its command writes it: "
        f"{len(parsers)} kinds are read, and the evidence page shows the command for each.",
        [parser.title for parser in parsers],
    )
