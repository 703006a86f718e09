"""From the fields of any access log to the row that all of them are counted by (see access_lines.LINE)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from telemetry.parsers.access_lines import Row

_METHOD = re.compile(rb"[A-Z]{3,16}")
_ISO = re.compile(rb"(\d{4})-(\d\d)-(\d\d)[T ](\d\d:\d\d):(\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?")
_CLF = re.compile(rb"(\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d):(\d\d)(?:\.\d+)?(?: ([+-]\d{4}))?")
_ABSOLUTE = re.compile(rb"[a-z][a-z0-9+.-]*://[^/?#\s]*", re.IGNORECASE)
_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_NO_ZONE = b"+0000"


@dataclass(frozen=True, slots=True)
class Carrier:
    """One way to write an access log.

    `row_of` gives a line's row, None for a line that is no request. `is_comment` tells lines that belong to the file
    but are no request. `hide` gives the line without what must not be quoted. `zoned` is false where times carry no
    zone. `host_of` gives the machine that wrote a line (not the site it was asked for), b"" where it does not tell.
    """

    name: str
    row_of: Callable[[bytes], Row | None]
    is_comment: Callable[[bytes], bool] = lambda line: False
    hide: Callable[[bytes], bytes] = lambda line: line
    zoned: bool = True
    notes: tuple[str, ...] = ()
    host_of: Callable[[bytes], bytes] = lambda line: b""


def row(
    clock: tuple[bytes, bytes],
    method: bytes,
    address: bytes,
    status: bytes,
    size: bytes,
    agent: bytes,
    seconds: bytes,
    client: bytes,
) -> Row | None:
    """The row of a request; None when the status is none. `address` may hold a host and a query."""
    if len(status) != 3 or not status.isdigit():
        return None
    stamp, tail = b"[%b:%b] " % clock, b" " + seconds if seconds else b""
    return Row(client, stamp, request_bytes(method, address), status, size, agent, tail)


def request_bytes(method: bytes, address: bytes) -> bytes:
    """A request as rows hold it: on one line, without a host; NUL when it is no HTTP."""
    if not _METHOD.fullmatch(method):
        return b"\x00"
    if not address.startswith(b"/"):
        host = _ABSOLUTE.search(address) if b"://" in address else None
        address = address[: host.start()] + address[host.end() :] if host else address
        address = address if address[:1] not in (b"", b"?") else b"/" + address
    return method + b" " + address.replace(b"\n", b"%0A")


def request_parts(request: bytes) -> tuple[bytes, bytes]:
    """(method, address) of "GET /x HTTP/1.1"; empty when it is no HTTP."""
    words = request.split(b" ")
    return (words[0], words[1]) if len(words) in (2, 3) else (b"", b"")


def clock_of(text: bytes) -> tuple[bytes, bytes] | None:
    """(minute, second and zone) of ISO 8601 or of the common log's time; no zone is read as UTC."""
    at = text.find(b".", 19, 21)
    if at > 0 and text[at + 1 : at + 2].isdigit():  # one fraction for all, so that each second is read once
        text = text[:at] + b".0" + text[at + 1 :].lstrip(b"0123456789")
    return _clock_of(text)


@lru_cache(maxsize=4096)
def _clock_of(text: bytes) -> tuple[bytes, bytes] | None:
    if found := _ISO.match(text):
        year, month, day, minute, second, zone = found.groups()
        if not 1 <= int(month) <= 12:
            return None
        zone = _NO_ZONE if zone in (None, b"Z") else zone.replace(b":", b"")
        return b"/".join((day, _MONTHS[int(month) - 1], year)) + b":" + minute, second + b" " + zone
    if found := _CLF.match(text):
        return found[1], found[2] + b" " + (found[3] or _NO_ZONE)
    return None


def clock_of_epoch(seconds: float) -> tuple[bytes, bytes] | None:
    """(minute, second and zone) of seconds since 1970; None before 2000 and after 2100."""
    if not 946_684_800 <= seconds < 4_102_444_800:
        return None
    return _minute_of(int(seconds) // 60), b"%02d +0000" % (int(seconds) % 60)


@lru_cache(maxsize=4096)
def _minute_of(minute: int) -> bytes:
    moment = datetime.fromtimestamp(minute * 60, UTC)
    return b"%02d/%s/%04d:%02d:%02d" % (moment.day, _MONTHS[moment.month - 1], moment.year, moment.hour, moment.minute)


def clock_in(value: object) -> tuple[bytes, bytes] | None:
    """(minute, second and zone) of a time as text, or since 1970 in s, ms, us or ns, told apart by its size."""
    if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
        return clock_of(value.encode("utf-8", "replace"))
    number = number_in(value)
    while number is not None and number > 1e11:
        number /= 1000
    return clock_of_epoch(number) if number is not None else None


def number_in(value: object) -> float | None:
    """A number, also one that is written as text."""
    if isinstance(value, str) and len(value) < 40:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e20 else None


def first_number_in(value: object) -> float | None:
    """The number of a request whose tries were logged with commas: the first one."""
    return number_in(value.split(",")[0].strip() if isinstance(value, str) else value)


def seconds_of_ms(ms: float) -> bytes:
    """A time in ms as the text of seconds that rows hold, empty for none (negative)."""
    return b"%.6f" % (ms / 1000) if 0 <= ms < 1e12 else b""
