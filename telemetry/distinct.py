"""How many different keys a stream holds, and which is the heaviest, in memory that does not grow with it.

Exact up to LIMIT keys. Beyond, only keys whose hash ends in enough zero bits are kept, each with its exact count, and
their number is scaled up (adaptive sampling: Flajolet, "On adaptive sampling", Computing 43, 1990). Which keys are kept
depends on the set of keys alone, so parts counted apart join to what the whole would have given.
"""

from collections import Counter
from hashlib import blake2b

# The error of the estimate is 1.2 / sqrt(LIMIT / 2) at most: 0.5 %.
LIMIT = 131_072


def _hash_of(key: bytes) -> int:
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big")


class Distinct:
    """Counts by key; `level` is how many bits of a hash must be zero for its key to be kept."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.counts: Counter[bytes] = Counter()
        self.level = 0
        self._limit = limit

    def add(self, counts: Counter[bytes]) -> None:
        """Count these keys as often as they say."""
        if self.level:
            counts = Counter({key: count for key, count in counts.items() if self._is_kept(key)})
        self.counts.update(counts)
        while len(self.counts) > self._limit:
            self.level += 1
            self.counts = Counter({key: count for key, count in self.counts.items() if self._is_kept(key)})

    def merge(self, other: "Distinct") -> None:
        """Count everything the other counted."""
        if other.level > self.level:
            self.level = other.level
            self.counts = Counter({key: count for key, count in self.counts.items() if self._is_kept(key)})
        self.add(other.counts)

    def _is_kept(self, key: bytes) -> bool:
        return not _hash_of(key) & ((1 << self.level) - 1)

    @property
    def count(self) -> int:
        """Different keys: exact at level 0, within half a percent (one standard error) above."""
        return len(self.counts) << self.level

    @property
    def heaviest(self) -> tuple[bytes, int] | None:
        """The key that came most often (the first by its bytes among equals); None when not all keys were kept."""
        if self.level or not self.counts:
            return None
        most = max(self.counts.values())
        return min(key for key, count in self.counts.items() if count == most), most
