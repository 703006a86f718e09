"""PgBouncer's own log: logins, refusals, waiting for a server, and its statistics line of every minute.

Messages: https://www.pgbouncer.org/config.html#log-settings and src/client.c, src/objects.c, src/stats.c of PgBouncer.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.parsers.postgres.clock import Clock
from telemetry.parsers.postgres.prefix import STAMP, ZONE
from telemetry.redaction import counted_quote, redact
from telemetry.source import Head, Source

_LINE = re.compile(
    rb"(?P<stamp>" + STAMP + rb")[.,]\d{3}(?:" + ZONE + rb")? \[?\d+\]? "
    rb"(?:LOG|WARNING|ERROR|FATAL|DEBUG|NOISE) (?:[CS]-(?:0x)?[0-9a-f.]+: (?P<pool>[^\s@]*)@\S+ )?"
)
_STATS = re.compile(rb"[sS]tats: ")
_RATES: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("xacts_per_s_max", re.compile(rb" (\d+) xacts/s")),
    ("queries_per_s_max", re.compile(rb" (\d+) (?:queries|req)/s")),
    ("query_us_max", re.compile(rb",\s?query (\d+) us")),
    ("wait_us_max", re.compile(rb",\s?wait (?:time )?(\d+) us")),
)
# What a line says beside its counting as login or closing; a refusal is logged up to twice, see `_refusals`.
_CLOSED = b"closing because: "
_POOLER = re.compile(rb"(?i)pooler error: ")
_REASONS: tuple[tuple[str, bytes], ...] = (
    ("max_client_conn_hits", b"no more connections allowed"),
    ("query_wait_timeouts", b"query_wait_timeout"),
)
_POOLS = 1_000
_COUNTED = ("logins", "closings", "stats_lines", "server_connections")


@dataclass(slots=True)
class _Subject:
    """Counts of the whole pooler or of one database; `marks` holds the line that each number first stood on."""

    counts: Counter[str] = field(default_factory=Counter)
    peaks: dict[str, float] = field(default_factory=dict)
    marks: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def add(self, name: str, number: int, line: bytes) -> None:
        self.counts[name] += 1
        self.marks.setdefault(name, (number, line))

    def peak(self, name: str, value: float, number: int, line: bytes) -> None:
        if value > self.peaks.get(name, -1.0):
            self.peaks[name] = value
            self.marks[name] = (number, line)


class _Reader:
    def __init__(self, result: ParseResult) -> None:
        self.result = result
        self.clock = Clock()
        self.server = _Subject()
        self.pools: dict[str, _Subject] = {}
        self.places: dict[int, Place] = {}
        self._second = b""

    def feed(self, number: int, line: bytes) -> None:
        found = _LINE.match(line)
        if found is None:
            self.result.reject(number, counted_quote(line)[0])
            return
        self.result.records += 1
        self.result.records_lines += 1
        if found["stamp"] != self._second:
            self.clock.note(found["stamp"], 0, self._second)
            self._second = found["stamp"]
        if found["zone"]:
            self.clock.zones[found["zone"]] = None
        message = line[found.end() :]
        subjects = [self.server]
        if found["pool"] and (pool := self._pool(found["pool"])):
            subjects.append(pool)
        for name in _names(message):
            for subject in subjects:
                subject.add(name, number, line)
        if _STATS.match(message):
            self._stats(number, line, message)

    def _pool(self, pool: bytes) -> _Subject | None:
        """The database of "shop/app"; a client that is not yet known has none."""
        name = redact(pool.partition(b"/")[0].decode("utf-8", "replace"))[0]
        if name == "(nodb)" or (name not in self.pools and len(self.pools) >= _POOLS):
            return None
        return self.pools.setdefault(name, _Subject())

    def _stats(self, number: int, line: bytes, message: bytes) -> None:
        self.server.add("stats_lines", number, line)
        for name, pattern in _RATES:
            if found := pattern.search(message):
                self.server.peak(name, float(found[1]), number, line)
                if name == "wait_us_max" and int(found[1]):
                    self.server.add("stats_lines_waiting", number, line)


def _names(message: bytes) -> list[str]:
    """What a message counts as."""
    if message.startswith(b"login attempt: "):
        return ["logins"]
    if message.startswith(b"new connection to server"):
        return ["server_connections"]
    if message.startswith(b"server login failed"):
        return ["server_login_failures"]
    closed = message.startswith(_CLOSED)
    pooler = _POOLER.match(message)
    if not closed and not pooler:
        return []
    how = "closed" if closed else "pooler"
    reasons = [f"{how}:{name}" for name, text in _REASONS if text in message]
    return ["closings", *reasons] if closed else reasons


def _refusals(subject: _Subject, name: str) -> tuple[int, str]:
    """A refusal is logged as a closing, as a pooler error, or both, by settings: the larger count is true."""
    ways = [f"{way}:{name}" for way in ("closed", "pooler")]
    way = max(ways, key=lambda way: subject.counts[way])
    return subject.counts[way], way


def _evidence(reader: _Reader, kind: str, name: str, subject: _Subject) -> Evidence:
    metrics: dict[str, float] = {}
    marks = dict(subject.marks)
    window = reader.clock.window_s
    for counted in ("logins", "closings", "server_connections"):
        if reader.server.counts[counted]:
            metrics[counted] = subject.counts[counted]
    for reason, _ in _REASONS:
        metrics[reason], way = _refusals(subject, reason)
        if way in marks:
            marks[reason] = marks[way]
    if kind == "pool.log":
        metrics["server_login_failures"] = subject.counts["server_login_failures"]
        metrics |= subject.peaks
        if subject.counts["stats_lines"]:
            metrics |= {name: subject.counts[name] for name in ("stats_lines", "stats_lines_waiting")}
        if window is not None:
            metrics["window_s"] = window
    if window and metrics.get("logins"):
        metrics["logins_per_min"] = metrics["logins"] / max(window / 60, 1.0)
        marks["logins_per_min"] = marks["logins"]
    places = {metric: _place(reader, *marks[metric]) for metric in metrics if metric in marks and metrics[metric]}
    first = _place(reader, *min(marks.values(), default=(1, b"")))
    return Evidence(kind, name, metrics, first, places)


def _place(reader: _Reader, number: int, line: bytes) -> Place:
    made = reader.places.get(number)
    if made is None:
        text, hidden = counted_quote(line)
        reader.result.redacted += hidden
        made = reader.places[number] = Place(number, text)
    return made


def sniff(head: Head) -> bool:
    """Whether most lines are PgBouncer's: a stamp, a process and a level without the server's colon behind it."""
    lines = [line.encode("utf-8", "replace") for line in head.whole_lines[:200] if line.strip()]
    return sum(bool(_LINE.match(line)) for line in lines) * 2 > len(lines)


def parse(source: Source) -> ParseResult:
    """Read the log once. Raises ParseError when no line is PgBouncer's."""
    result = ParseResult(carrier="pgbouncer")
    reader = _Reader(result)
    for number, line in source.lines():
        result.lines = number
        if line.strip():
            reader.feed(number, line)
        else:
            result.blank += 1
        source.records = result.records
    if not result.records:
        raise ParseError("No line of this file is PgBouncer's; send its logfile, for example pgbouncer.log.", 1)
    result.evidence = [_evidence(reader, "pool.log", "pgbouncer", reader.server)]
    result.evidence += [_evidence(reader, "pool.log.database", name, pool) for name, pool in reader.pools.items()]
    result.totals = {name: reader.server.counts[name] for name in _COUNTED}
    result.totals |= {name: _refusals(reader.server, name)[0] for name, _ in _REASONS}
    result.first, result.last = reader.clock.bounds()
    result.enables = _enables(reader)
    result.notes = [note for note in (reader.clock.note_on_zone(),) if note]
    if not reader.server.counts["stats_lines"]:
        result.notes.append("No statistics lines (log_stats): how long clients waited for a server cannot be told.")
    return result


def _enables(reader: _Reader) -> list[str]:
    counts = reader.server.counts
    answers = (
        (counts["logins"] + counts["closings"], "how fast clients come and go at the pooler"),
        (counts["stats_lines"], "how long clients waited for a server connection, and the pooler's peak load"),
        (1, "whether the pooler refused clients or let them time out"),
    )
    return [text for count, text in answers if count]


PARSER = Parser(
    id="pgbouncer-log",
    title="PgBouncer log",
    how_to_export=(
        "Keep log_connections, log_disconnections, log_pooler_errors and log_stats at 1 (their defaults), let a busy "
        "hour pass, then: gzip -c /var/log/postgresql/pgbouncer.log > pgbouncer.log.gz"
    ),
    looks_for="lines such as `LOG C-0x55bd: shop/app@10.0.0.7:51000 login attempt` and `LOG stats: 12 xacts/s`",
    kinds=("pool.log", "pool.log.database"),
    sniff=sniff,
    parse=parse,
)
