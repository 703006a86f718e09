"""A slow route sends mail before it answers."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.places import NEEDS_CODE

ENOUGH_REQUESTS = 59  # fewer give no finite upper bound of a p95


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """The code says that mail is sent there, a log says that the route is slow: one without the other is no fault."""
    timed = {row.subject: row for row in worst_each(evidence.having("http.route", "requests"), "p95_ms")}
    mailing = [row for row in evidence.having("code.use", "mails") if row.attrs.get("run_as") == "route"]
    for use in {row.subject: row for row in mailing}.values():
        row = timed.get(use.subject)
        if row is None or row.metrics["requests"] < ENOUGH_REQUESTS:
            yield CannotTell(f"an access log with the time of {use.subject}, which sends mail")
        elif row.metrics["p95_ms"] > threshold.value:
            yield _hit(use, row, threshold.value)


def _hit(use: Evidence, row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} takes {told(row, 'p95_ms')} at the 95th percentile (limit {shown(limit, 'ms')}) over "
        f"{told(row, 'requests')} requests, and its code sends mail at {told(use, 'mails')} places on the way."
    )
    told.also(row, "p50_ms")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} sends mail before it answers",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(row.subject,),
    )


RULE = Rule(
    id="QU058",
    slug="mail-in-request",
    area="queues",
    mechanism="work-in-request",
    title="A slow route sends mail before it answers",
    needs=(*NEEDS_CODE, ("http.route", "p95_ms")),
    threshold=Threshold(
        1_000,
        "ms",
        "Handing a mail to a queue takes milliseconds; over a second, waiting for a mail server is felt.",
        "House limit; awesome-prometheus-alerts warns at 3 s",
    ),
    degradation=0.3,
    why="The customer waits for a mail server that has nothing to do with the order, and when that server is down the "
    "order fails.",
    fix=(
        "Store the order, put the mail into a queue, answer.",
        "Give the job attempts with growing pauses, and an id that makes a repeat harmless.",
        "Give the mail server a timeout of five seconds.",
    ),
    first_slice=FirstSlice("Hand this route's mail to a queue", 4),
    effort=Effort(0.5, 1, 2),
    removes=0.6,
    verify="The route's p95 falls below a second, and orders go through while the mail server is stopped.",
    rollback="Send the mail in the handler again.",
    references=("BullMQ, Introduction https://docs.bullmq.io/",),
    check=check,
)
