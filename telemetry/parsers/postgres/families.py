"""Statements grouped by family, with exact sums in microseconds and memory that does not grow with the log."""

import sys
from bisect import bisect_left
from collections import Counter
from functools import partial

from telemetry.histogram import GROWTH, quantile_of
from telemetry.parsers.postgres.bounds import Bounds
from telemetry.parsers.postgres.lines import FOLD
from telemetry.parsers.postgres.minutes import Minutes
from telemetry.splitting import Undividable
from telemetry.sql import literal_key
from telemetry.sql.grammar import fingerprint_of

# Upper bounds of the histogram's buckets: for whole microseconds up to two years this is `histogram.bucket_of`, faster.
_BOUNDS = [GROWTH**step for step in range(1_600)]
bin_of = partial(bisect_left, _BOUNDS)

_FAMILIES = 20_000
_KEYS = 50_000
_TEXTS = 10_000
_DISTINCT = 500_000
_TEXT_BYTES = 4_000
_CALLERS = 20
_DIGITS = b"0123456789"
_ZEROED = bytes.maketrans(_DIGITS, b"0000000000")


def percentile(bins: Counter[int], share: float, largest: int) -> float:
    """The value in microseconds that this share does not exceed, within one percent and never above the largest."""
    return min(quantile_of(bins, share), largest)


class Family:
    """One statement whatever its literals. Times are microseconds; `pending` waits for `settle`."""

    __slots__ = (
        "bins",
        "callers",
        "count",
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
        self.pending: list[int] = []
        self.bins: Counter[int] = Counter()
        self.callers: tuple[int, ...] = ()

    def call(self, caller: int) -> None:
        """Remember who runs this statement, the first twenty of them."""
        if len(self.callers) < _CALLERS:
            self.callers += (caller,)

    def settle(self) -> int:
        """Add the pending durations; returns how many they were."""
        values = self.pending
        count = len(values)
        self.count += count
        self.total_us += sum(values)
        if count > 8:
            self.bins.update(map(bin_of, values))
        else:
            for us in values:
                self.bins[bin_of(us)] += 1
        values.clear()
        return count

    def join(self, later: "Family", numbers: list[int]) -> None:
        """Add the same family of a later part of the log; `numbers` are ours of its callers."""
        self.count += later.count
        self.total_us += later.total_us
        self.bins.update(later.bins)
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
        # Prepared statements repeat byte for byte. Texts with literals pass through: it is emptied when full.
        self.by_text: dict[bytes, Family] = {}
        self.touched: list[Family] = []
        self.evicted = 0
        self.count = self.total_us = 0
        self.least_us = sys.maxsize
        self._by_key: dict[bytes, Family] = {}
        self._by_zeroed: dict[bytes, Family] = {}
        self._by_fingerprint: dict[str, Family] = {}
        self._distinct: set[int] = set()

    @property
    def distinct(self) -> int:
        """How many families were seen (exact up to 500,000)."""
        return len(self._distinct)

    def find(self, sql: bytes) -> Family:
        """The family of a statement that is not in `by_text`."""
        whole, sql = sql, sql.replace(FOLD + b"\t", b"\n").replace(FOLD, b"\n") if FOLD in sql else sql
        zeroed = _zeroed(sql)
        family = self._by_zeroed.get(zeroed)
        if family is None:
            key = literal_key(sql)
            family = self._by_key.get(key) or self._learn(sql, key)
            # Where every digit belongs to a literal, statements that differ in digits only have one key.
            if zeroed and key.translate(None, _DIGITS) == key:
                if len(self._by_zeroed) >= _KEYS:
                    self._by_zeroed.clear()
                self._by_zeroed[zeroed] = family
        if len(self.by_text) >= _TEXTS:
            self.by_text.clear()
        self.by_text[whole] = family
        return family

    def settle(self, minute: bytes) -> None:
        """Add what is pending in all families touched since the last call, all of it of one minute."""
        if not self.touched:
            return
        counts = self._minutes.of(minute)
        for family in self.touched:
            before_us = family.total_us
            self.least_us = min(self.least_us, *family.pending)
            count = family.settle()
            self.count += count
            self.total_us += family.total_us - before_us
            counts[family.fingerprint] += count
            family.peak = max(family.peak, counts[family.fingerprint])
        self.touched.clear()
        if len(self._by_fingerprint) > _FAMILIES:
            self._evict()

    def join(self, later: "Families", numbers: list[int]) -> None:
        """Add the families of a later part of the log; `numbers` are ours of its callers."""
        for key, theirs in later._by_key.items():
            if key in self._by_key and self._by_key[key].fingerprint != theirs.fingerprint:
                raise Undividable("a statement that the grammar reads in one part only")
        for fingerprint, theirs in later._by_fingerprint.items():
            ours = self._by_fingerprint.get(fingerprint)
            if ours is None:
                ours = self._by_fingerprint[fingerprint] = Family(fingerprint, theirs.text)
            ours.join(theirs, numbers)
        for fingerprint, count in self._minutes.join(later._minutes).items():
            ours = self._by_fingerprint[fingerprint]
            ours.peak = max(ours.peak, count)
        self._by_key |= later._by_key
        self._distinct |= later._distinct
        self.count += later.count
        self.total_us += later.total_us
        self.least_us = min(self.least_us, later.least_us)
        if len(self._by_fingerprint) > _FAMILIES or len(self._by_key) >= _KEYS:
            raise Undividable("statement families")

    def forget(self) -> None:
        """Let go of what only helps to find families."""
        self.by_text.clear()
        self._by_zeroed.clear()

    def edges(self, family: Family) -> dict[bytes, int]:
        """Statements by minute at both ends of the log: another file may hold the rest of these minutes."""
        found = {minute: counts.get(family.fingerprint, 0) for minute, counts in self._minutes.edges.items()}
        return {minute: count for minute, count in found.items() if minute and count}

    def all(self) -> list[Family]:
        """Families that were kept, in the order they were met."""
        return list(self._by_fingerprint.values())

    def _learn(self, sql: bytes, key: bytes) -> Family:
        if len(self._by_key) >= _KEYS:
            self._by_key.clear()
            self._bounds.doubtful = True
        fingerprint = fingerprint_of(sql.decode("utf-8", "replace"), key)
        if len(self._distinct) < _DISTINCT:
            self._distinct.add(int(fingerprint, 16))
        family = self._by_fingerprint.get(fingerprint)
        if family is None:
            text = sql if len(sql) <= _TEXT_BYTES else key[:_TEXT_BYTES]
            family = self._by_fingerprint[fingerprint] = Family(fingerprint, text)
        self._by_key[key] = family
        return family

    def _evict(self) -> None:
        """Drop the half with the least time; one-off statements go, what matters stays or comes back."""
        ranked = sorted(self._by_fingerprint.values(), key=lambda family: family.total_us, reverse=True)
        kept, dropped = ranked[: _FAMILIES // 2], ranked[_FAMILIES // 2 :]
        self.evicted += sum(family.count for family in dropped)
        self._bounds.doubtful = True
        self._by_fingerprint = {family.fingerprint: family for family in kept}
        self._by_key.clear()
        self._by_zeroed.clear()
        self.by_text.clear()


def _zeroed(sql: bytes) -> bytes:
    """The statement without its texts and with 0 for every digit, b"" where comments or escapes may hide literals."""
    if b"/*" in sql or b"--" in sql or b"\\" in sql or b"$$" in sql:
        return b""
    return (b"?".join(sql.split(b"'")[::2]) if b"'" in sql else sql).translate(_ZEROED)
