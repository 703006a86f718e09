"""Access logs in columns: W3C extended (IIS, CloudFront), HAProxy, Application Load Balancer.

IIS writes UTC and milliseconds, CloudFront UTC and seconds, HAProxy milliseconds and no zone, the load balancer
seconds (https://learn.microsoft.com/en-us/windows/win32/http/w3c-logging, https://docs.haproxy.org/2.8/configuration.html
section 8.2.3, https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html).
"""

import re

from telemetry.parsers.access_lines import Row
from telemetry.parsers.access_rows import Carrier, clock_of, request_parts, row, seconds_of_ms

_HAPROXY = re.compile(
    rb"(?:.*? )?\[?(?P<client>[0-9a-fA-F.:]+)\]?:\d+ \[(?P<clock>\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d\.\d{3})\] "
    rb"(?P<front>\S+) (?P<back>\S+) (?P<timers>[-+\d/]+) (?P<status>-1|\d{3}) \+?(?P<size>\d+) \S+ \S+ "
    rb'(?P<state>[A-Za-z-]{4}) [\d/+]+ \d+/\d+ (?:\{[^}]*\} ){0,2}"(?P<request>[^"]*)"?'
)
_ALB = re.compile(
    rb"(?:(?:http|https|h2|grpcs?|ws|wss) )?(?P<clock>\d{4}-\d\d-\d\dT\S+Z) (?P<elb>\S+) (?P<client>\S+):\d+ \S+ "
    rb"(?P<first>-?[\d.]+) (?P<target>-?[\d.]+) (?P<last>-?[\d.]+) (?P<status>\d{3}|-) \S+ -?\d+ (?P<size>\d+) "
    rb'"(?P<request>[^"]*+)" "(?P<agent>[^"\\]*+(?:\\.[^"\\]*+)*+)"'
)
# Who wrote a line: the host of syslog's header, the name of the balancer.
_SYSLOG = re.compile(rb"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8}|\d{4}-\S{10,40}) (\S{1,200}) haproxy\b")
_BALANCER = re.compile(rb"(?:[a-z]\S{0,9} )?\S{1,40} (\S{1,200}) ")
_TAKEN = re.compile(rb"\d{1,12}(?:\.\d{1,9})?")
_NEEDED = (b"cs-method", b"cs-uri-stem", b"sc-status", b"time")


def haproxy_row(line: bytes) -> Row | None:
    """A line of `option httplog`; the last timer is the whole request, -1 when it was aborted."""
    found = _HAPROXY.match(line)
    clock = clock_of(found["clock"]) if found else None
    if found is None or clock is None:
        return None
    total = found["timers"].rsplit(b"/", 1)[-1].lstrip(b"+")
    seconds = seconds_of_ms(float(total)) if re.fullmatch(rb"-?\d{1,12}", total) else b""
    status = b"000" if found["status"] == b"-1" else found["status"]
    method, address = request_parts(found["request"])
    return row(clock, method, address, status, found["size"], b"", seconds, found["client"])


def termination_of(line: bytes) -> str:
    """Who ended a session of HAProxy and when: "sH" is the server's time running out before it answered."""
    found = _HAPROXY.match(line)
    return found["state"][:2].decode() if found else ""


def alb_row(line: bytes) -> Row | None:
    """A line of the load balancer, also of the classic one, which tells no type first; a part of the time is -1 when
    there was no connection to a target.
    """
    found = _ALB.match(line)
    if found is None:
        return None
    at, _, client, *texts, status, size, request, agent = found.groups()
    clock = clock_of(at)
    try:
        parts = list(map(float, texts))
    except ValueError:
        return None
    if clock is None:
        return None
    seconds = seconds_of_ms(round(sum(parts) * 1000, 3)) if min(parts) >= 0 else b""
    method, address = request_parts(request)
    return row(clock, method, address, b"000" if status == b"-" else status, size, agent, seconds, client)


class W3C:
    """A W3C extended log: `#Fields:` names the columns and may come again with others."""

    def __init__(self) -> None:
        self._columns: dict[bytes, int] = {}
        self._date = b""
        self._tabs = False
        self._width = 0
        self._known = False  # the columns tell a request

    def is_comment(self, line: bytes) -> bool:
        """Whether a line is a directive; it sets what the lines behind it mean."""
        if not line.startswith(b"#"):
            return False
        name, _, text = line[1:].partition(b":")
        if name == b"Fields":
            names = text.split()
            self._columns, self._width = {column.lower(): at for at, column in enumerate(names)}, len(names)
            self._tabs = b"x-edge-location" in self._columns
            self._known = all(name in self._columns for name in _NEEDED)
        elif name == b"Date":
            self._date = text.split()[0] if text.split() else b""
        return True

    def fields(self, line: bytes) -> list[bytes]:
        """The columns of a line, none when their number is another than the directive's."""
        fields = line.split(b"\t") if self._tabs else line.split(b" ")
        return fields if len(fields) == self._width else []

    def _of(self, fields: list[bytes], name: bytes) -> bytes:
        at = self._columns.get(name)
        return b"" if at is None or fields[at] == b"-" else fields[at]

    def row_of(self, line: bytes) -> Row | None:
        """A request."""
        fields = self.fields(line)
        if not fields or not self._known:
            return None
        clock = clock_of((self._of(fields, b"date") or self._date) + b" " + self._of(fields, b"time"))
        if clock is None:
            return None
        query = self._of(fields, b"cs-uri-query")
        address = self._of(fields, b"cs-uri-stem") + (b"?" + query if query else b"")
        taken = self._of(fields, b"time-taken")
        seconds = b""
        if _TAKEN.fullmatch(taken):
            seconds = seconds_of_ms(float(taken) * (1000 if self._tabs else 1))
        agent, size = self._of(fields, b"cs(user-agent)"), self._of(fields, b"sc-bytes")
        method, status = self._of(fields, b"cs-method"), self._of(fields, b"sc-status")
        return row(clock, method, address, status, size, agent, seconds, self._of(fields, b"c-ip"))

    def host_of(self, line: bytes) -> bytes:
        """The computer that answered, where it is logged."""
        fields = self.fields(line.removesuffix(b"\r"))
        return self._of(fields, b"s-computername") if fields else b""

    def hide(self, line: bytes) -> bytes:
        """The line without cookies and user names."""
        fields = self.fields(line)
        for name in (b"cs(cookie)", b"cs-username"):
            if fields and self._of(fields, name):
                fields[self._columns[name]] = b"[redacted]"
        return (b"\t" if self._tabs else b" ").join(fields) if fields else line


def _named(pattern: re.Pattern[bytes], line: bytes) -> bytes:
    found = pattern.match(line)
    return found[1] if found else b""


_HAPROXY_ZONE = "HAProxy writes no time zone: moments are unknown, spans and peaks hold."
HAPROXY = Carrier(
    "haproxy", haproxy_row, zoned=False, notes=(_HAPROXY_ZONE,), host_of=lambda line: _named(_SYSLOG, line)
)
ALB = Carrier("alb", alb_row, host_of=lambda line: _named(_BALANCER, line))


def w3c_carrier(lines: list[bytes]) -> Carrier | None:
    """A fresh reader for a W3C log whose columns tell a request."""
    known = next((line.lower().split() for line in lines if line.startswith(b"#Fields:")), [])
    if not all(name in known for name in _NEEDED):
        return None
    log = W3C()
    name = "cloudfront" if b"x-edge-location" in known else "iis"
    return Carrier(name, log.row_of, is_comment=log.is_comment, hide=log.hide, host_of=log.host_of)


def field_carrier(lines: list[bytes]) -> Carrier | None:
    """The carrier that reads at least four of five lines."""
    start = lines[: 1 + len(lines) // 5]  # among so many at least one is right, if enough are
    for carrier in (HAPROXY, ALB):
        if not any(map(carrier.row_of, start)):
            continue
        known = sum(1 for line in lines if carrier.row_of(line))
        if known and known >= 0.8 * len(lines):
            return carrier
    return None
