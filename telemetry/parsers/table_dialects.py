"""A view's rows in whatever a client's tool wrote: CSV, psql in its forms, JSON; all become a header and rows."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import chain, islice

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import psql_aligned, psql_expanded, psql_pairs, psql_unaligned, table_json
from telemetry.parsers.readers import Header, Row, open_csv, sniff_header
from telemetry.source import Head, Source

MAX_JSON = 64 * 1024 * 1024
_HEAD_LINES = 60  # among which the table starts
_TITLED = 6  # in which its names are underlined, a framed title above them included
_PEEKED = 400  # in which a record that has its columns one below the other ends
# What psql says before a table, and the command itself where a terminal was copied.
_BEFORE = re.compile(
    r"\s*\Z|(?:Expanded display|Output format|Border style|Timing|Pager|Null display|Line style|Field separator) .*"
    r"|\S*[=\-*(']# .*|SET\Z|You are now connected .*|\s*List of \w+\s*\Z|\ufeff?sep=.\Z"
)

Line = tuple[int, str]


def sniff_table(head: Head) -> Header | None:
    """The columns of a table in any of the forms, None when the file is none of them."""
    return _columns(head)


@lru_cache(maxsize=2)  # every view asks the same of the same file
def _columns(head: Head) -> Header | None:
    lines = head.lines
    skipped = _skipped(lines)
    lines = lines[skipped:]
    if not lines:
        return None
    if table_json.looks_like_json(lines[:5]):
        keys = table_json.first_keys(head.text)
        return Header(keys, ",") if len(keys) > 1 else None
    if psql_expanded.is_expanded(lines[0]):
        names = psql_expanded.names_of(lines[:1_000])
        return Header(names, ",") if names else None
    if found := psql_aligned.find_header(lines[:_TITLED]):
        return found[0]
    if pairs := psql_pairs.find_names(lines, head.complete):
        return Header(pairs[0], ",")
    return sniff_header(Head(head.name, "\n".join(lines[:5]), False)) or psql_unaligned.find_header(lines[0])


def open_table(
    source: Source, result: ParseResult, how: str, texts: tuple[str, ...] = ()
) -> tuple[Header, Iterator[Row]]:
    """The header and the rows; `texts` names columns of free text, by which a record also is found in expanded form.

    `result.carrier`, `.lines`, `.blank` and `.rejected` are kept while rows are read. ParseError without a header.
    A column `captured_at` (`select now() as captured_at, *`) is the time of the snapshot: `.first` and `.last`.
    """
    header, rows = _open(source, result, how, texts)
    at = header.find(["captured_at"])
    return header, rows if at is None else _timed(rows, at, result)


def _timed(rows: Iterator[Row], at: int, result: ParseResult) -> Iterator[Row]:
    for row in rows:
        if result.first is None and (moment := _moment(row.fields[at])):
            result.first = result.last = moment
        yield row


def _moment(text: str) -> datetime | None:
    """A moment with its zone, None for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _open(source: Source, result: ParseResult, how: str, texts: tuple[str, ...]) -> tuple[Header, Iterator[Row]]:
    stream = source.lines()
    held = list(islice(stream, _PEEKED))
    decoded = [raw.decode("utf-8", "replace").removeprefix("\ufeff") for _, raw in held]
    skipped = _skipped(decoded)
    lines = decoded[skipped:]
    result.lines = skipped
    result.blank = sum(not line.strip() for line in decoded[:skipped])
    rest: Iterator[Line] = ((number, raw.decode("utf-8", "replace")) for number, raw in chain(held[skipped:], stream))
    if lines and table_json.looks_like_json(lines[:5]):
        result.carrier = "json"
        return table_json.json_rows(_whole(decoded[:skipped], rest), result)
    if lines and psql_expanded.is_expanded(lines[0]):
        result.carrier = "psql expanded"
        header = Header(psql_expanded.names_of(lines), ",")
        return header, psql_expanded.expanded_rows(rest, header, result, texts)
    if found := psql_aligned.find_header(lines[:_TITLED]):
        result.carrier = "psql aligned"
        header, columns, used = found
        result.lines = skipped + used
        return header, psql_aligned.aligned_rows(islice(rest, used, None), header, columns, result)
    if pairs := psql_pairs.find_names(lines, len(held) < _PEEKED):
        result.carrier = "psql expanded"
        header = Header(pairs[0], ",")
        return header, psql_pairs.pair_rows(rest, header, pairs[1], result, texts)
    unaligned = psql_unaligned.find_header(lines[0]) if lines else None
    if unaligned is not None:
        result.carrier = "psql unaligned"
        return unaligned, psql_unaligned.unaligned_rows(islice(rest, 1, None), unaligned, result, texts)
    result.carrier = "csv"
    return open_csv(source, result, how, chain(held[skipped:], stream))


def _skipped(lines: list[str]) -> int:
    """How many lines stand in front of a table."""
    return next((at for at, line in enumerate(lines[:_HEAD_LINES]) if not _BEFORE.match(line)), len(lines))


def _whole(before: list[str], rest: Iterator[Line]) -> list[str]:
    """All lines, the leading ones emptied, for a form that is one document; ParseError above 64 MB."""
    lines, size = [""] * len(before), 0
    for _, line in rest:
        size += len(line)
        if size > MAX_JSON:
            raise ParseError("The document is larger than 64 MB; send CSV, or a smaller selection.")
        lines.append(line)
    return lines
