"""Read the access logs that are no combined lines: line by line into rows, counted by the same counts."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain, islice

from telemetry.evidence import Evidence
from telemetry.parsers.access_columns import Columns, Piece, columns_of_rows, merged, pieces
from telemetry.parsers.access_counting import AccessLog, Counts, spot_at
from telemetry.parsers.access_fields import ALB, HAPROXY, field_carrier, termination_of, w3c_carrier
from telemetry.parsers.access_json import CADDY, CLOUDFLARE, ROLES, SERVER, json_carrier
from telemetry.parsers.access_lines import Row
from telemetry.parsers.access_proxies import PROXIES, proxy_carrier
from telemetry.parsers.access_rows import Carrier
from telemetry.parsers.access_typed import Typed
from telemetry.parsers.http_evidence import place_of
from telemetry.redaction import counted_quote
from telemetry.source import Head, Source

_SAMPLE = 50
_LINE_CHARS = 2_000
# The first letter of HAProxy's state: who ended the session; "-" is a normal end (its documentation, section 8.5).
_NORMAL = "-"


def carrier_of(head: Head) -> Carrier | None:
    """The carrier that reads these lines, None for combined lines and everything else."""
    told = (line.encode() for line in head.whole_lines[: 4 * _SAMPLE] if line.strip())
    lines = list(islice(told, _SAMPLE))
    if not lines:
        return None
    if b"{" in (lines[0][:1], lines[-1][:1]):  # what manages the server may write a line before
        objects = [line for line in lines if line.startswith(b"{")][: _SAMPLE // 2]  # each is decoded
        few = 2 * len(objects) < min(len(lines), _SAMPLE // 2)
        return None if few else json_carrier(objects) or proxy_carrier(objects)
    if any(line.startswith(b"#Fields:") for line in lines[:20]):
        return w3c_carrier(lines)
    return field_carrier(lines) or (proxy_carrier(lines) if b'Z] "' in lines[0] else None)


def carrier_named(name: str) -> Carrier | None:
    """The carrier of this name whose lines each tell all; None for combined lines and for W3C logs."""
    return next(
        (carrier for carrier in (SERVER, CADDY, CLOUDFLARE, HAPROXY, ALB, *PROXIES) if carrier.name == name), None
    )


class CarrierLog(AccessLog):
    """Fills the counts of one file of a carrier."""

    def __init__(self, carrier: Carrier, lines_before: int = 0) -> None:
        super().__init__(lines_before)
        self.counts.result.carrier = carrier.name
        self._carrier = carrier
        self._typed = Typed(ROLES[carrier.name]) if carrier.name in ROLES else None
        self._comments = 0

    def read(self, source: Source) -> Counts:
        """Read every line; each is counted once, as record, comment, rejected or blank."""
        for text in chain.from_iterable(map(pieces, source.blocks())):
            piece = Piece(text, self._next_line)
            self._next_line += len(piece.lines)
            self._read_piece(piece)
            source.records = self.counts.result.records
        result = self.counts.result
        result.lines = self._next_line - 1 - source.lines_before
        result.records_lines = result.records + self._comments
        return self.settled()

    def _read_piece(self, piece: Piece) -> None:
        if self._typed is None:
            self._read_lines(piece, range(len(piece.lines)), None)
        else:
            self._read_lines(piece, *self._typed.read(piece, self._quotable(piece)))

    def _quotable(self, piece: Piece) -> Callable[[int], bytes]:
        """Gives a line by its number, without what must not be quoted."""
        return lambda number: self._carrier.hide(piece.lines[number - piece.start].removesuffix(b"\r"))[:_LINE_CHARS]

    def _read_lines(self, piece: Piece, places: Sequence[int], known: Columns | None) -> None:
        """Read some lines of a piece one by one, beside those that are known."""
        rows: list[Row] = []
        numbers: list[int] = []
        carrier = self._carrier
        for number in map(piece.start.__add__, places):
            line = piece.lines[number - piece.start].removesuffix(b"\r")
            if not line.strip():
                self.counts.result.blank += 1
            elif carrier.is_comment(line):
                self._comments += 1
                self._count_rows(rows, numbers, piece)  # what stands behind a directive may mean something else
                rows, numbers = [], []
            elif (row := carrier.row_of(line)) and self._epoch[row.stamp] is not None:
                rows.append(row)
                numbers.append(number)
            else:
                self._refuse(number, line[:_LINE_CHARS])
        self._count_rows(rows, numbers, piece, known)

    def _refuse(self, number: int, line: bytes) -> None:
        result = self.counts.result
        quote, count = counted_quote(self._carrier.hide(line))
        result.redacted += count
        result.reject(number, quote)

    def _count_rows(self, rows: list[Row], numbers: list[int], piece: Piece, known: Columns | None = None) -> None:
        columns = merged(known, columns_of_rows(rows, numbers, self._quotable(piece)))
        if columns is None:
            return
        self.count(columns)
        if len(self.counts.hosts) < 2:  # the ends of a piece are sample enough to see that two machines wrote
            ends = (piece.lines[number - piece.start] for number in (columns.numbers[0], columns.numbers[-1]))
            self.counts.hosts.update(filter(None, map(self._carrier.host_of, ends)))
        if self._carrier is HAPROXY:
            states = [termination_of(piece.lines[number - piece.start]) for number in numbers]
            for state, count in Counter(states).items():
                before, spot = self.counts.states.get(state) or (0, spot_at(columns, states.index(state)))
                self.counts.states[state] = before + count, spot


def terminations(counts: Counts) -> list[Evidence]:
    """Sessions of HAProxy that did not end normally, by state."""
    rows: list[Evidence] = []
    for state, (count, spot) in sorted(counts.states.items()):
        if state[:1] != _NORMAL:
            metrics = {"requests": float(count), "share": count / counts.traffic.requests}
            rows.append(Evidence("http.termination", state, metrics, place_of(spot, counts.result)))
    return rows
