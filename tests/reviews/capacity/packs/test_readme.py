"""What the README of the packs asks the application to count."""

import re

from reviews.capacity.packs.files import BUCKETS, files_of
from reviews.capacity.packs.signals import HISTOGRAM
from tests.reviews.capacity.packs.making import document, threshold


def buckets(text: str) -> list[float]:
    """The bounds that the README lists, in seconds."""
    found = re.search(rf"`{HISTOGRAM}`, a histogram with these buckets in seconds: ([0-9., ]+)\.", text)
    assert found
    return [float(bound) for bound in found[1].split(", ")]


def test_a_bucket_ends_at_each_limit_of_an_alert() -> None:
    limits = [threshold("http.p95_ms", 730, "ms", "warning"), threshold("http.p99_ms", 8000, "ms", "critical")]
    text = files_of(document(policy={"thresholds": limits}, targets=[]))["README.md"]
    assert buckets(text) == sorted([*BUCKETS, 0.73, 8.0])
    assert "A bucket ends at each limit of an alert (0.73 s and 8 s)." in text


def test_without_a_limit_the_usual_ones_are_named() -> None:
    text = files_of({})["README.md"]
    assert buckets(text) == list(BUCKETS)
    assert "A bucket ends at" not in text
