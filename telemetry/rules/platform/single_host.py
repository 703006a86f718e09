"""One host runs everything."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.compose import named, running
from telemetry.rules.numbers import Told


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for a compose file that runs for good, answers requests, and starts nothing twice."""
    files = running(evidence)
    if not files:
        yield CannotTell("the compose file of production: this one states no restarts, limits or replicas")
    for file, rows in files.items():
        answering = [row for row in rows if row.metrics.get("ports", 0.0) > 0]
        most = max(row.metrics.get("replicas", 1.0) for row in rows)
        if not answering or most > threshold.value:
            continue
        told = Told()
        for row in (answering + rows)[:8]:
            told.also(row, "listed", "replicas")
        yield Hit(
            subject=Subject("component", f"the host of {file or 'the compose file'}"),
            title="One host carries everything",
            said=f"No service is started twice ({named(rows)}): when the host or one of its processes ends, so does "
            f"the "
            "product.",
            cites=told.cites,
            limit=0.0,
            shared=True,
        )


RULE = Rule(
    id="PL060",
    slug="single-host",
    area="platform",
    mechanism="single-point-of-failure",
    title="One host carries everything",
    needs=(("repo.service", "listed"),),
    threshold=Threshold(
        1,
        "1",
        "Two of each is the least with which one may fail or be updated unnoticed.",
        "AWS Well-Architected, REL10: use fault isolation",
    ),
    degradation=1.0,
    why="A full disk, a kernel update or a broken cable at the provider stops the product until someone has mended "
    "that "
    "one machine.",
    fix=(
        "Decide how long an outage may last; when a day is fine, a tested restore is enough.",
        "Move the database to a managed one with a standby first: it is what cannot be started anew.",
        "Start the application twice, on two hosts, behind a balancer that checks health.",
        "Restore the last backup on another machine, and note how long it took.",
    ),
    first_slice=FirstSlice("Restore the last backup on another machine", 6),
    effort=Effort(1, 4, 10),
    removes=0.7,
    verify="The product answers while one host is stopped.",
    rollback="Point the balancer at the old host alone.",
    references=(
        "AWS, Reliability Pillar https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/welcome.html",
    ),
    check=check,
)
