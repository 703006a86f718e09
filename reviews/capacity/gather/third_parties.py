"""Third parties: calls an hour and how long they take, from traces."""

from collections.abc import Iterator
from functools import partial

from reviews.capacity.formulas.window import over
from reviews.capacity.gather.base import by_subject, computed, measured
from reviews.capacity.inputs import Input
from telemetry.evidence import EvidenceSet

HOUR_S = 3600


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """By host. Traces are often a sample: the calls are those that were traced, at least."""
    for row in by_subject(evidence, "trace.external", "calls"):
        window = row.metrics.get("window_s", 0.0)
        if window > 0:
            calls = partial(over, row.metrics["calls"], window, HOUR_S)
            words = "calls that were traced ÷ time, an hour; at least, where traces are a sample"
            yield from computed(f"quota.{row.subject}.calls_per_hour", calls, words, row, "calls")
        yield from measured(f"external.{row.subject}.p95_ms", row, "p95_ms")
