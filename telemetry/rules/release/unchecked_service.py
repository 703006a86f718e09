"""Nothing notices when a new version does not work."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told

# Images of Docker's official stores and brokers.
_STORES = re.compile(
    r"(?:postgres|postgis|timescaledb|pgvector|pgbouncer|mysql|mariadb|mongo|redis|valkey|keydb|memcached|rabbitmq"
    r"|kafka|elasticsearch|opensearch|minio)"
)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for the services that answer requests without any check, in the compose file or in the image.

    An orchestrator may have checks of its own: an image alone tells nothing.
    """
    images = list(evidence.having("repo.image", "healthcheck"))
    if any(row.metrics["healthcheck"] > threshold.value for row in images):
        return
    services = list(evidence.having("repo.service", "healthcheck"))
    answering = [row for row in services if row.metrics.get("ports", 0.0) > 0]
    if not services and images:
        yield CannotTell("the compose file or the platform's settings: checks may stand there")
    if any(row.metrics["healthcheck"] > threshold.value and _is_own(row) for row in services):
        return  # what stands in front of it (a proxy) needs none of its own
    unchecked = [row for row in answering if row.metrics["healthcheck"] <= threshold.value]
    if unchecked and len(unchecked) == len(answering):
        yield _hit(sorted(unchecked, key=lambda row: (row.subject, row.file)), threshold.value)


def _is_own(row: Evidence) -> bool:
    """Whether a service is part of the product: a store's check says nothing of the version that was put out."""
    return not _STORES.match(str(row.attrs.get("image") or ""))


def _hit(rows: list[Evidence], limit: float) -> Hit:
    told = Told()
    for row in rows[:8]:
        told.also(row, "ports", "healthcheck")
    named = ", ".join(dict.fromkeys(row.subject for row in rows))
    return Hit(
        subject=Subject("pipeline", "compose services"),
        title="Nothing notices a broken version",
        said=f"No service that answers requests has a check of its health ({named}): a version that starts and does "
        f"not "
        "work is kept.",
        cites=told.cites,
        limit=limit,
        snippet="healthcheck:\n  test: [CMD, wget, -qO-, http://localhost:8000/healthz]\n  interval: 10s\n  "
        "timeout: 3s\n"
        "  retries: 3\n  start_period: 20s",
    )


RULE = Rule(
    id="RL021",
    slug="unchecked-service",
    area="release",
    mechanism="no-rollback",
    title="Nothing notices a version that fails",
    needs=(),
    needs_any=(("repo.service", "healthcheck"), ("repo.image", "healthcheck")),
    threshold=Threshold(
        0,
        "1",
        "Without a check nobody but a customer can tell a process that runs from a service that works.",
        "Docker, HEALTHCHECK; Compose, healthcheck",
    ),
    degradation=0.3,
    why="A release that starts and cannot reach its database looks fine to every tool, and is found by customers.",
    fix=(
        "Give the service an address that answers 200 when it can do its work, and is quick.",
        "Check it in the compose file or the platform, every ten seconds, with a timeout.",
        "Send traffic to the new version only after it passed, and go back when it does not.",
    ),
    first_slice=FirstSlice("Add a check to the service that customers call", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.6,
    verify="A version with a wrong database address is reported as unhealthy and gets no traffic.",
    rollback="Remove the check.",
    references=(
        "Docker, HEALTHCHECK https://docs.docker.com/reference/dockerfile/#healthcheck",
        "Compose, healthcheck https://docs.docker.com/reference/compose-file/services/#healthcheck",
    ),
    check=check,
    enabler=True,
)
