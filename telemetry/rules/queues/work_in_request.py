"""Slow work runs inside a request instead of a worker."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules import lock_waits
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.load_runs import of_visitors
from telemetry.rules.numbers import Told, shown, worst_each

ENOUGH_REQUESTS = 59  # fewer give no finite upper bound of a p95
SLOW_AS_A_RULE_MS = 1_000
ENOUGH_TO_COMPARE = 10


def holds_work(row: Evidence, limit: float) -> bool:
    """A route that mostly writes, slow at its end and slow as a rule: work, not a queue at the door."""
    numbers = row.metrics
    writes = numbers.get("post_requests", 0.0) > numbers.get("requests", 0.0) / 2
    slow = numbers.get("p95_ms", 0.0) > limit and numbers.get("p50_ms", 0.0) > SLOW_AS_A_RULE_MS
    return writes and slow and numbers.get("requests", 0.0) >= ENOUGH_REQUESTS


def locks_explain(evidence: EvidenceSet, row: Evidence) -> bool:
    """Whether sessions wait for locks as long as this route's median takes: then its time may be theirs."""
    for statement in lock_waits.waiting(evidence):
        longest = statement.number("pg.log.lock", "wait_max_ms") or statement.number("pg.stat.statement", "max_ms") or 0
        if longest >= row.metrics.get("p50_ms", 0.0) / 2:
            return True
    return False


def all_wait(evidence: EvidenceSet, row: Evidence) -> bool:
    """Whether most other routes are slow as well: then they wait for something they share, not for this one's work."""
    rows = worst_each(evidence.having("http.route", "requests"), "p95_ms")
    others = [one for one in rows if one.subject != row.subject and one.metrics["requests"] >= ENOUGH_TO_COMPARE]
    return 2 * sum(one.metrics["p95_ms"] > SLOW_AS_A_RULE_MS for one in others) > len(others)


def otherwise(evidence: EvidenceSet, row: Evidence) -> str:
    """What may explain the time of a slow writing route instead of work inside it; empty when nothing does."""
    if locks_explain(evidence, row):
        return "its time may be waiting for database locks"
    return "other routes are as slow, and may wait for the same" if all_wait(evidence, row) else ""


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit per route."""
    logged, doubts = of_visitors(evidence, "requests")
    yield from doubts
    for row in worst_each(logged, "p95_ms"):
        if holds_work(row, threshold.value):
            if why := otherwise(evidence, row):
                yield CannotTell(f"a trace of {row.subject}: {why}")
            else:
                yield _hit(row, threshold.value)


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"{row.subject} takes {told(row, 'p95_ms')} at the 95th percentile (limit {shown(limit, 'ms')}) and "
        f"{told(row, 'p50_ms')} in the middle, over {told(row, 'requests')} requests; the visitor waits for all of it."
    )
    told.also(row, "post_requests", "timeout_share", "max_ms")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"{row.subject} works while visitors wait",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(row.subject,),
    )


RULE = Rule(
    id="QU005",
    slug="work-in-request",
    area="queues",
    mechanism="work-in-request",
    title="Slow work runs inside the request",
    needs=(("http.route", "p95_ms"), ("http.route", "p50_ms"), ("http.route", "post_requests")),
    threshold=Threshold(
        3_000,
        "ms",
        "A write that is answered after 3 s, and after 1 s as a rule, does work that could be done after the answer.",
        "awesome-prometheus-alerts, nginx latency of 3 s",
    ),
    degradation=0.3,
    why="The visitor waits until everything is done: mails sent, files made, partners called. When one of them is "
    "slow, the order is slow, and some give up and press again.",
    fix=(
        "List what the handler does after the order is safely stored.",
        "Hand each of those to a queue, with an id that makes a repeat harmless.",
        "Answer as soon as the order is stored, and show progress where people want it.",
        "Bound what must stay inside with a timeout of two seconds.",
    ),
    first_slice=FirstSlice("Move the slowest call of the handler to a queue", 8),
    effort=Effort(1, 2, 4),
    removes=0.8,
    verify="The route's p95 falls below 1 s and the jobs' share of failures stays below 1 %.",
    rollback="Call the work in the handler again; the queue may run empty.",
    references=(
        "BullMQ, Introduction https://docs.bullmq.io/",
        "Stripe, Webhooks: quickly return a 2xx response https://docs.stripe.com/webhooks",
    ),
    check=check,
)
