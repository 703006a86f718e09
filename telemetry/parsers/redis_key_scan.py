"""What `redis-cli --bigkeys`, `--memkeys` and `--hotkeys` print: the largest key of each type, the most used ones.

--bigkeys compares lengths (elements, or bytes of a string) and not memory; --memkeys compares bytes of memory
(https://redis.io/docs/latest/develop/tools/cli/#scanning-for-big-keys). --hotkeys gives the counter of use that the
server keeps under an LFU policy (0 to 255, by the logarithm).
"""

import re

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.redis_key_counts import Key, hidden
from telemetry.parsers.redis_patterns import pattern_of
from telemetry.parsers.redis_replies import lines_of, unquoted
from telemetry.source import Head, Source

_SAMPLED = re.compile(r"Sampled (\d+) keys in the keyspace!")
_BIGGEST = re.compile(
    r"Biggest +([\w.-]+) +found '(.*)' has (\d+) (bytes|items|fields|members|entries|\?+)\Z", re.DOTALL
)
_HOTTEST = re.compile(r"hot key found with counter: (\d+)\s+keyname: (.*)\Z", re.DOTALL)
_TYPE = re.compile(r"(\d+) ([\w.-]+)s with (\d+) (bytes|items|fields|members|entries|\?+) \(")
_KNOWN = re.compile(r"#|\[[\d.]+%\]|-+ summary -+|Total key length in bytes|Keys sampled|.*keys scanned|\x1b")


def sniff(head: Head) -> bool:
    """Claim the progress or the summary of a scan for big keys."""
    text = head.text
    return "Scanning the entire keyspace to find " in text or (
        "-------- summary -------" in text and _SAMPLED.search(text) is not None
    )


def read(source: Source, result: ParseResult) -> None:
    """One row a pattern of a largest key and one a type; `records` are the keys looked at.

    ParseError when the summary is missing, because progress alone is a part of the keyspace.
    """
    lines = lines_of(source, result)
    by_memory = _by_memory(lines)
    hot = any(map(_HOTTEST.match, lines)) or any("to find hot keys" in line for line in lines[:20])
    result.carrier = "hotkeys" if hot else "memkeys" if by_memory else "bigkeys"
    sampled: int | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            result.blank += 1
            continue
        result.records_lines += 1
        if total := _SAMPLED.match(line):
            sampled = int(total[1])
        elif biggest := _BIGGEST.match(line):
            _add_biggest(biggest, Place(number, line), by_memory, result)
        elif hottest := _HOTTEST.match(line):
            _add_hottest(hottest, Place(number, line), result)
        elif kind := _TYPE.match(line):
            _add_type(kind, Place(number, line), by_memory, result)
        elif not _KNOWN.match(line):
            result.records_lines -= 1
            readers.reject_line(number, line, result)
    if sampled is None:
        raise ParseError(
            "The scan was not finished: its summary is missing. Let the scan run to its end and send what it prints."
        )
    result.records = sampled
    if not hot:
        _note(by_memory, result)


def _by_memory(lines: list[str]) -> bool:
    """Whether sizes are bytes of memory: then also what is no string is measured in bytes."""
    types = filter(None, map(_TYPE.match, lines))
    return any(kind[2] != "string" and kind[4] == "bytes" and kind[1] != "0" for kind in types)


def _add_biggest(match: re.Match[str], at: Place, by_memory: bool, result: ParseResult) -> None:
    written = match[2]
    quoted = len(written) > 1 and written[0] == written[-1] == '"'
    name = unquoted(written[1:-1]) if quoted else written
    pattern = pattern_of(name)
    key = Key(written[1:-1] if quoted else written, match[1], at.line, at.quote)
    quote = hidden(key, pattern)
    result.redacted += quote != at.quote
    metric = "bytes_max" if by_memory or match[1] == "string" else "length_max"
    place = readers.place(at.line, quote, result)
    result.evidence.append(
        Evidence("redis.pattern", pattern, {metric: float(match[3])}, place, attrs={"types": [match[1]]})
    )


def _add_hottest(match: re.Match[str], at: Place, result: ParseResult) -> None:
    """A pattern once, by its most used key: the list is sorted."""
    written = match[2]
    quoted = len(written) > 1 and written[0] == written[-1] == '"'
    pattern = pattern_of(unquoted(written[1:-1]) if quoted else written)
    if any(row.subject == pattern for row in result.evidence):
        return
    quote = hidden(Key(written[1:-1] if quoted else written, "", at.line, at.quote), pattern)
    result.redacted += quote != at.quote
    place = readers.place(at.line, quote, result)
    result.evidence.append(Evidence("redis.pattern", pattern, {"use_max": float(match[1])}, place))


def _add_type(match: re.Match[str], at: Place, by_memory: bool, result: ParseResult) -> None:
    if match[1] == "0":
        return
    metrics = {"keys": float(match[1])}
    if "?" not in match[4]:
        metrics["bytes" if by_memory or match[2] == "string" else "length"] = float(match[3])
    place = readers.place(at.line, at.quote, result)
    result.evidence.append(Evidence("redis.type", match[2], metrics, place))


def _note(by_memory: bool, result: ParseResult) -> None:
    if by_memory:
        result.notes.append("Bytes of memory; of each type only the largest key is named.")
    else:
        result.notes.append("Lengths, not memory; of each type only the largest key is named. --memkeys gives bytes.")
    result.notes.append("The scan looked at every key: hits and misses in an INFO taken afterwards hold its lookups.")
