"""The code opens a Redis connection for each request."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest
from telemetry.rules.places import CITED, NEEDS_CODE, names, not_judged, places

SMELL = "client_per_request"


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit: clients of Redis and of queues kept in Redis, made inside functions that answer."""
    found = [row for row in places(evidence, SMELL, threshold.value) if row.attrs.get("connects") in ("redis", "queue")]
    if not found:
        if doubt := not_judged(evidence, SMELL):
            yield doubt
        return
    told = Told()
    for row in found[:CITED]:
        told.also(row, SMELL)
    server = largest(evidence.of("redis.server"), "connected_clients")
    if server is not None:
        told.also(server, "connected_clients", "maxclients")
    yield Hit(
        subject=Subject("server", "redis"),
        title="Each request opens a Redis connection",
        said=f"{found[0].subject} makes a {' and '.join(names(found, 'client'))} inside the function that answers, so "
        "every call opens a connection to Redis, and most stay open.",
        cites=told.cites,
        limit=threshold.value,
        routes=names(found, "routes"),
        snippet="// lib/queue.ts: once a process, imported by all\nexport const connection = new IORedis(process.env."
        "REDIS_URL, { maxRetriesPerRequest: null })\nexport const emails = new Queue('emails', { connection })",
    )


RULE = Rule(
    id="RD050",
    slug="connection-per-request",
    area="redis",
    mechanism="client-limit",
    title="Each request opens a Redis connection",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "One place that a busy route runs is enough to reach the client limit of a small plan.",
        "BullMQ, Going to production: reuse connections",
    ),
    degradation=0.6,
    why="Small plans of Redis allow some hundred clients. At the limit, sign-ins, carts and queues fail together.",
    fix=(
        "Make the client or queue once, at the top of a module, and import it.",
        "Give all queues of a process one connection.",
        "Close connections that are idle for minutes (timeout in Redis' configuration).",
    ),
    first_slice=FirstSlice("Move the client to a module of its own", 2),
    effort=Effort(0.125, 0.25, 0.75),
    removes=0.8,
    verify="Connected clients in INFO stay at the number of processes while traffic grows.",
    rollback="Make the client in the function again.",
    references=("BullMQ, Connections https://docs.bullmq.io/guide/connections",),
    check=check,
)
