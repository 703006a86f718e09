"""No load test has reached the peak that real visitors make."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.load_runs import scenario
from telemetry.rules.numbers import Told, shown

ENOUGH_REQUESTS = 10_000
HOUR_S = 3_600
DROPPED = 0.01


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Against twice the log's busiest second; a run that could not send what it should has not reached it either."""
    runs = list(evidence.having("load.run", "rps"))
    logs = [row for row in evidence.having("http.server", "rps_peak", "requests") if _is_real(row)]
    for row in evidence.having("load.run", "dropped_iterations", "requests"):
        limit = DROPPED * row.metrics["requests"]
        if row.metrics["dropped_iterations"] > limit:
            yield _dropped(evidence, row, limit)
    if not runs:
        return
    best = max(runs, key=lambda row: row.metrics["rps"])
    peak = max(logs, key=lambda row: row.metrics["rps_peak"], default=None)
    if peak is None:
        yield CannotTell("an access log of at least an hour and 10,000 requests: the real peak")
    elif best.metrics["rps"] < threshold.value * peak.metrics["rps_peak"]:
        yield _below(evidence, best, peak, threshold.value * peak.metrics["rps_peak"])
    elif best.attrs.get("closed_loop"):
        yield CannotTell("a run with a fixed arrival rate: users who wait for answers slow the test down")


def _is_real(row: Evidence) -> bool:
    return row.metrics["requests"] >= ENOUGH_REQUESTS and row.metrics.get("window_s", 0.0) >= HOUR_S


def _below(evidence: EvidenceSet, run: Evidence, peak: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"The best load test reached {told(run, 'rps')} requests a second (limit {shown(limit, '1/s')}: twice the real "
        f"peak); visitors made {told(peak, 'rps_peak')} in the busiest second."
    )
    told.also(run, "users", "p95_ms", "requests")
    told.also(peak, "rps_mean", "peak_factor")
    return Hit(
        subject=scenario(evidence, run),
        title="No load test reached the real peak",
        said=said,
        cites=told.cites,
        limit=limit,
        shared=True,
        degradation=0.1,
    )


def _dropped(evidence: EvidenceSet, row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"The load test could not start {told(row, 'dropped_iterations')} iterations (limit {shown(limit, '1')}) "
        f"beside "
        f"{told(row, 'requests')} requests: it did not reach the load that it was to make."
    )
    told.also(row, "users", "rps", "p95_ms")
    return Hit(
        subject=scenario(evidence, row),
        title="A load test fell short",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
        degradation=0.1,
    )


RULE = Rule(
    id="PL057",
    slug="untested-peak",
    area="platform",
    mechanism="load-test-breach",
    title="No load test reached the real peak",
    needs=(("load.run", "requests"),),
    threshold=Threshold(
        2,
        "1",
        "Twice the busiest second of a log of an hour or more is what a campaign brings; a test that dropped one "
        "iteration of a hundred was itself the limit.",
        "House limit; Grafana k6, Dropped iterations",
    ),
    degradation=0.1,
    why="Nobody knows whether the system holds the next campaign: it was never tried with more than what comes on an "
    "ordinary day.",
    fix=(
        "Repeat the test with a fixed arrival rate of twice the real peak, for ten minutes.",
        "Use the shares of the real routes, and accounts and data of real size.",
        "Watch database, pool and queue meanwhile; the first one that is full is the result.",
    ),
    first_slice=FirstSlice("Run the test at twice the peak on a copy", 6),
    effort=Effort(0.5, 1, 2),
    removes=0.8,
    verify="A run of twice the real peak passes its thresholds without dropped iterations.",
    rollback="The test runs on a copy; nothing is changed.",
    references=(
        "Grafana k6, Open and closed models "
        "https://grafana.com/docs/k6/latest/using-k6/scenarios/concepts/open-vs-closed/",
        "Grafana k6, Dropped iterations "
        "https://grafana.com/docs/k6/latest/using-k6/scenarios/concepts/dropped-iterations/",
    ),
    check=check,
    enabler=True,
)
