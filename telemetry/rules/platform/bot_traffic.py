"""Scanners and bots take a relevant share of the traffic."""

from collections.abc import Iterator
from dataclasses import replace

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import wilson_lower
from telemetry.rules.shapes import Above, Standing, Wording, first_of

ENOUGH_REQUESTS = 1_000
FAST_PER_S = 1.0  # bots that ask every second are load, also in a log of minutes
ENOUGH_WHEN_FAST = 300
SHARE = 0.10


def _is_sure(row: Evidence) -> bool:
    requests = row.metrics.get("requests", 0.0)
    bots = row.metrics.get("bot_requests", row.metrics["bot_share"] * requests)
    fast = bots >= FAST_PER_S * row.metrics.get("window_s", float("inf"))
    enough = ENOUGH_WHEN_FAST if fast else ENOUGH_REQUESTS
    return requests >= enough and wilson_lower(bots, requests) > SHARE


def _above(kind: str) -> Above:
    return Above(
        kind=kind,
        metric="bot_share",
        subject=lambda row: Subject("client", "bots"),
        wording=Wording(
            title="Bots take much of the traffic",
            said="{value} of {requests} requests came from bots and scanners (limit {limit}).",
            also=("bot_requests",),
        ),
        standing=Standing(breach=False, shared=True),
        where=_is_sure,
    )


_ABOVE = first_of(_above("http.server"), _above("function.server"))


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit; every flow shares its capacity with the bots, in the part that they take."""
    for hit in _ABOVE(evidence, threshold):
        if isinstance(hit, Hit):
            yield replace(hit, exposure=min(1.0, hit.cites[0].value))


RULE = Rule(
    id="PL008",
    slug="bot-traffic",
    area="platform",
    mechanism="bot-traffic",
    title="Bots take a relevant share",
    needs=(),
    needs_any=(("http.server", "bot_share"), ("function.server", "bot_share")),
    threshold=Threshold(
        SHARE,
        "share",
        "Search engines take a few requests of a hundred; above one of ten, over 1,000 requests (300 where bots ask "
        "every second), somebody scrapes or probes at your cost.",
        "House limit, by the 95 % Wilson interval; bots are told by user agent and probed path",
    ),
    degradation=0.1,
    why="You pay for machines that never buy. They read the deepest pages, miss every cache and take capacity from "
    "customers at the peak.",
    fix=(
        "List the bots by network and what they ask for.",
        "Refuse probes of known paths at the edge, before a function starts.",
        "Limit unknown bots by rate; let the search engines you want pass.",
        "Serve robots.txt with what may be read.",
    ),
    first_slice=FirstSlice("Refuse the probed paths at the edge", 2),
    effort=Effort(0.25, 0.5, 1.5),
    removes=0.8,
    verify="Bots are below a tenth of the requests in the next log.",
    rollback="Turn the edge rules off.",
    references=("Vercel, Firewall https://vercel.com/docs/vercel-firewall",),
    check=check,
)
