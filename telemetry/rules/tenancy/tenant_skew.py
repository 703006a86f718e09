"""One tenant takes most of the capacity."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown

ENOUGH_TENANTS = 5
# Capacity; revenue is no load.
_SHARES = ("largest_requests_share", "largest_usage_share", "largest_bytes_share")
_WORDS = {"largest_requests_share": "requests", "largest_usage_share": "use", "largest_bytes_share": "bytes"}


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """By what was measured of requests, use or bytes, the largest share; among a few tenants one is always large."""
    best: tuple[float, str, Evidence] | None = None
    for row in evidence.having("business.tenants", "tenants"):
        for metric in _SHARES:
            share = row.metrics.get(metric, 0.0)
            if share > threshold.value and (best is None or share > best[0]):
                best = (share, metric, row)
    if best is None:
        return
    _, metric, row = best
    if row.metrics["tenants"] < ENOUGH_TENANTS:
        yield CannotTell("a table with all tenants: among fewer than five one is always large")
    else:
        yield _hit(row, metric, threshold.value)


def _hit(row: Evidence, metric: str, limit: float) -> Hit:
    told = Told()
    said = (
        f"The largest of {{tenants}} tenants takes {told(row, metric)} of all {_WORDS[metric]} (limit "
        f"{shown(limit, 'share')})"
    ).replace("{tenants}", told(row, "tenants"))
    if "largest_revenue_share" in row.metrics:
        said += f" and pays {told(row, 'largest_revenue_share')} of the revenue"
    return Hit(
        subject=Subject("tenant", "tenant 1"),
        title="One tenant takes most of the capacity",
        said=f"{said}.",
        cites=told.cites,
        limit=limit,
    )


RULE = Rule(
    id="TE001",
    slug="tenant-skew",
    area="tenancy",
    mechanism="tenant-skew",
    title="One tenant takes most of the capacity",
    needs=(("business.tenants", "tenants"),),
    needs_any=tuple(("business.tenants", metric) for metric in _SHARES),
    threshold=Threshold(
        0.5,
        "share",
        "Above half, what this tenant does decides how the service is for all others together.",
        "House limit; AWS SaaS Lens, noisy neighbour",
    ),
    degradation=0.3,
    why="When this customer runs a large import, all others wait, and the price they pay does not cover the machines "
    "they need.",
    fix=(
        "Measure requests, queries and jobs by tenant for a week.",
        "Limit each tenant's rate and jobs at once, well above ordinary use.",
        "Give the largest one queues and workers of its own, later a database.",
        "Compare what it pays with what it uses before the next contract.",
    ),
    first_slice=FirstSlice("Limit jobs at once for each tenant", 6),
    effort=Effort(1, 3, 8),
    removes=0.6,
    verify="While the largest tenant imports, the p95 of all others stays where it was.",
    rollback="Raise the limit of the one tenant.",
    references=("AWS, SaaS Lens https://docs.aws.amazon.com/wellarchitected/latest/saas-lens/saas-lens.html",),
    check=check,
)
