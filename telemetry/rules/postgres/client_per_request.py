"""The code opens a database connection for each request."""

from collections.abc import Iterator
from dataclasses import replace

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told
from telemetry.rules.places import CITED, NEEDS_CODE, names, not_judged, places
from telemetry.rules.postgres import connection_churn

SMELL = "client_per_request"


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for the code; where the log shows one application connecting too often, this is why."""
    found = [row for row in places(evidence, SMELL, threshold.value) if row.attrs.get("connects") == "database"]
    if not found:
        if doubt := not_judged(evidence, SMELL):
            yield doubt
        return
    told = Told()
    for row in found[:CITED]:
        told.also(row, SMELL)
    where, client = found[0].subject, " and ".join(names(found, "client"))
    hit = Hit(
        subject=Subject("application", "code that connects per request"),
        title="Each request opens its own connections",
        said=f"{where} makes a {client} inside the function that answers, so every call opens connections of its own.",
        cites=told.cites,
        limit=threshold.value,
        routes=names(found, "routes"),
        snippet="// lib/db.ts: once a process, kept over reloads\nexport const prisma = globalThis.prisma ?? new "
        "PrismaClient()\nif (process.env.NODE_ENV !== 'production') globalThis.prisma = prisma",
    )
    rule = connection_churn.RULE
    churn = [one for one in rule.check(evidence, rule.threshold) if isinstance(one, Hit)]
    if len(churn) == 1:
        seen = churn[0]
        hit = replace(
            seen,
            said=f"{seen.said} {hit.said}",
            cites=(*seen.cites, *hit.cites),
            routes=hit.routes,
            snippet=hit.snippet,
        )
    yield hit


RULE = Rule(
    id="PG083",
    slug="client-per-request",
    area="postgres",
    mechanism="connection-churn",
    title="Each request opens its own connections",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "One place that a busy route runs is enough to use up all connections.",
        "Prisma, Database connections: one instance of the client",
    ),
    degradation=0.6,
    why="On a busy day the connections run out, and then every page fails, not only the one that opens them.",
    fix=(
        "Make the client once, at the top of a module, and import it.",
        "In development keep it on globalThis, so that a reload does not make another.",
        "Where functions run in many instances, connect through a pooler with a small pool each.",
    ),
    first_slice=FirstSlice("Move the client to a module of its own", 2),
    effort=Effort(0.125, 0.5, 1),
    removes=0.8,
    verify="Connections a minute in the log fall to the number of new instances.",
    rollback="Make the client in the function again.",
    references=(
        "Prisma, Database connections "
        "https://www.prisma.io/docs/orm/prisma-client/setup-and-configuration/databases-connections",
    ),
    check=check,
)
