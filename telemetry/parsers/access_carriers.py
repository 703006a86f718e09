"""Read the access logs that are no combined lines: line by line into rows, counted by the same counts."""

from collections import Counter
from itertools import chain

from telemetry.evidence import Evidence
from telemetry.parsers.access_counting import AccessLog, Block, pieces
from telemetry.parsers.access_fields import HAPROXY, field_carrier, termination_of, w3c_carrier
from telemetry.parsers.access_json import json_carrier
from telemetry.parsers.access_lines import AGENT, MINUTE, Row
from telemetry.parsers.access_rows import Carrier
from telemetry.parsers.http_counts import Spot
from telemetry.parsers.http_evidence import place_of
from telemetry.redaction import counted_quote
from telemetry.source import Head, Source

_SAMPLE = 50
_LINE_CHARS = 2_000
# The first letter of HAProxy's state: who ended the session; "-" is a normal end (its documentation, section 8.5).
_NORMAL = "-"


def carrier_of(head: Head) -> Carrier | None:
    """The carrier that reads these lines, None for combined lines and everything else."""
    lines = [line.encode() for line in head.whole_lines[: 4 * _SAMPLE] if line.strip()][:_SAMPLE]
    if not lines:
        return None
    if lines[0].startswith(b"{"):
        return json_carrier(lines)
    if any(line.startswith(b"#Fields:") for line in lines[:20]):
        return w3c_carrier(lines)
    return field_carrier(lines)


class CarrierLog(AccessLog):
    """The counts of one file of a carrier."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__()
        self.carrier = carrier
        self.result.carrier = carrier.name
        self.client_of = carrier.client_of
        self.comments = 0
        self.states: Counter[str] = Counter()
        self.state_spots: dict[str, Spot] = {}

    def read(self, source: Source) -> None:
        """Read every line; each is counted once, as record, comment, rejected or blank."""
        for text in chain.from_iterable(map(pieces, source.blocks())):
            self._read_piece(text)
            source.records = self.result.records
        self.result.records_lines = self.result.records + self.comments
        self.result.notes += self.carrier.notes

    def _read_piece(self, text: bytes) -> None:
        rows: list[Row] = []
        lines: dict[int, bytes] = {}
        result, carrier = self.result, self.carrier
        for line in text.removesuffix(b"\n").split(b"\n"):
            result.lines += 1
            line = line.removesuffix(b"\r")
            if not line.strip():
                result.blank += 1
            elif carrier.is_comment(line):
                self.comments += 1
                self._count_rows(text, rows, lines)  # what stands behind a directive may mean something else
                rows, lines = [], {}
            elif (row := carrier.row_of(line)) and self._minute[row[MINUTE]] is not None:
                rows.append(row)
                lines[result.lines] = line
            else:
                quote, count = counted_quote(carrier.hide(line[:_LINE_CHARS]))
                result.redacted += count
                result.reject(result.lines, quote)
        self._count_rows(text, rows, lines)

    def _count_rows(self, text: bytes, rows: list[Row], lines: dict[int, bytes]) -> None:
        if not rows:
            return
        self._count(_RowBlock(text, rows, lines, self.carrier))
        if self.carrier is HAPROXY:
            for number, line in lines.items():
                state = termination_of(line)
                self.states[state] += 1
                self.state_spots.setdefault(state, (number, line))

    def _begin(self, block: Block) -> None:
        self.traffic.start = block.spot(0)
        self.has_agents = any(block.columns[AGENT])

    def terminations(self) -> list[Evidence]:
        """Sessions of HAProxy that did not end normally, by state."""
        rows: list[Evidence] = []
        for state, count in sorted(self.states.items()):
            if state[:1] != _NORMAL:
                metrics = {"requests": float(count), "share": count / self.traffic.requests}
                place = place_of(self.state_spots[state], self.result)
                rows.append(Evidence("http.termination", state, metrics, place))
        return rows


class _RowBlock(Block):
    """Rows that were read line by line, each with its line as it may be quoted."""

    def __init__(self, text: bytes, rows: list[Row], lines: dict[int, bytes], carrier: Carrier) -> None:
        super().__init__(text, rows, 0)
        self.numbers = list(lines)
        self._by_number = lines
        self._hide = carrier.hide

    def line(self, number: int) -> bytes:
        """A line by its number, without what must not be quoted."""
        return self._hide(self._by_number[number])[:_LINE_CHARS]
