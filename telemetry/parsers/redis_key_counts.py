"""Keys counted by pattern, in bounded memory: how many, how many without expiry, how large the largest is and where."""

from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.redis_patterns import folded, masked, pattern_of
from telemetry.redaction import MARK

# Kept while reading; a keyspace has tens of patterns, and one that has more is folded together and then into "other".
MAX_PATTERNS = 5_000
SHOWN_PATTERNS = 200
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Key:
    """One key as a file lists it; None is what the file does not say. `expires` is whether it has a time to live."""

    name: str
    type: str
    line: int
    text: str  # the line as it stands in the file
    expires: bool | None = None
    size: float | None = None  # bytes of memory
    length: float | None = None  # elements, or bytes of a string


@dataclass(slots=True)
class _Group:
    """The keys of one pattern. `largest` and `longest` are a number and where it stands."""

    first: Place
    keys: int = 0
    known_expiry: int = 0
    no_expiry: int = 0
    known_size: int = 0
    size: float = 0.0
    largest: tuple[float, Place] | None = None
    longest: tuple[float, Place] | None = None
    types: dict[str, int] = field(default_factory=dict)

    def add(self, key: Key, pattern: str) -> None:
        self.keys += 1
        self.types[key.type] = self.types.get(key.type, 0) + 1
        if key.expires is not None:
            self.known_expiry += 1
            self.no_expiry += not key.expires
        if key.size is not None:
            self.known_size += 1
            self.size += key.size
            if self.largest is None or key.size > self.largest[0]:
                self.largest = (key.size, Place(key.line, hidden(key, pattern)))
        if key.length is not None and (self.longest is None or key.length > self.longest[0]):
            self.longest = (key.length, Place(key.line, hidden(key, pattern)))

    def merge(self, other: "_Group") -> None:
        self.keys += other.keys
        self.known_expiry += other.known_expiry
        self.no_expiry += other.no_expiry
        self.known_size += other.known_size
        self.size += other.size
        self.largest = max(filter(None, (self.largest, other.largest)), key=lambda pair: pair[0], default=None)
        self.longest = max(filter(None, (self.longest, other.longest)), key=lambda pair: pair[0], default=None)
        for name, count in other.types.items():
            self.types[name] = self.types.get(name, 0) + count


class KeyCounts:
    """Adds keys one after the other; `evidence` folds what is too many and gives one row a pattern."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self.keys = 0

    def add(self, key: Key) -> None:
        """Count a key under its pattern."""
        self.keys += 1
        pattern = name = pattern_of(key.name)
        group = self._groups.get(name)
        if group is None:
            if len(self._groups) >= MAX_PATTERNS:
                self._fold()
            if len(self._groups) >= MAX_PATTERNS:
                name = OTHER
            group = self._groups.setdefault(name, _Group(Place(key.line, hidden(key, pattern))))
        group.add(key, pattern)

    def _fold(self) -> None:
        broader = folded(self._groups)
        groups: dict[str, _Group] = {}
        for pattern, group in self._groups.items():
            name = broader[pattern]
            if name in groups:
                groups[name].merge(group)
            else:
                groups[name] = group
        self._groups = groups

    def evidence(self, result: ParseResult) -> list[Evidence]:
        """One row a pattern, the largest (or most frequent) first; what is beyond 200 is one row "other"."""
        self._fold()
        rest = self._groups.pop(OTHER, None)
        by_weight = sorted(self._groups.items(), key=lambda pair: (-pair[1].size, -pair[1].keys, pair[0]))
        for _, group in by_weight[SHOWN_PATTERNS:]:
            if rest is None:
                rest = group
            else:
                rest.merge(group)
        shown = by_weight[:SHOWN_PATTERNS] + ([(OTHER, rest)] if rest else [])
        if rest:
            result.notes.append(f'{rest.keys:,} keys of further patterns are counted together as "{OTHER}".')
        return [_row(pattern, group, result) for pattern, group in shown]


def hidden(key: Key, pattern: str) -> str:
    """The key's line with what names one thing taken out; only "[redacted]" where the key is written otherwise."""
    if key.name not in key.text:
        return MARK
    return key.text.replace(key.name, masked(pattern), 1)[: 2 * readers.QUOTE_CHARS]


def _row(pattern: str, group: _Group, result: ParseResult) -> Evidence:
    metrics: dict[str, float] = {"keys": float(group.keys)}
    places: dict[str, Place] = {}
    if group.known_expiry:
        metrics["no_expiry"] = float(group.no_expiry)
    if group.known_size:
        metrics["bytes"] = group.size
    for metric, largest in (("bytes_max", group.largest), ("length_max", group.longest)):
        if largest:
            metrics[metric] = largest[0]
            places[metric] = _shown(largest[1], result)
    types = sorted(group.types, key=lambda name: -group.types[name])
    return Evidence("redis.pattern", pattern, metrics, _shown(group.first, result), places, {"types": types[:5]})


def _shown(place: Place, result: ParseResult) -> Place:
    """A place with its quote redacted; what the pattern took out counts too."""
    result.redacted += place.quote.count(MARK)
    return readers.place(place.line, place.quote, result)
