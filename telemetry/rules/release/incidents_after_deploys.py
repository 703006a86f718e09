"""Incidents begin shortly after deployments."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.incidents import deploy_times, started
from telemetry.rules.numbers import Told, shown, wilson_lower

SHORTLY = timedelta(hours=1)
ENOUGH_INCIDENTS = 5


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for each pipeline after which more incidents begin than by chance.

    Chance is the part of the time that lies within an hour of a deployment: who deploys every hour has every incident
    shortly after one.
    """
    every = [(at, row) for row in evidence.of("ops.incident") if (at := started(row))]
    if not every:
        yield CannotTell("incidents whose start is told with its time zone")
        return
    pipelines = {row.subject: row for row in evidence.of("ops.deployment") if deploy_times(row)}
    for name in sorted(pipelines):
        row, times = pipelines[name], deploy_times(pipelines[name])
        within = [(at, one) for at, one in every if times[0] <= at <= times[-1] + SHORTLY]
        after = [one for at, one in within if is_shortly_after(at, times)]
        if len(within) < ENOUGH_INCIDENTS:
            yield CannotTell(f"five or more incidents of the time in which {name} deployed")
        elif len(after) / len(within) > threshold.value and wilson_lower(len(after), len(within)) > covered(times):
            yield _hit(row, after, len(after) / len(within), threshold.value)


def is_shortly_after(at: datetime, times: list[datetime]) -> bool:
    """Whether a deployment began within the hour before; times are sorted."""
    before = bisect_right(times, at)
    return before > 0 and at - times[before - 1] <= SHORTLY


def covered(times: list[datetime]) -> float:
    """Part of the time from the first to the last deployment that lies within an hour of one; times are sorted."""
    span = times[-1] - times[0] + SHORTLY
    hours = sum((min(SHORTLY, later - earlier) for earlier, later in pairwise(times)), SHORTLY)
    return hours / span


def _hit(row: Evidence, after: list[Evidence], share: float, limit: float) -> Hit:
    told = Told()
    many = "Most" if share > 0.5 else "A third or more" if share >= 1 / 3 else "Many"
    said = (
        f"{many} of the incidents of that time began within {shown(SHORTLY.total_seconds(), 's')} of one of the "
        f"{told(row, 'deployments')} deployments of {row.subject}, which chance does not explain."
    )
    told.also(row, "failed_share", "per_day", "window_s")
    for one in after[:8]:
        told.also(one, "listed", "duration_s")
    return Hit(
        subject=Subject("pipeline", row.subject),
        title="Incidents follow deployments",
        said=said,
        cites=told.cites,
        limit=SHORTLY.total_seconds(),
        breach=True,
        degradation=0.6,
    )


RULE = Rule(
    id="RL032",
    slug="incidents-after-deploys",
    area="release",
    mechanism="failed-deploys",
    title="Incidents follow deployments",
    needs=(("ops.incident", "listed"), ("ops.deployment", "deployments")),
    threshold=Threshold(
        0.3,
        "share",
        "Incidents that changes cause begin within the hour; more than three in ten, and more than by chance, are a "
        "change failure rate that customers feel.",
        "House limit; DORA 2024, change failure rate; Google SRE: most outages follow a change",
    ),
    degradation=0.6,
    why="Every release is a risk to customers, so releases become rare and large, and the next one breaks more.",
    fix=(
        "Release to a few customers first, and go on when errors and latency stay as they were.",
        "Go back by itself when they do not.",
        "Make changes smaller, and separate deploying from switching on.",
        "For each of these incidents, write down the check that would have stopped it, and add it.",
    ),
    first_slice=FirstSlice("Watch errors for ten minutes after each deployment", 4),
    effort=Effort(1, 3, 6),
    removes=0.5,
    verify="Of the next ten incidents at most three begin within an hour of a deployment.",
    rollback="Deploy to everyone at once again.",
    references=(
        "Google SRE, Canarying Releases https://sre.google/workbook/canarying-releases/",
        "DORA, Four keys https://dora.dev/guides/dora-metrics-four-keys/",
    ),
    check=check,
)
