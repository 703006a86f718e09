"""Errors of the application are told to nobody."""

import re
from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told

_TELLS = re.compile(r"@sentry/|@opentelemetry/|dd-trace|prom-client|newrelic|bugsnag|rollbar|honeybadger|posthog")
_ANSWERS = frozenset({"next", "nuxt", "express", "fastify", "hono", "koa", "@nestjs/core"})
# Evidence that somebody measures: it was made by a tool that could alert.
_MEASURED = ("error.", "metric", "trace", "ops.incident", "ops.component")


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Where an application answers requests, and neither a package, a setting nor any evidence speaks of a watcher."""
    packages = list(evidence.having("repo.package", "dependencies"))
    answering = [row for row in packages if _ANSWERS & set(stack_of(row))]
    if not answering:
        yield CannotTell("package.json of the application that answers requests")
        return
    watched = any(_TELLS.search(name) for row in packages for name in stack_of(row))
    watched = watched or any(row.attrs.get("purpose") == "monitoring" for row in evidence.of("repo.setting"))
    if watched or any(row.kind.startswith(_MEASURED) for row in evidence.rows):
        return
    told = Told()
    for row in answering:
        told.also(row, "dependencies")
    said = (
        f"Among {told(answering[0], 'dependencies')} packages none reports errors, traces or metrics, and no setting "
        "names such a service: whoever is told of a failure is told by a customer."
    )
    yield Hit(
        subject=Subject("signal", "application errors"),
        title="Nobody is told of errors",
        said=said,
        cites=told.cites,
        limit=threshold.value,
    )


def stack_of(row: Evidence) -> dict[str, str]:
    """Packages that say something about scale, with their versions."""
    stack = row.attrs.get("stack")
    return stack if isinstance(stack, dict) else {}


RULE = Rule(
    id="OB010",
    slug="unreported-errors",
    area="observability",
    mechanism="missing-alerts",
    title="Nobody is told of errors",
    needs=(("repo.package", "dependencies"),),
    threshold=Threshold(
        0,
        "1",
        "One way by which an error reaches a person is the least a service needs.",
        "Google SRE, Monitoring Distributed Systems",
    ),
    degradation=0.3,
    why="A checkout that fails for an hour is noticed in the evening's figures, or by a customer who takes the trouble "
    "to write.",
    fix=(
        "Add an error reporter to the server and to the browser, with the release's name.",
        "Alert when errors of a flow that earns money rise, by mail at first, by telephone later.",
        "Write down who looks at an alert, and within which time.",
        "Cause an error on purpose and see that the alert arrives.",
    ),
    first_slice=FirstSlice("Report the server's errors to one place", 4),
    effort=Effort(0.5, 1, 2),
    removes=0.6,
    verify="An error caused on purpose reaches a person within five minutes.",
    rollback="Remove the package; nothing else depends on it.",
    references=(
        "Google SRE, Monitoring Distributed Systems https://sre.google/sre-book/monitoring-distributed-systems/",
    ),
    check=check,
    enabler=True,
)
