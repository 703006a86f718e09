"""Exact while it fits, within its error beyond, and the same for parts as for the whole."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.distinct import Distinct

KEYS = st.lists(st.integers(0, 300).map(lambda number: b"client %d" % number), max_size=200)


def counted(keys: list[bytes], limit: int) -> Distinct:
    found = Distinct(limit)
    for key in keys:
        found.add(Counter([key]))
    return found


@given(KEYS, KEYS, st.sampled_from([5, 50, 1_000]))
def test_parts_join_to_the_whole(first: list[bytes], second: list[bytes], limit: int) -> None:
    joined = counted(first, limit)
    joined.merge(counted(second, limit))
    whole = counted(first + second, limit)
    assert (joined.counts, joined.level) == (whole.counts, whole.level)


def test_exact_below_the_limit() -> None:
    found = counted([b"a", b"b", b"b", b"c", b"c"], 3)
    assert found.count == 3
    assert found.heaviest == (b"b", 2)


def test_an_estimate_beyond() -> None:
    found = Distinct(4_000)
    found.add(Counter(b"client %d" % number for number in range(100_000)))
    assert found.count == pytest.approx(100_000, rel=0.1)
    assert len(found.counts) <= 4_000
    assert found.heaviest is None
