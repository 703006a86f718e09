"""A broker has hardly any file handles or sockets left."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording, first_of


def _beyond(used: str, most: str, what: str) -> Beyond:
    return Beyond(
        kind="queue.broker",
        metric=used,
        subject=lambda row: Subject("account", row.subject),
        wording=Wording(
            title=f"The broker runs out of {what}",
            said=f"{{name}} uses {{value}} of {{{most}}} {what} (limit {{limit}}); beyond them it refuses connections.",
            also=("connections", "channels"),
        ),
        standing=Standing(breach=False, shared=True),
        where=lambda row: row.metrics.get(most, 0.0) > 0,
        limit=lambda row: 0.9 * row.metrics.get(most, float("inf")),
        near=lambda row: row.metrics[used] / row.metrics[most],
    )


RULE = Rule(
    id="PL040",
    slug="broker-handles",
    area="platform",
    mechanism="throttling",
    title="The broker runs out of handles",
    needs=(),
    needs_any=(("queue.broker", "files_used"), ("queue.broker", "sockets_used")),
    threshold=Threshold(
        0.9,
        "share",
        "Each connection and each queue takes a handle; without one, new connections are refused.",
        "awesome-prometheus-alerts, RabbitmqFileDescriptorsUsage (90 %)",
    ),
    degradation=0.6,
    why="The broker can open hardly any more connections. The next release or the next worker is refused, just when "
    "more of them are needed.",
    fix=(
        "Count connections by client; one for each process is enough, with channels inside.",
        "Raise the limit of open files of the broker's service (65,536).",
        "Close connections of finished workers.",
    ),
    first_slice=FirstSlice("Raise the limit of open files and restart a node", 2),
    effort=Effort(0.1, 0.5, 1.5),
    removes=0.8,
    verify="Handles stay below 60 % of the limit over a release at the peak.",
    rollback="Set the limit back.",
    references=("RabbitMQ, Networking (open file handles) https://www.rabbitmq.com/docs/networking",),
    check=first_of(
        _beyond("files_used", "files_limit", "file handles"),
        _beyond("sockets_used", "sockets_limit", "sockets"),
    ),
)
