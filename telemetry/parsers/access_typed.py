"""JSON access logs, many lines at a time: typed decoding (msgspec) of only the fields that count, then columns.

What lines may hold is learned from them. A line that is anything else (damaged, a name that was not met before, a value
of another type, no request) is left to the careful way, line by line; both give the same counts.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter
from typing import Any

import msgspec
import orjson

from telemetry.parsers.access_columns import SIZE_LIMIT, Columns, Piece, size_of
from telemetry.parsers.access_lines import epoch_of
from telemetry.parsers.access_requests import Cache
from telemetry.parsers.access_rows import clock_in, first_number_in, seconds_of_ms

_COMMON = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_FAILURES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_HOPELESS = 0.5  # when so many lines are left to the careful way, trying them at all costs more than it saves
_EPOCHS = 946_684_800, 4_102_444_800  # 2000 to 2100, as clock_of_epoch takes them


@dataclass(frozen=True, slots=True)
class Role:
    """What a value stands for: its type, and the members it may stand in; the first one that has a value wins."""

    type: Any
    names: tuple[str, ...]  # of members inside a member: "request.method"


def _microseconds(factor: float) -> Callable[[object], int | None]:
    """From a time in a unit that is so many ms to whole microseconds, the same as a row's text would give."""

    def microseconds(value: object) -> int | None:
        number = first_number_in(value)
        seconds = b"" if number is None else seconds_of_ms(number * factor)
        return int(seconds.replace(b".", b"")) if seconds else None

    return microseconds


def _origin_us(value: object) -> int | None:
    return _microseconds(1.0)(value or None)  # 0 is no time: the edge answered by itself


# Times by role, the first one that a line has winning.
_TIMES = {
    "seconds": _microseconds(1000.0),
    "millis": _microseconds(1.0),
    "micros": _microseconds(0.001),
    "origin": _origin_us,
}


class Typed:
    """Reads the lines of one carrier, whose `roles` say where what stands."""

    def __init__(self, roles: dict[str, Role]) -> None:
        self._roles = roles
        self._seen: set[str] = set()
        self._hopeless = False
        self._epoch = Cache(_epoch_in)
        self._status = Cache(_status)
        self._size = Cache(lambda value: size_of(_encoded(value)))
        self._agent = Cache(_encoded)
        self._us = {role: Cache(compute) for role, compute in _TIMES.items()}
        self._renew()

    def _renew(self) -> None:
        """Decode what was seen so far; anything but null in another member is an error."""
        tree: dict[str, Any] = {}
        self._getters: dict[str, list[attrgetter[Any]]] = {}
        for role, told in self._roles.items():
            seen = [name for name in told.names if name in self._seen]
            self._getters[role] = [attrgetter(_attribute(name)) for name in seen]
            for name in told.names:
                *outer, last = name.split(".")
                branch = tree
                for part in outer:
                    branch = branch.setdefault(part, {})
                branch[last] = told.type if name in self._seen else None
        self._decoder = msgspec.json.Decoder(_struct(tree))

    def read(self, piece: Piece, line: Callable[[int], bytes]) -> tuple[Sequence[int], Columns | None]:
        """The places in a piece of the lines that are left to the careful way, and the requests on all others."""
        count = len(piece.lines)
        if self._hopeless or not (self._seen or self._learn(piece.lines[:1])):
            return range(count), None
        records, places = self._records(piece)
        columns = self._columns(records)
        needed = columns[1:4]
        if any(None in column for column in needed):
            good = [None not in row for row in zip(*needed, strict=True)]
            places = list(compress(places, good))
            columns = [list(compress(column, good)) for column in columns]
        known = set(places)
        left = [at for at in range(count) if at not in known]
        if left and not self._learn([piece.lines[at] for at in left[:50]]):
            self._hopeless = len(left) > _HOPELESS * count
        numbers = [piece.start + at for at in places]
        return left, Columns(numbers, line, *columns) if places else None

    def _records(self, piece: Piece) -> tuple[Sequence[Any], Sequence[int]]:
        """Records and the places of their lines."""
        text, count = piece.text, len(piece.lines)
        # No newline stands between two braces inside an object, so that as many objects as lines are one on each.
        if text.startswith(b"{") and text.count(b"}\n{") == count - 1 and _is_utf8(text):
            try:
                records = self._decoder.decode_lines(text)
            except _FAILURES:
                pass
            else:
                if len(records) == count:
                    return records, range(count)
        each = {at: record for at, line in enumerate(piece.lines) if (record := self._record(line)) is not None}
        return list(each.values()), list(each)

    def _record(self, line: bytes) -> Any:
        try:
            return self._decoder.decode(line) if _is_utf8(line) else None
        except _FAILURES:
            return None

    def _learn(self, lines: list[bytes]) -> bool:
        """Whether lines hold members that were not seen before, which will be read from now on."""
        before = len(self._seen)
        for line in lines:
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            self._seen |= {name for told in self._roles.values() for name in told.names if _holds(record, name)}
        if len(self._seen) > before:
            self._renew()
        return len(self._seen) > before

    def _values(self, role: str, records: Sequence[Any]) -> list[Any]:
        """What stands for a role in each record, None or "" for nothing."""
        getters = self._getters.get(role, ())
        values: list[Any] = list(map(getters[0], records)) if getters else [None] * len(records)
        for getter in getters[1:]:
            if None in values or "" in values:
                pairs = zip(values, map(getter, records), strict=True)
                values = [other if value is None or value == "" else value for value, other in pairs]
        return values

    def _columns(self, records: Sequence[Any]) -> list[Any]:
        """The columns of `Columns` behind `line`; None as time, request or status when a record is no request."""
        return [
            _all_encoded(self._values("client", records)),
            self._epochs(self._values("clock", records)),
            self._requests(records),
            list(map(self._status.__getitem__, self._values("status", records))),
            self._sizes(self._values("size", records)),
            list(map(self._agent.__getitem__, self._agents(records))),
            self._times(records),
        ]

    def _epochs(self, values: Sequence[Any]) -> list[int | None]:
        first = values[0] if values else None
        if isinstance(first, str):
            short = map(_without_fraction, values) if first[19:20] in (".", ",") else values
            return list(map(self._epoch.__getitem__, short))
        return list(map(_epoch_in, values))

    def _requests(self, records: Sequence[Any]) -> list[bytes | None]:
        methods, addresses = self._values("method", records), self._values("address", records)
        texts = [
            f"{method} {address}" if address and address[0] == "/" and method in _COMMON else None
            for method, address in zip(methods, addresses, strict=True)
        ]
        if None not in texts:
            return _all_encoded(texts, b"%0A")
        whole = self._values("request", records)
        texts = list(map(_request_text, methods, addresses, whole))
        return [None if text is None else _encoded(text).replace(b"\n", b"%0A") for text in texts]

    def _sizes(self, values: list[Any]) -> list[int]:
        size = self._size
        return [v if type(v) is int and 0 <= v < SIZE_LIMIT else size[v] for v in values]

    def _agents(self, records: Sequence[Any]) -> list[str | None]:
        if "agents" in self._roles:
            return [values[0] if values else None for values in self._values("agents", records)]
        return self._values("agent", records)

    def _times(self, records: Sequence[Any]) -> list[int | None]:
        roles = [role for role in _TIMES if self._getters.get(role)]
        if not roles:
            return [None] * len(records)
        if len(roles) == 1:
            return list(map(self._us[roles[0]].__getitem__, self._values(roles[0], records)))
        rows = zip(*(self._values(role, records) for role in roles), strict=True)
        return [self._time_in(zip(roles, row, strict=True)) for row in rows]

    def _time_in(self, values: Iterable[tuple[str, Any]]) -> int | None:
        known = ((role, value) for role, value in values if first_number_in(value) is not None)
        role, value = next(known, ("seconds", None))
        return self._us[role][value]  # type: ignore[no-any-return]


def _holds(record: Any, name: str) -> bool:
    """Whether a record has a value in a member."""
    for part in name.split("."):
        record = record.get(part) if isinstance(record, dict) else None
    return record is not None


def _attribute(name: str) -> str:
    return re.sub(r"[^\w.]", "_", name)


def _struct(tree: dict[str, Any]) -> type[msgspec.Struct]:
    """A type with these members, all optional; a dictionary stands for a member with members."""
    fields: list[Any] = []
    for name, told in tree.items():
        below = _struct(told) if isinstance(told, dict) else None
        field = msgspec.field(name=name, default_factory=below) if below else msgspec.field(name=name, default=None)
        fields.append((_attribute(name), below or told, field))
    return msgspec.defstruct("Line", fields, gc=False)


def _is_utf8(text: bytes) -> bool:
    """Members that nobody asked for are skipped unchecked."""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _without_fraction(clock: Any) -> Any:
    """An ISO time with the same fraction for all, so that each second is read once."""
    if isinstance(clock, str) and len(clock) > 20 and clock[19] in ".," and "0" <= clock[20] <= "9":
        return f"{clock[:19]}.0{clock[20:].lstrip('0123456789')}"
    return clock


def _epoch_in(value: Any) -> int | None:
    """Seconds since 1970 of a time, None for none."""
    if isinstance(value, str):
        found = clock_in(value)
        return epoch_of(b"[%b:%b] " % found) if found else None
    number = value if value is not None and value < 1e20 else 0
    while number > 1e11:
        number /= 1000
    return int(number) if _EPOCHS[0] <= number < _EPOCHS[1] else None


def _status(value: int | str | None) -> bytes | None:
    text = _encoded(value)
    return text if len(text) == 3 and text.isdigit() else None


def _encoded(value: int | str | None) -> bytes:
    return b"" if value is None else str(value).encode()


def _all_encoded(texts: list[Any], line_end: bytes = b"\n") -> list[Any]:
    """Each text as bytes, its line ends replaced; encoded at once where no text has any."""
    if None in texts:
        texts = ["" if text is None else text for text in texts]
    found = "\n".join(texts).encode().split(b"\n")
    return found if len(found) == len(texts) else [text.encode().replace(b"\n", line_end) for text in texts]


def _request_text(method: str | None, address: str | None, whole: str | None) -> str | None:
    """A request as rows hold it, None for one that takes the careful way."""
    if not (method and address):
        words = whole.split(" ") if whole else []
        if len(words) not in (2, 3):
            return None
        method, address = words[:2]
    return f"{method} {address}" if method in _COMMON and address[:1] == "/" else None
