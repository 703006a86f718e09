"""Count the requests of an access log, block by block.

The columns of a block (see access_columns) are counted by the interpreter's own loops (Counter, map, zip): that is what
makes pure Python fast enough for logs of gigabytes. Counts are kept by a number for each method and route.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import add

from telemetry.distinct import Distinct
from telemetry.evidence import ParseResult
from telemetry.histogram import bucket_of
from telemetry.parsers.access_columns import Columns, Piece, columns_of, pieces
from telemetry.parsers.access_lines import client_in, ends_in_whole_number, epoch_of, microseconds_of
from telemetry.parsers.access_requests import Cache, Routes, is_bot, is_load_test, is_scanned, is_sign_in
from telemetry.parsers.http_counts import RouteCount, SignIns, Spot, Traffic
from telemetry.redaction import quote_of
from telemetry.routes import RouteTable
from telemetry.source import Source
from telemetry.splitting import Undividable

# One whole number holds minute, status and code; another one bucket and code.
_CODE_BITS, _STATUS_BITS = 20, 10
_MINUTE_SHIFT = _CODE_BITS + _STATUS_BITS
_CODE = (1 << _CODE_BITS) - 1
_STATUS = (1 << _STATUS_BITS) - 1
_CELLS = 1_000_000  # route, status and minute; 100 MB
_ORIGINS = 65_536
_KNOWN, _LOST = (8000, 2000), (2000, 300)  # names of routes, and of those in one folder
_SAMPLE = 200
COMBINED = "combined"
_NUMBERS = re.compile(rb"/\d+(?=[/ ?\n]|$)")


@dataclass(slots=True)
class Counts:
    """What a file, or a part of it, holds.

    `routes` were answered otherwise than 404, `lost` 404: guesses of scanners as often as routes, which must not crowd
    out the others. `whole_numbers` tells of the first records whether they end in a number whose unit is not known.
    """

    result: ParseResult = field(default_factory=lambda: ParseResult(carrier=COMBINED))
    traffic: Traffic = field(default_factory=Traffic)
    table: RouteTable = field(default_factory=lambda: RouteTable(*_KNOWN))
    lost_table: RouteTable = field(default_factory=lambda: RouteTable(*_LOST))
    routes: dict[str, RouteCount] = field(default_factory=dict)
    lost: dict[str, RouteCount] = field(default_factory=dict)
    sign_ins: dict[str, SignIns] = field(default_factory=dict)
    clients: Distinct = field(default_factory=Distinct)
    has_agents: bool = False
    whole_numbers: list[bool] = field(default_factory=list)
    states: dict[str, tuple[int, Spot]] = field(default_factory=dict)  # of HAProxy: sessions and the first one
    hosts: set[bytes] = field(default_factory=set)  # the machines that wrote, where the carrier names them
    closed: bool = False  # minutes were forgotten by order

    def merge(self, later: "Counts") -> None:
        """Take over what a later part of the file holds; Undividable when one process may have counted otherwise."""
        _merge_results(self.result, later.result)
        self.table.merge(later.table)
        self.lost_table.merge(later.lost_table)
        self.traffic.merge(later.traffic)
        self.clients.merge(later.clients)
        for mine, theirs in ((self.routes, later.routes), (self.lost, later.lost)):
            for route, counted in theirs.items():
                take(mine, route, counted)
        fold_crowded(self)
        for route, refused in later.sign_ins.items():
            if route in self.sign_ins:
                self.sign_ins[route].merge(refused)
            else:
                self.sign_ins[route] = refused
        for state, (count, spot) in later.states.items():
            before, first = self.states.get(state, (0, spot))
            self.states[state] = before + count, first
        self.has_agents = self.has_agents or later.has_agents
        self.hosts |= later.hosts
        self.whole_numbers = (self.whole_numbers + later.whole_numbers)[:_SAMPLE]
        cells = sum(len(counted.minutes) for counted in chain(self.routes.values(), self.lost.values()))
        by_order = (
            self.closed or later.closed or cells > _CELLS // 2,
            self.traffic.closed,
            self.table.overflown or self.lost_table.overflown,
            any(refused.closed for refused in self.sign_ins.values()),
        )
        if any(by_order):
            raise Undividable("minutes, routes or clients were forgotten by their order")


class AccessLog:
    """Fills the counts of one file."""

    def __init__(self, lines_before: int = 0) -> None:
        self.counts = Counts()
        self._next_line = lines_before + 1
        self._known, self._lost = Routes(self.counts.table), Routes(self.counts.lost_table)
        self._known_code = Cache(lambda request: self._code(self._known.of(request), False))
        self._lost_code = Cache(lambda request: self._code(self._lost.of(request), True))
        self._bot, self._test = Cache(is_bot), Cache(is_load_test)
        self._epoch = Cache(_epoch)
        self._minute = Cache(lambda stamp: self._epoch[stamp] // 60 << _MINUTE_SHIFT)
        self._status = Cache(lambda status: int(status) << _CODE_BITS)
        self._us = Cache(_microseconds)
        self._bucket = Cache(lambda us: bucket_of(us / 1000) << _CODE_BITS)
        # By code:
        self._codes: dict[tuple[bool, str, str], int] = {}
        self._names: list[tuple[bool, str, str]] = []
        self._first: dict[int, Spot] = {}
        self._spots: list[dict[str, Spot]] = []
        self._size: list[int] = []
        self._size_max: list[int] = []
        self._total_us: list[int] = []
        self._max_us: list[int] = []
        self._page_max: list[int] = []
        self._scanned: set[int] = set()
        self._sign_in: set[int] = set()
        self._seen: set[int] = set()
        self._cells: Counter[int] = Counter()
        self._buckets: Counter[int] = Counter()
        self._origins: Counter[bytes] = Counter()

    def read(self, source: Source) -> Counts:
        """Read every block; each line is counted once, as record, rejected or blank."""
        for text in chain.from_iterable(map(pieces, source.blocks())):
            piece = Piece(text, self._next_line)
            columns, others = columns_of(piece, self._epoch)
            self._next_line += piece.text.count(b"\n")
            for number in others:
                self._refuse(number, piece.line(number))
            if columns:
                self.count(columns)
            source.records = self.counts.result.records
        self.counts.result.lines = self._next_line - 1 - source.lines_before
        return self.settled()

    def _refuse(self, number: int, line: bytes) -> None:
        if line.strip():
            self.counts.result.reject(number, quote_of(line))
        else:
            self.counts.result.blank += 1

    def count(self, columns: Columns) -> None:
        """Count requests."""
        counts, statuses = self.counts, columns.statuses
        counts.result.records += len(columns.numbers)
        known, lost = self._known_code, self._lost_code
        # All numbers are one address to the route's name; saying so at once saves naming each of them.
        requests = _NUMBERS.sub(b"/0", b"\n".join(columns.requests)).split(b"\n")
        codes: list[int] = [
            lost[request] if status == b"404" else known[request]
            for request, status in zip(requests, statuses, strict=True)
        ]
        self._begin(columns)
        present = set(codes)
        for code in present - self._seen:
            self._first[code] = spot_at(columns, codes.index(code))
        self._seen |= present
        minutes = map(self._minute.__getitem__, columns.stamps)
        self._cells.update(map(add, map(add, minutes, map(self._status.__getitem__, statuses)), codes))
        epoch = self._epoch
        counts.traffic.seen((epoch[stamp], count) for stamp, count in Counter(columns.stamps).items())
        self._count_bots(columns, codes, present)
        self._count_sizes(columns, codes)
        self._count_times(columns, codes)
        for routes in (self._known, self._lost):
            if routes.paged:
                self._count_pages(columns, requests, codes, routes)
        self._count_errors(columns, codes)
        self._origins.update(columns.origins)
        if len(self._origins) > _ORIGINS:
            self._count_clients()
        if len(self._cells) > _CELLS:
            self.settled()
            self._close()

    def _code(self, name: tuple[str, str], lost: bool) -> int:
        """The number under which a method and route is counted."""
        method, route = name
        code = self._codes.get((lost, method, route))
        if code is None:
            code = self._codes[lost, method, route] = len(self._names)
            self._names.append((lost, method, route))
            self._spots.append({})
            for column, start in (
                (self._size, 0),
                (self._size_max, 0),
                (self._total_us, 0),
                (self._max_us, -1),
                (self._page_max, -1),
            ):
                column.append(start)
            if is_scanned(route):
                self._scanned.add(code)
            if is_sign_in(route):
                self._sign_in.add(code)
        return code

    def _begin(self, columns: Columns) -> None:
        counts = self.counts
        if not counts.has_agents:
            counts.has_agents = any(columns.agents)
        missing = _SAMPLE - len(counts.whole_numbers)
        if missing > 0:
            lines = map(columns.line, columns.numbers[:missing])
            counts.whole_numbers += map(ends_in_whole_number, lines)
        if counts.traffic.start is None:
            counts.traffic.start = spot_at(columns, 0)

    def _count_bots(self, columns: Columns, codes: list[int], present: set[int]) -> None:
        bot, test, agents = self._bot, self._test, Counter(columns.agents)
        bots = sum(count for agent, count in agents.items() if bot[agent])
        self.counts.traffic.tests += sum(count for agent, count in agents.items() if test[agent])
        scanned = present & self._scanned
        if scanned:
            people = [agent for code, agent in zip(codes, columns.agents, strict=True) if code in scanned]
            bots += sum(not bot[agent] for agent in people)
        self.counts.traffic.bots += bots

    def _count_sizes(self, columns: Columns, codes: list[int]) -> None:
        total, most = self._size, self._size_max
        largest: dict[int, int] = {}
        for number, code, size in zip(columns.numbers, codes, columns.sizes, strict=True):
            total[code] += size
            if size > most[code]:
                most[code] = size
                largest[code] = number
        self._keep("size", largest, columns)

    def _count_times(self, columns: Columns, codes: list[int]) -> None:
        """A time of several upstreams counts once, as the request's own."""
        if not any(columns.times) and 0 not in columns.times:
            return
        spent: Sequence[int] = list(map(self._us.__getitem__, columns.times))
        numbers = columns.numbers
        if None in spent:
            timed = [us is not None for us in spent]
            numbers, codes, spent = (list(compress(column, timed)) for column in (numbers, codes, spent))
        total, most = self._total_us, self._max_us
        slowest: dict[int, int] = {}
        for number, code, us in zip(numbers, codes, spent, strict=True):
            total[code] += us
            if us > most[code]:
                most[code] = us
                slowest[code] = number
        self._buckets.update(map(add, map(self._bucket.__getitem__, spent), codes))
        self._keep("time", slowest, columns)

    def _keep(self, name: str, numbers: dict[int, int], columns: Columns) -> None:
        for code, number in numbers.items():
            self._spots[code][name] = number, columns.line(number)

    def _count_pages(self, columns: Columns, requests: list[bytes], codes: list[int], routes: Routes) -> None:
        """The largest page that was asked for; each request tells it when it comes for the first time."""
        lost, at = routes is self._lost, 0
        for request, page in routes.paged.items():  # in the order of their lines
            at = requests.index(request, at)
            while (columns.statuses[at] == b"404") is not lost:
                at = requests.index(request, at + 1)
            code = codes[at]
            if page > self._page_max[code]:
                self._page_max[code] = page
                self._spots[code]["page"] = spot_at(columns, at)
        routes.paged.clear()

    def _count_errors(self, columns: Columns, codes: list[int]) -> None:
        statuses, failures = columns.statuses, self.counts.traffic.failures
        for at in [at for at, status in enumerate(statuses) if status >= b"400"]:
            code, status = codes[at], statuses[at]
            name = status.decode()
            if name not in self._spots[code]:
                self._spots[code][name] = spot_at(columns, at)
            if status >= b"500":
                failures[self._epoch[columns.stamps[at]] // 60] += 1
            elif (status == b"401" or status == b"403") and code in self._sign_in:
                self._count_sign_in(columns, at, self._names[code][2])

    def _count_sign_in(self, columns: Columns, at: int, route: str) -> None:
        spot = spot_at(columns, at)
        counted = self.counts.sign_ins.setdefault(route, SignIns(spot))
        counted.add(client_in(columns.origins[at]), self._epoch[columns.stamps[at]] // 60, spot)

    def _count_clients(self) -> None:
        clients: Counter[bytes] = Counter()
        for origin, count in self._origins.items():
            clients[client_in(origin)] += count
        del clients[b"-"]
        self.counts.clients.add(clients)
        self._origins.clear()

    def settled(self) -> Counts:
        """The counts by route, complete up to here; what is counted by code begins anew."""
        self._count_clients()
        by_code: dict[int, RouteCount] = {}
        for code in self._seen:
            by_code[code] = self._route_count(code)
        for cell, count in self._cells.items():
            counted, status = by_code[cell & _CODE], cell >> _CODE_BITS & _STATUS
            counted.statuses[status] += count
            counted.minutes[cell >> _MINUTE_SHIFT] += count
        for cell, count in self._buckets.items():
            by_code[cell & _CODE].times.counts[cell >> _CODE_BITS] += count
            by_code[cell & _CODE].timed += count
        self._cells.clear()
        self._buckets.clear()
        self._seen.clear()
        for code, counted in by_code.items():
            lost, method, route = self._names[code]
            counted.methods[method] = counted.requests
            self.counts.traffic.statuses.update(counted.statuses)
            self.counts.traffic.size += counted.size
            take(self.counts.lost if lost else self.counts.routes, route, counted)
        fold_crowded(self.counts)
        return self.counts

    def _route_count(self, code: int) -> RouteCount:
        counted = RouteCount(
            self._first[code],
            spots=self._spots[code],
            size=self._size[code],
            size_max=self._size_max[code],
            page_max=self._page_max[code],
            total_us=self._total_us[code],
            max_us=self._max_us[code],
        )
        self._spots[code] = {}
        self._size[code] = self._size_max[code] = self._total_us[code] = 0
        self._max_us[code] = self._page_max[code] = -1
        return counted

    def _close(self) -> None:
        """Too many minutes by route to keep them all: the busiest of each route is known, and both ends."""
        self.counts.closed = True
        for counted in chain(self.counts.routes.values(), self.counts.lost.values()):
            counted.close()


def _epoch(stamp: bytes | int) -> int | None:
    return epoch_of(stamp) if isinstance(stamp, bytes) else stamp


def _microseconds(time: bytes | int | None) -> int | None:
    return microseconds_of(time) if isinstance(time, bytes) else time


def spot_at(columns: Columns, at: int) -> Spot:
    """Where a request stands, with its line."""
    number = columns.numbers[at]
    return number, columns.line(number)


def take(routes: dict[str, RouteCount], route: str, counted: RouteCount) -> None:
    """Count under a name."""
    if route in routes:
        routes[route].merge(counted)
    else:
        routes[route] = counted


def _merge_results(earlier: ParseResult, later: ParseResult) -> None:
    for name in ("records", "lines", "records_lines", "blank", "rejected", "redacted"):
        setattr(earlier, name, getattr(earlier, name) + getattr(later, name))
    earlier.rejected_samples = [*earlier.rejected_samples, *later.rejected_samples][:3]


def fold_crowded(counts: Counts) -> None:
    """Count what stands in folders with too many names under the folder's one name."""
    for table, routes in ((counts.table, counts.routes), (counts.lost_table, counts.lost)):
        for route in [route for route in routes if table.name(route) != route]:
            take(routes, table.name(route), routes.pop(route))
