r"""The grammar of nginx and Apache access logs: common, combined, a virtual host before, more fields behind.

A request that is no HTTP ("\x16\x03\x01", "-") is still a line of the log. Of the numbers behind the user agent the
first one with decimals is the request time in seconds (nginx `$request_time`, often followed by
`$upstream_response_time`), bare or named `rt=` / `request_time=`; that of ingress-nginx follows the length of the
request, and Traefik ends a line with whole milliseconds and their unit. A whole number without one may be seconds
(Apache %T), milli- or microseconds (%D) and is not read as a time.
"""

import calendar
import re
from functools import lru_cache
from typing import NamedTuple

from telemetry.source import Head

_STAMP = rb"(\[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] )"
_TEXT = rb'[^"\\\n]*+(?:\\.[^"\\\n]*+)*+'  # between quotes; \" and \\ belong to it

# Each line of a block gives exactly one match, so that the n-th match is the n-th line; without a stamp it is no line
# of a log or one for the loose form. Few groups and possessive repeats, because this may run for every line.
LINE = re.compile(
    rb'^(?:([^\["\n]*+)' + _STAMP + rb'"(' + _TEXT + rb')" (\d{3}) (\d++|-)(?=\s|$)'
    rb'(?: "' + _TEXT + rb'" "(' + _TEXT + rb')"([^\n]*+))?+[^\n]*+|[^\n]*+)$',
    re.MULTILINE,
)
# What the fast form leaves over: brackets before the time, unescaped quotes in request or agent.
_LOOSE = re.compile(
    rb"^(.*?)" + _STAMP + rb'"(.*?)" (\d{3}) (\d+|-)(?=\s|$)(?: "(?:.*?)" "(.*)"((?:[^"]|"[^"]*")*))?',
    re.DOTALL,
)
# The controller of Kubernetes writes the length of the request before its time, Traefik its time in ms at the end.
_TIME = re.compile(
    rb'(?: "[^"\n]*"| -)*?(?: \d{1,12}(?= \d{1,9}\.\d{3} \[))? (?:rt=|request_time=)?"?(\d{1,12}\.\d{1,12})"?(?=\s|$)'
)
_TRAEFIK = re.compile(rb' \d{1,12} "[^"\n]*" "[^"\n]*" (\d{1,12})ms\r?')
_REQUEST = re.compile(rb'([A-Z]{3,16}) ([^\s"?\\]*+)(\?[^\s"\\]*+)?+(?: HTTP/[\d.]++)?+')
_LOOSE_REQUEST = re.compile(rb"([A-Z]{3,16}) ([^?]*?)(\?.*?)?(?: HTTP/[\d.]+)?", re.DOTALL)
_ADDRESS = re.compile(rb"(?:\d{1,3}\.){3}\d{1,3}|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]?")
_WHOLE_NUMBER = re.compile(r'" "[^"]*"(?: "[^"]*"| -)* \d+\s*$')
_CLOCK = re.compile(rb"\[(\d\d)/([A-Z][a-z][a-z])/(\d{4}):(\d\d):(\d\d): ([+-])(\d\d)(\d\d)\] ")
_MONTHS = {name.encode(): number for number, name in enumerate(calendar.month_abbr) if name}


class Row(NamedTuple):
    """One request as all forms of an access log are counted by.

    `origin` is what stands before the time (the client's address stands in it), `stamp` the time with its brackets and
    the blank behind, `request` what stood in the quotes ("GET /x?y HTTP/1.1"), `tail` what follows the agent.
    """

    origin: bytes
    stamp: bytes
    request: bytes
    status: bytes
    size: bytes
    agent: bytes
    tail: bytes


def loose_row(line: bytes) -> Row | None:
    """A line that only the tolerant grammar reads, None when it is no line of an access log."""
    found = _LOOSE.match(line)
    return Row(*(group or b"" for group in found.groups())) if found else None


def request_of(request: bytes) -> tuple[bytes, bytes, bytes] | None:
    """(method, path, query) of a request, None when it is no HTTP."""
    found = _REQUEST.fullmatch(request) or _LOOSE_REQUEST.fullmatch(request)
    return (found[1], found[2], found[3] or b"") if found else None


def microseconds_of(tail: bytes) -> int | None:
    """The request time behind an agent, None when there is none."""
    found = _TIME.match(tail) if b"." in tail else None
    if found is None and tail.endswith((b"ms", b"ms\r")):
        return int(traefik[1]) * 1000 if (traefik := _TRAEFIK.fullmatch(tail)) else None
    return round(float(found[1]) * 1e6) if found else None


def client_in(origin: bytes) -> bytes:
    """The client's address: the first one before the time, past a virtual host, of a forwarded list; "-" for none."""
    first = origin.partition(b" ")[0]
    if _ADDRESS.fullmatch(first):
        return first
    return next((field for field in origin.replace(b",", b" ").split() if _ADDRESS.fullmatch(field)), b"-")


def epoch_of(stamp: bytes) -> int | None:
    """Seconds since 1970 of "[10/Oct/2000:13:55:36 -0700] ", None when there is no such time."""
    minute, second = _minute_of(stamp[:19] + stamp[21:]), stamp[19:21]
    return minute + int(second) if minute is not None and second.isdigit() and second <= b"60" else None


@lru_cache(maxsize=1024)
def _minute_of(stamp: bytes) -> int | None:
    """Seconds since 1970 of a stamp without its second."""
    found = _CLOCK.fullmatch(stamp)
    if not found or found[2] not in _MONTHS:
        return None
    day, year, hour, minute, zone_h, zone_m = map(int, found.group(1, 3, 4, 5, 7, 8))
    if not 1 <= day <= 31 or hour > 23 or minute > 59:
        return None
    ahead = zone_h * 3600 + zone_m * 60
    moment = calendar.timegm((year, _MONTHS[found[2]], day, hour, minute, 0))
    return moment - (ahead if found[6] == b"+" else -ahead)


def sniff(head: Head) -> bool:
    """Whether at least four of five of the first 200 lines are lines of an access log."""
    if '] "' not in head.text:
        return False
    sample = [line.encode() for line in head.whole_lines[:200] if line.strip()]
    if not any(map(_LOOSE.match, sample[: 1 + len(sample) // 5])):  # among so many one is right, if enough are
        return False
    known = sum(1 for line in sample if _LOOSE.match(line))
    return bool(known) and known >= 0.8 * len(sample)


def ends_in_whole_number(line: bytes) -> bool:
    """Whether a line ends in a number without decimals behind the agent: a time in a unit that it does not tell."""
    return bool(_WHOLE_NUMBER.search(line.decode("utf-8", "replace")))
