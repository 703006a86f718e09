"""Keys listed as CSV: a sample of ours, or what the two rdb readers write. Columns are found by name, never by place.

redis-rdb-tools: https://github.com/sripathikrishnan/redis-rdb-tools (`rdb -c memory`), HDT3213/rdb:
https://github.com/HDT3213/rdb (`rdb -c memory`). Ours: key, type, ttl in seconds (-1 none, -2 gone), memory, length.
"""

from collections.abc import Iterator

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.readers import Header, Row
from telemetry.parsers.redis_key_counts import Key, KeyCounts
from telemetry.parsers.redis_patterns import masked, pattern_of
from telemetry.source import Head, Source

SIZES = ("size_in_bytes", "size", "memory")
LENGTHS = ("num_elements", "element_count", "length")
EXPIRIES = ("expiry", "expiration", "ttl")
HOW = "Send CSV with the columns key,type,ttl,memory,length, or what `rdb -c memory dump.rdb` writes."


def sniff(head: Head) -> bool:
    """Claim a header with key, type and at least two of size, length and expiry, one of them in Redis' own words."""
    header = readers.sniff_header(head)
    if header is None or not {"key", "type"} <= set(header.columns):
        return False
    own = {"size_in_bytes", "ttl", "num_elements", "element_count"} & set(header.columns)
    return bool(own) and sum(header.find(names) is not None for names in (SIZES, LENGTHS, EXPIRIES)) >= 2


def read(source: Source, result: ParseResult) -> KeyCounts:
    """Count every key; ParseError when there is none."""
    header, rows = readers.open_csv(source, result, HOW)
    if not {"key", "type"} <= set(header.columns):
        raise ParseError(f"The columns key and type are missing. {HOW}", result.lines)
    result.carrier = "sample" if "ttl" in header.columns else "rdb"
    counts = KeyCounts()
    for key in _keys(header, rows, result):
        counts.add(key)
        source.records = counts.keys
    result.records_lines = result.lines - result.rejected - result.blank
    # A line that could not be taken apart shows its key somewhere: what names one thing is taken out of all of it.
    samples = result.rejected_samples
    result.rejected_samples = [Place(sample.line, masked(pattern_of(sample.quote))) for sample in samples]
    if not counts.keys:
        raise ParseError(f"The file lists no keys. {HOW}", result.lines)
    if result.carrier == "sample":
        result.notes.append("A sample of keys: shares hold for the whole only if the keys were picked at random.")
    return counts


def _keys(header: Header, rows: Iterator[Row], result: ParseResult) -> Iterator[Key]:
    key, kind = header.columns.index("key"), header.columns.index("type")
    size, length = header.find(SIZES), header.find(LENGTHS)
    gone = 0
    for row in rows:
        try:
            expires = _expires(header, row)
            one = Key(
                name=row.fields[key],
                type=row.fields[kind].strip().lower(),
                line=row.line,
                text=row.text,
                expires=expires,
                size=_number(header, row, size),
                length=_number(header, row, length) or None,  # one reader writes 0 for a string
            )
        except ValueError:
            readers.reject_line(row.line, row.text.replace(row.fields[key], "…"), result)
            result.rejected += row.span - 1
            continue
        if expires is None and "ttl" in header.columns and one.type in ("none", ""):
            gone += 1
        else:
            yield one
    if gone:
        result.notes.append(f"{gone:,} keys were gone when they were asked for, and are not counted.")


def _number(header: Header, row: Row, at: int | None) -> float | None:
    return None if at is None else readers.whole(row.fields[at], header.delimiter)


def _expires(header: Header, row: Row) -> bool | None:
    """Whether the key expires; None when the file cannot say or the key is gone. ValueError for a broken ttl."""
    at = header.find(EXPIRIES)
    if at is None:
        return None
    text = row.fields[at].strip()
    if header.columns[at] != "ttl":
        return not readers.is_null(text)
    if readers.is_null(text) or int(text) == -2:
        return None
    return int(text) != -1
