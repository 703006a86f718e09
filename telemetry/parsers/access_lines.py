r"""The grammar of nginx and Apache access logs: common, combined, a virtual host before, more fields behind.

A request that is no HTTP ("\x16\x03\x01", "-") is still a line of the log. Of the numbers behind the user agent the
first one with decimals is the request time in seconds (nginx `$request_time`, often followed by
`$upstream_response_time`), bare or named `rt=` / `request_time=`. A whole number may be seconds (Apache %T), milli-
or microseconds (%D) and is not read as a time.
"""

import calendar
import re

from telemetry.source import Head

_STAMP = rb"\[(\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d):(\d\d [+-]\d{4})\]"
_TEXT = rb'[^"\\\n]*+(?:\\.[^"\\\n]*+)*+'  # between quotes; \" and \\ belong to it
_TIME = rb'(?:(?: "[^"\n]*"| -)*? (?:rt=|request_time=)?"?(\d{1,12}\.\d{1,12})"?(?=\s|$))?'
_REQUEST = rb'(?:([A-Z]{3,16}+) ([^\s"?\\]*+)(\?[^\s"\\]*+)?+(?: HTTP/[\d.]++)?+(?=")|' + _TEXT + rb")"

# Groups: minute, second and zone, method, path, query, status, size, agent, time. Each line of a block gives exactly
# one match, so that the n-th match is the n-th line; without a status it is no line of a log, without a method the
# request is read again by the loose form. Few groups and possessive repeats, because this runs for every line.
LINE = re.compile(
    rb'^(?:[^\["\n]*+' + _STAMP + rb' "' + _REQUEST + rb'" (\d{3}) (\d++|-)(?=\s|$)'
    rb'(?: "' + _TEXT + rb'" "(' + _TEXT + rb')"' + _TIME + rb")?+[^\n]*+|[^\n]*+)$",
    re.MULTILINE,
)
MINUTE, METHOD, STATUS, AGENT = 0, 2, 5, 7
# What the fast form leaves over: brackets before the time, unescaped quotes in request or agent.
_LOOSE = re.compile(
    rb"^(.*?)" + _STAMP + rb' "(.*?)" (\d{3}) (\d+|-)(?=\s|$)(?: "(.*?)" "(.*)"' + _TIME + rb")?",
    re.DOTALL,
)
_LOOSE_REQUEST = re.compile(rb"^([A-Z]{3,16}) ([^?]*?)(\?.*?)?(?: HTTP/[\d.]+)?$", re.DOTALL)
_ADDRESS = re.compile(rb"(?:\d{1,3}\.){3}\d{1,3}|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]?")
_WHOLE_NUMBER = re.compile(r'" "[^"]*"(?: "[^"]*"| -)* \d+\s*$')
_MONTHS = {name.encode(): number for number, name in enumerate(calendar.month_abbr)}

Row = tuple[bytes, ...]


def loose_row(line: bytes) -> Row | None:
    """The groups of a line that only the tolerant grammar reads, None when it is no line of an access log.

    The path of a request that is no HTTP is the request itself.
    """
    found = _LOOSE.match(line)
    if not found:
        return None
    _, minute, second, request, status, size, _, agent, seconds = (group or b"" for group in found.groups())
    split = _LOOSE_REQUEST.match(request)
    method, path, query = (split[1], split[2], split[3] or b"") if split else (b"", request, b"")
    return minute, second, method, path, query, status, size, agent, seconds


def client_of(line: bytes) -> bytes:
    """The client's address: the first one before the time, past a virtual host, of a forwarded list."""
    found = _LOOSE.match(line)
    fields = found[1].replace(b",", b" ").split() if found else []
    return next((field for field in fields if _ADDRESS.fullmatch(field)), b"-")


def minute_epoch(minute: bytes) -> int | None:
    """Seconds since 1970 of "10/Oct/2000:13:55" read as UTC, None when there is no such minute."""
    if not minute:
        return None
    day, month, rest = minute.split(b"/")
    year, hour, minutes = rest.split(b":")
    if month not in _MONTHS or not 1 <= int(day) <= 31 or int(hour) > 23 or int(minutes) > 59:
        return None
    return calendar.timegm((int(year), _MONTHS[month], int(day), int(hour), int(minutes), 0))


def second_offset(second: bytes) -> int:
    """What "36 -0700" adds to the minute to give UTC, in seconds."""
    sign = -1 if second[3:4] == b"+" else 1
    return int(second[:2]) + sign * (int(second[4:6]) * 3600 + int(second[6:8]) * 60)


def sniff(head: Head) -> bool:
    """Whether at least four of five of the first 200 lines are lines of an access log."""
    sample = [line.encode() for line in head.whole_lines[:200] if line.strip()]
    known = sum(1 for line in sample if _LOOSE.match(line))
    return bool(known) and known >= 0.8 * len(sample)


def ends_in_whole_number(line: bytes) -> bool:
    """Whether a line ends in a number without decimals behind the agent: a time in a unit that it does not tell."""
    return bool(_WHOLE_NUMBER.search(line.decode("utf-8", "replace")))
