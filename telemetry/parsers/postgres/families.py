"""Statements grouped by family, with exact sums in microseconds and memory that does not grow with the log."""

import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, cast

from telemetry.histogram import GROWTH, quantile_of
from telemetry.parsers.postgres.bounds import Bounds
from telemetry.parsers.postgres.lines import FOLD, TABBED
from telemetry.parsers.postgres.minutes import Minutes
from telemetry.parsers.postgres.quotes import KEPT_BYTES
from telemetry.splitting import Undividable
from telemetry.sql import literal_key
from telemetry.sql.grammar import fingerprint_of

# Upper bounds of the histogram's buckets: for whole microseconds up to two years this is `histogram.bucket_of`, faster.
_BOUNDS = [GROWTH**step for step in range(1_600)]
bin_of = partial(bisect_left, _BOUNDS)
_BINS = list(range(1_601))  # one object for each number, however many families hold it
# The buckets of times below a tenth of a second, which most are.
_QUICK: list[int] = []
for _step, _bound in zip(_BINS, _BOUNDS, strict=False):
    _QUICK += [_step] * (min(int(_bound) + 1, 100_000) - len(_QUICK))

# What families may take, as estimated: an object, its numbers and its places in tables, a text and a quote of it. With
# the interpreter, the tables and what memory loses between objects a process stays under 150 MB.
_FAMILY_BYTES = 44 * 1024 * 1024
_OVERHEAD = 600
# A part of a file holds less: two parts are in one memory when they are joined.
_PART_BYTES = 12 * 1024 * 1024
_FAMILIES = 120_000
_FEW = 8  # durations that are kept one by one
# What only helps to find families is let go of when it has grown to this.
_CACHE_BYTES = 16 * 1024 * 1024
_TEXTS = 10_000
_DISTINCT = 500_000
_TEXT_BYTES = 4_000
_CALLERS = 20
_DIGITS = b"0123456789"
_ZEROED = bytes.maketrans(_DIGITS, b"0000000000")
_BETWEEN = b"\x03"
_TOGETHER = 100  # statements
_WAITING = 1_000

_TEXT: Callable[[tuple[Any, ...]], bytes] = itemgetter(0)  # of a query

# A statement that ran: text, microseconds, caller, and where it stands: number and line.
Query = tuple[bytes, int, int, int, bytes]


def percentile(bins: Counter[int], share: float, largest: int) -> float:
    """The value in microseconds that this share does not exceed, within one percent and never above the largest."""
    return min(quantile_of(bins, share), largest)


class Family:
    """One statement whatever its literals. Times are microseconds; `pending` waits for `settle`."""

    __slots__ = (
        "bins",
        "callers",
        "count",
        "few",
        "fingerprint",
        "line",
        "max_us",
        "peak",
        "pending",
        "quote",
        "text",
        "total_us",
    )

    def __init__(self, fingerprint: str, text: bytes) -> None:
        self.fingerprint = fingerprint
        self.text = text
        self.count = self.total_us = self.line = self.peak = 0
        self.max_us = -1
        self.quote = b""
        self.pending: list[int] | None = None
        # The histogram's buckets: one by one while they are few, for most families of a log with many have one.
        self.few: tuple[int, ...] = ()
        self.bins: Counter[int] | None = None
        self.callers: tuple[int, ...] = ()

    def call(self, caller: int) -> None:
        """Remember who runs this statement, the first twenty of them."""
        if len(self.callers) < _CALLERS:
            self.callers += (caller,)

    def settle(self) -> int:
        """Add the pending durations; returns how many they were."""
        values, self.pending = self.pending or [], None
        count = len(values)
        self.count += count
        self.total_us += sum(values)
        quick, known = _QUICK, len(_QUICK)
        self._count([quick[us] if 0 <= us < known else _BINS[bin_of(us)] for us in values])
        return count

    def histogram(self) -> Counter[int]:
        """Counts by bucket."""
        return Counter(self.few) if self.bins is None else self.bins

    def _count(self, buckets: Iterable[int]) -> None:
        if self.bins is None:
            self.few += tuple(buckets)
            if len(self.few) > _FEW:
                self.bins, self.few = Counter(self.few), ()
        else:
            self.bins.update(buckets)

    def join(self, later: "Family", numbers: list[int]) -> None:
        """Add the same family of a later part of the log; `numbers` are ours of its callers."""
        self.count += later.count
        self.total_us += later.total_us
        self._count(later.histogram().elements())
        self.peak = max(self.peak, later.peak)
        if later.max_us > self.max_us:
            self.max_us, self.line, self.quote = later.max_us, later.line, later.quote
        for caller in later.callers:
            if numbers[caller] not in self.callers:
                self.call(numbers[caller])


class Families:
    """Finds the family of a statement text; `evicted` counts statements whose family was dropped for memory."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._minutes = Minutes()
        # Prepared statements repeat byte for byte.
        self._by_text: dict[bytes, Family] = {}
        self.waiting: list[Query] = []  # for `catch_up`, in the order of the log and all of one minute
        self._touched: list[Family] = []
        self.evicted = 0
        self.count = self.total_us = 0
        self.least_us = sys.maxsize
        self._by_key: dict[bytes, Family] = {}
        self._by_zeroed: dict[bytes, Family] = {}
        self._by_fingerprint: dict[str, Family] = {}
        self._bytes = self._cached = 0
        self._gone: set[int] = set()  # families that were dropped, and may have come back

    @property
    def distinct(self) -> int:
        """How many families were seen (exact up to 500,000 that were dropped)."""
        back = sum(int(fingerprint, 16) in self._gone for fingerprint in self._by_fingerprint) if self._gone else 0
        return len(self._by_fingerprint) + len(self._gone) - back

    def add(self, query: Query) -> None:
        """A statement, for readers that have one at a time."""
        self.waiting.append(query)
        if len(self.waiting) >= _WAITING:
            self.catch_up()

    def catch_up(self) -> None:
        """Find the families of the statements that wait, and count them."""
        queries, touched = self.waiting, self._touched
        for family, (_, us, caller, number, line) in zip(self._families_of(queries), queries, strict=True):
            pending = family.pending
            if pending is None:
                pending = family.pending = []
                touched.append(family)
            pending.append(us)
            if us > family.max_us:
                family.max_us, family.line, family.quote = us, number, line[:KEPT_BYTES]
            if caller not in family.callers:
                family.call(caller)
        queries.clear()

    def _families_of(self, queries: Sequence[Query]) -> Iterable[Family]:
        found = [*map(self._by_text.get, map(_TEXT, queries))]
        if None not in found:
            return cast(list[Family], found)
        texts = [query[0] for query, family in zip(queries, found, strict=True) if family is None]
        by_zeroed = self._by_zeroed
        # In the order of the log: the first text of a family is the one that is shown.
        pairs = zip(texts, _zeroed(texts), strict=True)
        others = [by_zeroed.get(zeroed) or self._find(sql, zeroed) for sql, zeroed in pairs]
        rest = iter(others)
        return (family or next(rest) for family in found)

    def _find(self, whole: bytes, zeroed: bytes) -> Family:
        """The family of a statement that is not known by what is left of it without literals."""
        if family := self._by_text.get(whole):
            return family
        sql = _unfolded(whole)
        key = literal_key(sql)
        family = self._by_key.get(key) or self._learn(sql, key)
        # Where every digit belongs to a literal, statements that differ in digits only have one key.
        if zeroed and key.translate(None, _DIGITS) == key:
            self._by_zeroed[zeroed] = family
            self._cached += len(zeroed) + _OVERHEAD
        if len(self._by_text) >= _TEXTS or self._cached > _CACHE_BYTES:
            self.forget()
        if b"$" in sql or not zeroed:  # without parameters it holds its values, and will hardly come again
            self._by_text[whole] = family
            self._cached += len(whole)
        return family

    def settle(self, minute: bytes) -> None:
        """Add what was seen since the last call, all of it of one minute."""
        self.catch_up()
        if not self._touched:
            return
        counts = self._minutes.of(minute)
        for family in self._touched:
            before_us = family.total_us
            self.least_us = min(self.least_us, *(family.pending or ()))
            count = family.settle()
            self.count += count
            self.total_us += family.total_us - before_us
            counts[family.fingerprint] += count
            family.peak = max(family.peak, counts[family.fingerprint])
        self._touched.clear()
        if self._full:
            self._evict()

    def join(self, later: "Families", numbers: list[int]) -> None:
        """Add the families of a later part of the log; `numbers` are ours of its callers."""
        for key, theirs in later._by_key.items():
            if key in self._by_key and self._by_key[key].fingerprint != theirs.fingerprint:
                raise Undividable("a statement that the grammar reads in one part only")
        for fingerprint, theirs in later._by_fingerprint.items():
            ours = self._by_fingerprint.get(fingerprint)
            if ours is None:
                ours = self._add(fingerprint, theirs.text)
            ours.join(theirs, numbers)
        for fingerprint, count in self._minutes.join(later._minutes).items():
            ours = self._by_fingerprint[fingerprint]
            ours.peak = max(ours.peak, count)
        self._by_key |= later._by_key
        self.count += later.count
        self.total_us += later.total_us
        self.least_us = min(self.least_us, later.least_us)
        if self._full:
            raise Undividable("statement families")

    def forget(self) -> None:
        """Let go of what only helps to find families."""
        self._by_text.clear()
        self._by_zeroed.clear()
        self._cached = 0

    def edges(self, family: Family) -> dict[bytes, int]:
        """Statements by minute at both ends of the log: another file may hold the rest of these minutes."""
        found = {minute: counts.get(family.fingerprint, 0) for minute, counts in self._minutes.edges.items()}
        return {minute: count for minute, count in found.items() if minute and count}

    def all(self) -> list[Family]:
        """Families that were kept, in the order they were met."""
        return list(self._by_fingerprint.values())

    def _learn(self, sql: bytes, key: bytes) -> Family:
        fingerprint = fingerprint_of(sql.decode("utf-8", "replace"), key)
        family = self._by_fingerprint.get(fingerprint)
        if family is None:
            family = self._add(fingerprint, sql if len(sql) <= _TEXT_BYTES else key[:_TEXT_BYTES])
        self._by_key[key] = family
        self._bytes += len(key)
        return family

    def _add(self, fingerprint: str, text: bytes) -> Family:
        family = self._by_fingerprint[fingerprint] = Family(fingerprint, text)
        self._bytes += _OVERHEAD + 2 * len(text)
        return family

    @property
    def many(self) -> bool:
        """Whether there are too many to hold them twice."""
        return self._bytes > _PART_BYTES

    @property
    def _full(self) -> bool:
        return self._bytes > _FAMILY_BYTES or len(self._by_fingerprint) > _FAMILIES

    def _evict(self) -> None:
        """Drop the half with the least time; one-off statements go, what matters stays or comes back."""
        ranked = sorted(self._by_fingerprint.values(), key=lambda family: family.total_us, reverse=True)
        kept, dropped = ranked[: len(ranked) // 2], ranked[len(ranked) // 2 :]
        self.evicted += sum(family.count for family in dropped)
        self._bounds.doubtful = True
        self._gone.update(int(family.fingerprint, 16) for family in dropped[: _DISTINCT - len(self._gone)])
        self._by_fingerprint = {family.fingerprint: family for family in kept}
        self._bytes = sum(_OVERHEAD + 2 * len(family.text) for family in kept)
        self._by_key.clear()
        self.forget()


def _zeroed(texts: Sequence[bytes]) -> list[bytes]:
    """Statements without their texts and with 0 for every digit, b"" where that is not certain to be right.

    Done for many at once; where that fails for one of them, one by one.
    """
    zeroed: list[bytes] = []
    for start in range(0, len(texts), _TOGETHER):
        some = texts[start : start + _TOGETHER]
        zeroed += _zeroed_together(some) or [(_zeroed_together([sql]) or [b""])[0] for sql in some]
    return zeroed


def _zeroed_together(texts: Sequence[bytes]) -> list[bytes]:
    """Nothing where comments or escapes may hide literals, or a text is still open at the end of a statement."""
    whole = _unfolded(_BETWEEN.join(texts))
    if b"\\" in whole or b"--" in whole or (b"*" in whole and b"/*" in whole) or (b"$" in whole and b"$$" in whole):
        return []
    if whole.count(_BETWEEN) >= len(texts):
        return []
    if b"'" in whole:
        parts = whole.split(b"'")
        if _BETWEEN in b"".join(parts[1::2]):
            return []
        whole = b"?".join(parts[::2])
    return whole.translate(_ZEROED).split(_BETWEEN)


def _unfolded(sql: bytes) -> bytes:
    return sql.replace(TABBED, b"\n").replace(FOLD, b"\n") if FOLD in sql else sql
