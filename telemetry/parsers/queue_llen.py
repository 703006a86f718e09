"""LLEN of the lists that queues lie in, as lines "LLEN name number".

redis-cli prints LLEN, DBSIZE, SCARD and others alike, as a number: alone it is claimed and refused, since reading the
number of all keys as jobs that wait would be worse than asking.
"""

import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.queue_row import Carrier, Rows
from telemetry.source import Head, Source

_ALONE = re.compile(r"(?:\(integer\) )?(\d{1,15})\Z")
_NAMED = re.compile(r"(?i:llen) +(\S{1,200}) +(?:\(integer\) )?(\d{1,15})\Z")
HOW = 'Export with: for q in celery; do echo "LLEN $q $(redis-cli llen $q)"; done > llen.txt'


def sniff(head: Head) -> bool:
    """Claim a file that is one number, or lines that start with LLEN."""
    told = (line.strip().removeprefix("\ufeff") for line in head.whole_lines[:200] if line.strip())
    first = next(told, None)
    if first is None:
        return False
    alone = head.complete and _ALONE.match(first) is not None and next(told, None) is None
    return alone or _NAMED.match(first) is not None


def read(source: Source) -> ParseResult:
    """One row a list; ParseError when there is none."""
    result = ParseResult(carrier="llen")
    rows = Rows()
    for result.lines, raw in source.lines():
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff").strip()
        if not line:
            result.blank += 1
        elif named := _NAMED.match(line):
            result.records_lines += 1
            result.records += 1
            row = rows.of("queue.counts", named[1], system="redis")  # LLEN is of Redis
            row.put("waiting", float(named[2]), readers.place(result.lines, line, result))
        elif _ALONE.match(line) and not result.records:
            raise ParseError(f"A number alone does not say what it counts: LLEN and DBSIZE print it alike. {HOW}", 1)
        else:
            readers.reject_line(result.lines, line, result)
    result.evidence = rows.evidence()
    if not result.evidence:
        raise ParseError(f"No length of a list was found. {HOW}", result.lines or None)
    result.notes.append("Jobs that workers hold already are not in the list: with Celery, inspect reserved shows them.")
    return result


CARRIER = Carrier("llen", sniff, read)
