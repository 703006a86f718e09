"""A container may take all memory of its host."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.compose import named, running
from telemetry.rules.numbers import Told


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for each compose file that runs for good and shares a host between services without a limit."""
    files = running(evidence)
    if not files:
        yield CannotTell("the compose file of production: this one states no restarts, limits or replicas")
    for file, rows in files.items():
        free = [row for row in rows if row.metrics.get("memory_limit_bytes", 0.0) <= threshold.value]
        if not free or len(rows) < 2:  # a service that is alone takes from nobody
            continue
        told = Told()
        for row in free[:8]:
            told.also(row, "listed")
        yield Hit(
            subject=Subject("host", f"the host of {file or 'the compose file'}"),
            title="A container may take all memory",
            said=f"Services without a limit of memory share a host with others: {named(free)}. One that leaks makes "
            f"the "
            "kernel end whichever process it finds largest.",
            cites=told.cites,
            limit=threshold.value,
            snippet="services:\n  web:\n    mem_limit: 512m\n    memswap_limit: 512m",
        )


RULE = Rule(
    id="PL061",
    slug="unlimited-memory",
    area="platform",
    mechanism="memory-saturation",
    title="A container may take all memory",
    needs=(("repo.service", "listed"),),
    threshold=Threshold(
        0,
        "bytes",
        "Without a limit a container may use what the host has, and the kernel decides who ends.",
        "Docker, Resource constraints",
    ),
    degradation=0.6,
    why="A leak in a side job can end the database beside it, and the log says only that it was killed.",
    fix=(
        "Read what each service needs at its peak (docker stats), and limit it to half as much again.",
        "Set the limits so that their sum stays below what the host has.",
        "Let a container that reaches its limit start again, and alert on it.",
    ),
    first_slice=FirstSlice("Limit the services beside the database", 2),
    effort=Effort(0.125, 0.5, 1),
    removes=0.7,
    verify="docker stats shows a limit for every container, and their sum is below the host's memory.",
    rollback="Remove the limit and start the service again.",
    references=("Docker, Resource constraints https://docs.docker.com/engine/containers/resource_constraints/",),
    check=check,
)
