"""A relevant part of a load test's requests failed."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.load_runs import scenario
from telemetry.rules.numbers import Told, shown
from telemetry.rules.shapes import beyond_chance

ENOUGH_REQUESTS = 200
FEW = 5  # failures that may be one accident, however small the run


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """A request that a limiter refused is no failure where these are known apart."""
    for row in evidence.having("load.run", "failed", "requests"):
        requests = row.metrics["requests"]
        failed = row.metrics["failed"] - row.metrics.get("rate_limited", 0.0)
        if failed >= FEW and beyond_chance(failed, requests, threshold.value, ENOUGH_REQUESTS):
            yield _hit(evidence, row, threshold.value * requests)
        elif requests < ENOUGH_REQUESTS and failed > max(1.0, threshold.value * requests):
            yield CannotTell(f"a run of at least {ENOUGH_REQUESTS} requests")


def _hit(evidence: EvidenceSet, row: Evidence, limit: float) -> Hit:
    told = Told()
    said = f"{told(row, 'failed')} of {told(row, 'requests')} requests of the load test failed"
    said += f" (limit {shown(limit, '1')})"
    if row.metrics.get("rate_limited"):
        said += f", {told(row, 'rate_limited')} of them refused by a limiter"
    if "rps" in row.metrics:
        said += f", at {told(row, 'rps')} requests a second"
    told.also(row, "failed_share", "timeouts", "connection_errors", "status_5xx", "users")
    return Hit(
        subject=scenario(evidence, row),
        title="Requests fail under load",
        said=said + ".",
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
    )


RULE = Rule(
    id="PL056",
    slug="load-test-failures",
    area="platform",
    mechanism="load-test-breach",
    title="Requests fail under load",
    needs=(("load.run", "failed"), ("load.run", "requests")),
    threshold=Threshold(
        0.01,
        "share",
        "One request of a hundred, by the lower end of the 95 % interval; what a limiter refused is not counted.",
        "Grafana k6, Thresholds (http_req_failed rate<0.01)",
    ),
    degradation=0.6,
    why="Under the load of the test the system does not only get slow, it fails. The test shows how many visitors are "
    "too many.",
    fix=(
        "Group the failures by status and endpoint: time-outs, refused connections, server errors.",
        "Find what is full at that moment: connections, processor, memory, a limit of the platform.",
        "Raise or relieve the first limit, and run the same test again.",
    ),
    first_slice=FirstSlice("Name the resource that is full when requests fail", 5),
    effort=Effort(0.5, 2, 4),
    removes=0.6,
    verify="The same test fails fewer than one request of a hundred.",
    rollback="Nothing was changed by the test.",
    references=("Grafana k6, Thresholds https://grafana.com/docs/k6/latest/using-k6/thresholds/",),
    check=check,
)
