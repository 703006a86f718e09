"""Load tests as several rules look at them."""

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Subject

# Of a log's requests: with more of them made by a load test, its times and errors are the test's.
TESTED = 0.1


def scenario(evidence: EvidenceSet, row: Evidence) -> Subject:
    """One run is "load test"; of several each carries the name of its file."""
    files = {one.file for kind in ("load.run", "load.threshold") for one in evidence.of(kind)}
    return Subject("scenario", f"load test ({row.file})" if len(files) > 1 and row.file else "load test")


def tested_logs(evidence: EvidenceSet) -> frozenset[str]:
    """Files of access logs that a load test wrote a part of: what they say of times and errors is no visitor's."""
    rows = evidence.having("http.server", "requests", "test_requests")
    return frozenset(row.file for row in rows if row.metrics["test_requests"] > TESTED * row.metrics["requests"])


def of_visitors(evidence: EvidenceSet, *metrics: str) -> tuple[list[Evidence], list[CannotTell]]:
    """Routes of the logs that no load test ran into, and what to send in place of the other logs."""
    tested = tested_logs(evidence)
    rows = [row for row in evidence.having("http.route", *metrics) if row.file not in tested]
    return rows, [CannotTell("an access log of a time without a load test")] if tested else []
