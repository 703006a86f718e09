"""A service that ends stays down."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.compose import running
from telemetry.rules.numbers import Told


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for each service that nothing starts again, in a file that runs for good; steps that end are meant to."""
    files = running(evidence)
    if not files:
        yield CannotTell("the compose file of production: this one states no restarts, limits or replicas")
    seen: set[str] = set()
    for row in (row for rows in files.values() for row in rows):
        lasts = row.metrics.get("ports", 0.0) > 0 or row.metrics.get("replicas", 0.0) > 0
        if row.metrics.get("restarts", 0.0) > threshold.value or not lasts or row.subject in seen:
            continue
        seen.add(row.subject)
        told = Told()
        told.also(row, "listed", "restarts", "ports")
        yield Hit(
            subject=Subject("component", row.subject),
            title=f"{row.subject} stays down after a crash",
            said=f"{row.subject} has no restart policy: after a crash, or when the host has started anew, somebody "
            f"has to "
            "start it by hand.",
            cites=told.cites,
            limit=threshold.value,
            snippet="restart: unless-stopped",
        )


RULE = Rule(
    id="PL062",
    slug="stays-down",
    area="platform",
    mechanism="single-point-of-failure",
    title="A service stays down after a crash",
    needs=(("repo.service", "listed"),),
    threshold=Threshold(
        0,
        "1",
        "Compose starts nothing again unless it is told to.",
        "Docker, Start containers automatically",
    ),
    degradation=0.6,
    why="A crash that lasts a second becomes an outage that lasts until somebody wakes up.",
    fix=(
        "Set restart: unless-stopped on every service that has to run.",
        "Start the host anew once, and look whether everything comes back.",
        "Alert when a service starts more than three times in an hour.",
    ),
    first_slice=FirstSlice("Set the restart policy and start the host anew", 1),
    effort=Effort(0.125, 0.25, 0.5),
    removes=0.6,
    verify="After docker kill the service answers again within seconds.",
    rollback="Remove the restart policy.",
    references=(
        "Docker, Start containers automatically "
        "https://docs.docker.com/engine/containers/start-containers-automatically/",
    ),
    check=check,
)
