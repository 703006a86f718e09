"""Clients that read too slowly take memory from the data."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording, as_server, first_of

MB = 1024 * 1024
LIMIT = 50 * MB
HARD = 256 * MB  # client-output-buffer-limit of replicas, above which Redis hangs up; ordinary clients have none
STANDING = Standing(breach=False, shared=True)
SNIPPET = "# redis.conf: hang up on a reader that is 64 MB behind, or 16 MB for a minute\n" + (
    "client-output-buffer-limit normal 64mb 16mb 60\nclient-output-buffer-limit pubsub 32mb 8mb 60"
)

RULE = Rule(
    id="RD028",
    slug="client-memory",
    area="redis",
    mechanism="client-limit",
    title="Clients' buffers take Redis' memory",
    needs=(),
    needs_any=(("redis.clients", "output_bytes_max"), ("redis.memory", "clients_bytes")),
    threshold=Threshold(
        LIMIT,
        "bytes",
        "An answer of 50 MB that waits for its reader is a client that cannot follow; ordinary clients have no limit.",
        "House limit; Redis, Client handling (output buffer limits)",
    ),
    degradation=0.3,
    why="A client asks for more than it can read, and Redis keeps the rest in memory. Enough of them push out the "
    "data, or Redis itself is ended for lack of memory.",
    fix=(
        "Find the client in CLIENT LIST by its omem, and what it asks for.",
        "Ask in parts, and close connections of MONITOR and of subscribers that stopped reading.",
        "Set client-output-buffer-limit for ordinary clients and subscribers.",
    ),
    first_slice=FirstSlice("Name the client and set the limit", 3),
    effort=Effort(0.25, 0.75, 2),
    removes=0.8,
    verify="No client of CLIENT LIST has an omem above 1 MB at the peak.",
    rollback="CONFIG SET client-output-buffer-limit with the old values.",
    references=("Redis, Client handling https://redis.io/docs/latest/develop/reference/clients/",),
    check=first_of(
        Beyond(
            kind="redis.clients",
            metric="output_bytes_max",
            subject=as_server("redis"),
            wording=Wording(
                title="A slow reader fills Redis' memory",
                said="An answer of {value} waits for a client of {name} (limit {limit}); Redis keeps it in memory "
                "until it is read.",
                also=("clients", "memory_bytes"),
                snippet=SNIPPET,
            ),
            standing=STANDING,
            near=lambda row: row.metrics["output_bytes_max"] / HARD,
        ),
        Beyond(
            kind="redis.memory",
            metric="clients_bytes",
            subject=as_server("redis"),
            wording=Wording(
                title="Clients' buffers take Redis' memory",
                said="Buffers of clients take {value} (limit {limit}) of {used_bytes} that Redis uses.",
                snippet=SNIPPET,
            ),
            standing=STANDING,
            where=lambda row: row.metrics["clients_bytes"] > 0.2 * row.metrics.get("used_bytes", float("inf")),
            near=lambda row: row.metrics["clients_bytes"] / row.metrics["used_bytes"],
        ),
    ),
)
