"""log_destination = syslog, and Heroku's logplex: headers in front, long messages in parts numbered [n-m].

Parts: https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-SYSLOG-SEQUENCE-NUMBERS
"""

import re

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.postgres.carrier import Carrier
from telemetry.parsers.postgres.enveloped import Entry, EnvelopeReader
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.jsonlog import split_lines
from telemetry.parsers.postgres.prefix import carrying_lines, severities
from telemetry.parsers.postgres.quotes import Quoter
from telemetry.parsers.postgres.replay import Replayed
from telemetry.parsers.postgres.stamps import moment_of
from telemetry.source import Head, Source

_ISO = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_PARTS = rb"(?P<channel>\[[A-Z][A-Z_0-9]*\] )?(?:\[(?P<record>\d+)-(?P<part>\d+)\] ?)?"
_BSD = rb"(?P<bsd>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
_LINE = re.compile(
    rb"(?:<\d{1,3}>)?(?:"
    rb"(?P<logplex>" + _ISO + rb") app\[(?P<source>[\w.-]*postgres[\w.-]*)\]: "
    rb"|1 (?P<new>" + _ISO + rb") (?P<host1>\S+) (?P<tag1>\S+) (?P<pid1>\S+) \S+ (?:-|\[[^\]]*\]) "
    rb"|(?:" + _BSD + rb"|(?P<iso>" + _ISO + rb")) (?P<host2>\S+) (?P<tag2>[\w./-]+)(?:\[(?P<pid2>\d+)\])?: "
    rb")" + _PARTS
)  # fmt: skip
_MONTHS = {name: at for at, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_YEAR = 2000  # stands in where none is written; a leap year, so that 29 February is a day
_OPEN = 200


class SyslogReader(EnvelopeReader):
    """Puts the parts of messages together before they are read; `[n-m]` numbers message and part."""

    def __init__(self, result: ParseResult) -> None:
        super().__init__(result, "syslog")
        self._parts: dict[tuple[bytes, bytes], Entry] = {}
        self._month, self._year = 0, _YEAR

    def feed(self, number: int, line: bytes) -> None:
        """One line of the file."""
        found = _LINE.match(line)
        if found is None:
            self.reject(number, line)
            return
        tag = found["source"] or found["tag1"] or found["tag2"]
        if b"postgres" not in tag:
            self.skipped += 1
            return
        if len(self.hosts) < 2:  # Heroku names the attachment: [DATABASE], [HEROKU_POSTGRESQL_CYAN]
            host = found["host1"] or found["host2"] or (found["channel"] or b"").strip(b"[] ")
            self.see_host(host.decode("utf-8", "replace"))
        pid = found["pid1"] or found["pid2"] or b""
        text = line[found.end() :].replace(b"#011", b"\t")
        key = (pid or tag, found["record"] if found["logplex"] or not pid else b"")
        open_part = self._parts.get(key)
        if found["part"] not in (None, b"1") and open_part is not None:
            # A part begins where a line of the message did, or in the middle of one that was too long.
            fresh = text.startswith(b"\t") or bool(severities([text]))
            open_part.text += b"\n" + text if fresh else text
            return
        if open_part is not None:
            self.take(self._parts.pop(key))
        if len(self._parts) >= _OPEN:
            self.take(self._parts.pop(next(iter(self._parts))))
        self._parts[key] = Entry(number, line, text, self._stamp(found), pid)

    def finish(self, quoter: Quoter) -> None:
        """The file ended: what is open is whole."""
        for entry in sorted(self._parts.values(), key=lambda entry: entry.number):
            self.take(entry)
        self._parts.clear()
        super().finish(quoter)

    def _stamp(self, found: re.Match[bytes]) -> tuple[bytes, bytes] | None:
        iso = found["logplex"] or found["new"] or found["iso"]
        if iso:
            return moment_of(iso.decode())
        self.yearless = True
        month = _MONTHS.get(found["bsd"][:3], 1)
        self._year += month < self._month and self._month - month > 6
        self._month = month
        return b"%d-%02d-%02d " % (self._year, month, int(found["bsd"][4:6])) + found["bsd"][7:], b""


def _sniff(head: Head) -> bool:
    """Whether most of the lines that carry a severity are syslog of a postgres process."""
    carrying = carrying_lines(head)
    if not carrying or "postgres" not in head.text or "heroku[router]: " in head.text:
        return False  # a stream of all that Heroku logs has a parser of its own
    known = [found for line in carrying if (found := _LINE.match(line))]
    ours = [found for found in known if b"postgres" in (found["source"] or found["tag1"] or found["tag2"])]
    return len(ours) * 2 > len(carrying) > 0 and len(ours) * 20 > len(head.lines[:400])


def _read(_: None, source: Source, result: ParseResult) -> Events:
    source = Replayed(source)
    reader = SyslogReader(result)
    first = _LINE.match(source.first_line)
    result.carrier = "logplex" if first and first["logplex"] else "syslog"
    for lines in split_lines(source.blocks()):
        for line in lines:
            result.lines += 1
            if line.strip():
                reader.feed(result.lines, line)
            else:
                result.blank += 1
        source.records = result.records
    if not result.lines:
        raise ParseError("The file is empty; send the syslog file that holds the server's messages.")
    return reader


SYSLOG = Carrier("syslog", _sniff, _read)
