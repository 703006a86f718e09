"""The load balancer ended requests because its servers did not answer."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.shapes import beyond_chance

ENOUGH_REQUESTS = 200
FEW = 5
# First letter: who ended it (s: the server's time ran out, S: the server hung up or refused, R: no resources). Second:
# when. A visitor who leaves (C, c) and what a rule denies (P) are no fault of the servers.
MEANING = {
    "sH": "the server did not answer in time",
    "sD": "the server stopped in the middle of an answer",
    "sC": "no connection to the server came about in time",
    "sQ": "no server was free in time",
    "SC": "the server refused the connection",
    "SH": "the server hung up before it answered",
    "SD": "the server hung up in the middle of an answer",
    "RC": "the balancer had no resources left",
}


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit a state, beyond chance, of all requests of the same log."""
    totals = {row.file: row.metrics["requests"] for row in evidence.having("http.server", "requests")}
    for row in worst_each(evidence.having("http.termination", "share"), "requests"):
        part, share = row.metrics["requests"], row.metrics["share"]
        whole = totals.get(row.file, part / share if share else 0.0)
        if row.subject not in MEANING:
            continue
        if part >= FEW and beyond_chance(part, whole, threshold.value, ENOUGH_REQUESTS):
            yield _hit(row, threshold.value * whole)
        elif whole < ENOUGH_REQUESTS and part > 1:
            yield CannotTell(f"a log with at least {ENOUGH_REQUESTS} requests")


def _hit(row: Evidence, limit: float) -> Hit:
    told = Told()
    said = (
        f"The load balancer ended {told(row, 'requests')} requests (limit {shown(limit, '1')}) because "
        f"{MEANING[row.subject]} (state {row.subject})."
    )
    told.also(row, "share")
    return Hit(
        subject=Subject("deployment", f"haproxy {row.subject}"),
        title="The load balancer ends requests",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        shared=True,
    )


RULE = Rule(
    id="PL046",
    slug="proxy-terminations",
    area="platform",
    mechanism="error-burst",
    title="The load balancer ends requests",
    needs=(("http.termination", "requests"),),
    threshold=Threshold(
        0.005,
        "share",
        "One request of 200, by the lower end of the 95 % interval; visitors who leave are not counted.",
        "House limit; HAProxy, session state at disconnection",
    ),
    degradation=0.6,
    why="Behind the load balancer servers did not answer, refused, or hung up. Each of these was a visitor with an "
    "error page.",
    fix=(
        "Read the state: sQ and sC are too few servers or connections, sH is slow work, SC and SH are crashes.",
        "Look at the servers at that time: restarts, memory, a release.",
        "Set maxconn for each server to what it can do, and let the rest wait in the balancer.",
    ),
    first_slice=FirstSlice("Name the server and the time of the most frequent state", 4),
    effort=Effort(0.5, 1.5, 3),
    removes=0.7,
    verify="States that begin with s or S are below one of a thousand requests over a week.",
    rollback="Set maxconn and timeouts back.",
    references=("HAProxy, Session state at disconnection https://docs.haproxy.org/3.0/configuration.html#8.5",),
    check=check,
)
