"""Throughput by how many requests run at once: load tests of one target at different loads, and the law through them.

Points come from the tests' own figures: how many users there were where they hardly paused, else how many requests were
in flight (Little's law), so that open and closed loops lie on one curve. A run that failed carried no load. Runs that
do not say what they called (k6's summary names only routes that have a threshold of their own) may be of different
scripts: they are shown, and no curve is laid through them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from reviews.capacity.formulas import usl
from reviews.capacity.formulas.little import in_flight
from reviews.capacity.formulas.sane import OutOfRange, TooLittle
from reviews.report.figures import percent
from telemetry.evidence import OTHER, Evidence, EvidenceSet

Machine = dict[str, Any]
STEPS = 40  # of the drawn curve, closer together where it bends
BUSY = 0.8  # users that wait for an answer this share of their time are all at work
UNNAMED = "runs that do not say what they called"
APART = "nothing says that these runs tested the same"
NAME_THEM = (
    "load tests that say what they called; in k6 each route with a name and a threshold of its own, "
    "as in the load test of the pack"
)
# A load test that fails more than this did not carry its load: the error budget of 99 %, as loose as an SLO gets.
FAILED_AT_MOST = 0.01


def curves_of(evidence: EvidenceSet) -> list[Machine]:
    """A row for each target, the one with the most points first: its points, the fit or why there is none.

    Runs without a target come last.
    """
    called: dict[str, set[str]] = {}
    for row in evidence.of("load.endpoint"):
        if row.subject != OTHER:
            called.setdefault(row.file, set()).add(str(row.attrs.get("route") or row.subject))
    targets: dict[tuple[str, ...], list[Evidence]] = {}
    for row in evidence.having("load.run", "rps"):
        targets.setdefault(tuple(sorted(called.get(row.file, ()))), []).append(row)
    rows = [_curve(names, sorted(runs, key=lambda row: row.file)) for names, runs in sorted(targets.items())]
    return sorted(rows, key=lambda row: (row["target"] == UNNAMED, -len(row["points"])))


def failed_share(row: Evidence) -> float:
    """Share of a load test's requests that failed, rate limiting apart where it is known; 0 where none were counted."""
    return row.metrics.get("error_share", row.metrics.get("failed_share", 0.0))


def _curve(names: Sequence[str], runs: Iterable[Evidence]) -> Machine:
    points: list[Machine] = []
    left_out: list[Machine] = []
    for row in runs:
        why, at_once = _why_not(row), _at_once(row)
        if why or at_once is None:
            left_out.append({"file": row.file, "why": why})
        else:
            points.append(_point(row, at_once))
    points.sort(key=lambda point: (point["at_once"], point["per_s"]))
    fit, refused = _fitted([(point["at_once"], point["per_s"]) for point in points]) if names else (None, APART)
    return {
        "target": _title(names),
        "points": points,
        "left_out": left_out,
        "fit": fit,
        "refused": refused,
        "needs": [] if fit else _needs(points) if names else [NAME_THEM],
    }


def _title(names: Sequence[str]) -> str:
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more if names else UNNAMED


def _point(row: Evidence, at_once: float) -> Machine:
    place = row.place_of("rps")
    return {
        "at_once": at_once,
        "per_s": row.metrics["rps"],
        "tool": row.attrs.get("tool", ""),
        "file": place.file or row.file,
        "line": place.line,
    }


def _why_not(row: Evidence) -> str:
    """Why a run is no point of the curve, "" when it is one."""
    if row.metrics["rps"] <= 0:
        return "nothing was answered"
    if (failed := failed_share(row)) > FAILED_AT_MOST:
        return f"{percent(failed)} of its requests failed"
    at_once = _at_once(row)
    if at_once is None:
        return "it says neither how many users there were nor how long a request took"
    return "less than one request ran at a time" if at_once < 1 else ""


def _at_once(row: Evidence) -> float | None:
    """Requests at the same time: the users where they hardly paused, else those in flight."""
    users, mean = row.metrics.get("users"), row.metrics.get("mean_ms")
    if mean is None or mean < 0:
        return users if row.attrs.get("closed_loop") else None
    try:
        flying = in_flight(row.metrics["rps"], mean / 1000)
    except OutOfRange:
        return None
    return users if users is not None and BUSY * users <= flying <= users * usl.APART else flying


def _fitted(points: Sequence[tuple[float, float]]) -> tuple[Machine | None, str]:
    try:
        found = usl.fit(points)
    except (TooLittle, OutOfRange) as refused:
        return None, str(refused)
    most, between = found.most, found.peak_between
    return {
        "one_per_s": found.gamma,
        "contention": found.sigma,
        "coherency": found.kappa,
        "explained": found.explained,
        "largest": found.largest,
        "reach": found.reach,
        "peak": found.peak,
        "peak_low": between and between[0],
        "peak_high": between and between[1],
        "most_per_s": most and {"value": most.value, "low": most.low, "high": most.high},
        "ceiling_per_s": found.ceiling,
        "curve": [_drawn(found, 1 + (found.reach - 1) * (step / STEPS) ** 2) for step in range(STEPS + 1)],
    }, ""


def _drawn(found: usl.Fit, at_once: float) -> list[float]:
    """[at once, per second, low, high] of the curve."""
    there = found.throughput(min(at_once, found.reach))
    return [at_once, there.value, there.low, there.high]


def _needs(points: Sequence[Machine]) -> list[str]:
    amounts = [point["at_once"] for point in points]
    have = usl.levels(amounts)
    wanted = f"load tests at {usl.ENOUGH_POINTS} different numbers of users ({have} so far)"
    return [
        f"{wanted}, the highest at least {usl.WIDE:g} times the lowest, in which at most {percent(FAILED_AT_MOST)} fail"
    ]
