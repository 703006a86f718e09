"""Heroku's logplex: the router's requests, dynos, the add-ons' samples and the database's own lines, in one stream.

Router: https://devcenter.heroku.com/articles/http-routing#heroku-router-log-format. A request that the router gave up
on (H12) is answered with 503 there; it counts as 504 here, which is what that answer means everywhere else.
"""

import re
from collections import Counter
from collections.abc import Sequence

from telemetry.evidence import ParseError, ParseResult, Place
from telemetry.parsers import access_log, postgres_log, readers
from telemetry.parsers.access_carriers import CarrierLog
from telemetry.parsers.access_columns import Columns, Piece
from telemetry.parsers.access_lines import Row
from telemetry.parsers.access_rows import Carrier, clock_of, row, seconds_of_ms
from telemetry.parsers.base import Parser
from telemetry.parsers.heroku_samples import Samples
from telemetry.parsers.postgres.events import Events
from telemetry.parsers.postgres.syslog import SyslogReader
from telemetry.routes import route_of
from telemetry.source import Head, Source

HOW = "heroku logs -n 1500 --app NAME > heroku.log   # better: what a log drain received during a busy hour"
_ISO = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
# As `heroku logs` prints it, or as a drain receives it (RFC 5424, with a length before each message or without).
_LINE = re.compile(
    rb"(?:(?:\d{1,6} )?<\d{1,3}>1 (?P<drained>" + _ISO + rb") \S+ (?P<origin>\w+) (?P<name>[\w.-]+) - (?:- )?"
    rb"|(?P<at>" + _ISO + rb") (?P<by>\w+)\[(?P<process>[\w.-]+)\]: )"
)
_SAYS_HEROKU = re.compile(r"\b(?:heroku\[(?:router|\w+\.\d+)\]: |heroku (?:router|\w+\.\d+) - )|\bsample#[\w-]+=")
_FIELD = re.compile(rb'(\w+)=(?:"([^"]*)"|(\S*))')
_TIMED_OUT = b"H12"
_NOTE = "Requests that the router gave up on after 30 s (H12, answered 503) count as 504."


def sniff(head: Head) -> bool:
    """Whether most lines are logplex's and some are the router's, a dyno's or an add-on's."""
    if not _SAYS_HEROKU.search(head.text):
        return False
    sample = [line.encode() for line in head.whole_lines[:200] if line.strip()]
    return bool(sample) and sum(_LINE.match(line) is not None for line in sample) >= 0.7 * len(sample)


def _parts(line: bytes) -> tuple[bytes, bytes, bytes] | None:
    """(time, process, text) of a line, None when it is not logplex's."""
    found = _LINE.match(line)
    if found is None:
        return None
    return found["drained"] or found["at"], found["name"] or found["process"], line[found.end() :]


def router_row(line: bytes) -> Row | None:
    """A request that the router answered; None for every other line."""
    parts = _parts(line)
    if parts is None or parts[1] != b"router":
        return None
    told = {name: quoted or bare for name, quoted, bare in _FIELD.findall(parts[2])}
    clock = clock_of(parts[0])
    if clock is None:
        return None
    service = told.get(b"service", b"").removesuffix(b"ms")
    connect = told.get(b"connect", b"").removesuffix(b"ms")
    ms = float(service) + (float(connect) if connect.isdigit() else 0.0) if service.isdigit() else -1.0
    status = b"504" if told.get(b"code") == _TIMED_OUT else told.get(b"status", b"")
    size = told.get(b"bytes", b"")
    client = told.get(b"fwd", b"").partition(b",")[0]
    address = told.get(b"path", b"")
    return row(clock, told.get(b"method", b""), address, status, size or b"0", b"", seconds_of_ms(ms), client)


class HerokuLog(CarrierLog):
    """Counts the router's lines as requests, and gives all others to those who read them."""

    def __init__(self) -> None:
        super().__init__(Carrier("heroku-router", router_row, is_comment=_is_other))
        self.samples = Samples()
        self.codes: Counter[str] = Counter()
        self.database = SyslogReader(ParseResult(carrier="logplex"))
        self.database_lines = 0

    def _read_lines(self, piece: Piece, places: Sequence[int], known: Columns | None) -> None:
        for number in map(piece.start.__add__, places):
            line = piece.lines[number - piece.start].removesuffix(b"\r")
            parts = _parts(line)
            if parts is None:
                continue
            _, process, text = parts
            if process == b"router":
                self._router(text)
            elif process.startswith(b"postgres"):
                self.database_lines += 1
                self.database.result.lines = number
                self.database.feed(number, line)
            else:
                self.samples.see(number, process, text, line)
        super()._read_lines(piece, places, known)

    def _router(self, text: bytes) -> None:
        if b" code=" in text and (found := re.search(rb" code=([A-Z]\d{1,3})\b", text)):
            self.codes[found[1].decode()] += 1
        if self.samples.waiting:
            told = {name: quoted or bare for name, quoted, bare in _FIELD.findall(text)}
            path = told.get(b"path", b"").partition(b"?")[0]
            self.samples.ended(told.get(b"request_id", b""), route_of(path.decode("utf-8", "replace")))


def _is_other(line: bytes) -> bool:
    parts = _parts(line)
    return parts is not None and (parts[1] != b"router" or b"status=" not in parts[2])


def parse(source: Source) -> ParseResult:
    """Requests, memory of dynos, samples of add-ons, errors that name their cause, and what the database logged."""
    log = HerokuLog()
    counts = log.read(source)
    requests = counts.traffic.requests
    result = access_log.finish(counts) if requests else counts.result
    result.carrier = "logplex"

    def quote(number: int, line: bytes) -> Place:
        return readers.place(number, line.decode("utf-8", "replace"), result)

    window_s = float(counts.traffic.window_s)
    result.evidence += log.samples.evidence(quote, window_s)
    if log.database_lines:
        _add_database(log.database, result)
    if not result.evidence:
        raise ParseError(f"No request, sample or error that can be counted is in this log. {HOW}", 1)
    _summarise(log, result)
    return result


def _add_database(database: Events, result: ParseResult) -> None:
    told = postgres_log.finish(database)
    result.evidence += told.evidence
    result.totals |= {name: value for name, value in told.totals.items() if name not in result.totals}
    result.enables += told.enables
    result.notes += told.notes
    result.redacted += told.redacted
    moments = [moment for moment in (result.first, told.first) if moment]
    result.first = min(moments, default=None)
    moments = [moment for moment in (result.last, told.last) if moment]
    result.last = max(moments, default=None)


def _summarise(log: HerokuLog, result: ParseResult) -> None:
    codes = {f"code_{code.lower()}": count for code, count in sorted(log.codes.items())}
    over = sum(count for count, _ in log.samples.over.values())
    result.totals |= codes | ({"memory_errors": over} if over else {})
    result.records = max(result.records, 1)
    if _TIMED_OUT.decode() in log.codes:
        result.notes.append(_NOTE)
    if any(row.kind == "container.usage" for row in result.evidence):
        result.enables.append("Memory of dynos against their quota")
    if log.samples.crashes:
        result.notes.append(f"Dynos that crashed or did not start: {log.samples.crashes} lines say so.")


PARSER = Parser(
    id="heroku-log",
    title="Heroku log (router, dynos, add-ons)",
    how_to_export=HOW,
    looks_for="lines such as: 2026-01-05T09:00:00+00:00 heroku[router]: at=info method=GET path=..., or sample#... of "
    "dynos and add-ons",
    kinds=(
        *access_log.PARSER.kinds,
        *postgres_log.PARSER.kinds,
        *("container.usage", "managed.service", "pg.database", "pg.setting", "error.cause"),
    ),
    sniff=sniff,
    parse=parse,
)
