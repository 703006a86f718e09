"""Credentials are built into the image."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit for each Dockerfile that sets a value for something named like a secret."""
    rows = {row.file: row for row in evidence.having("repo.image", "secrets")}
    for file, row in sorted(rows.items()):
        if row.metrics["secrets"] > threshold.value:
            yield _hit(row, file or row.subject, threshold.value)


def _hit(row: Evidence, file: str, limit: float) -> Hit:
    told = Told()
    said = f"{told(row, 'secrets')} settings that are named like secrets get their value while the image is built."
    return Hit(
        subject=Subject("file", file),
        title="The image carries credentials",
        said=said,
        cites=told.cites,
        limit=limit,
        snippet="# Dockerfile: a secret that exists during one step only\n"
        "RUN --mount=type=secret,id=npm_token NPM_TOKEN=$(cat /run/secrets/npm_token) npm ci",
    )


RULE = Rule(
    id="SE016",
    slug="secret-in-image",
    area="security",
    mechanism="exposed-secret",
    title="Credentials are built into the image",
    needs=(("repo.image", "secrets"),),
    threshold=Threshold(
        0,
        "1",
        "ENV and ARG stay readable in the image's history for whoever can pull it.",
        "Docker, Build secrets",
    ),
    degradation=0.6,
    why="Whoever can pull the image can read the credential, and so can every tool that copies or scans images.",
    fix=(
        "Replace the credential; images that were built keep the old one.",
        "Hand secrets over when the container starts, from the platform's store.",
        "Where a build needs one, mount it for that step only.",
    ),
    first_slice=FirstSlice("Replace the credential and hand it over at start", 4),
    effort=Effort(0.25, 0.75, 1.5),
    removes=0.9,
    verify="docker history --no-trunc of the new image shows no credential, and the old one is refused.",
    rollback="Issue a further credential; the exposed one stays revoked.",
    references=("Docker, Build secrets https://docs.docker.com/build/building/secrets/",),
    check=check,
)
