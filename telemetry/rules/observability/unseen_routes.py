"""Most listed API routes appear in no log."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest

DAY_S = 86_400
ENOUGH_ROUTES = 5


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Over a day or more; in an hour a rare route may rest."""
    listed = {row.subject: row for row in evidence.of("route") if row.attrs.get("type") == "api"}
    kinds = ("http.route", "function.route")
    seen = {row.subject for kind in kinds for row in evidence.of(kind)}
    span = largest([row for kind in ("http.server", "function.server") for row in evidence.of(kind)], "window_s")
    if not seen or span is None:
        yield CannotTell("an access log or a function log")
        return
    unseen = [row for name, row in listed.items() if name not in seen]
    if len(listed) < ENOUGH_ROUTES or len(unseen) <= threshold.value * len(listed):
        return
    if span.metrics["window_s"] < DAY_S:
        yield CannotTell("a log of a day or more: most listed API routes do not appear in this one")
        return
    told = Told()
    said = (
        f"Most of the listed API routes appear in no log of {told(span, 'window_s')}, {unseen[0].subject} among them."
    )
    for row in unseen[:10]:
        told.also(row, "listed")
    yield Hit(
        subject=Subject("input", "route logs"),
        title="Most API routes appear in no log",
        said=said,
        cites=told.cites,
        limit=DAY_S,
        routes=tuple(row.subject for row in unseen[:50]),
    )


RULE = Rule(
    id="OB003",
    slug="unseen-routes",
    area="observability",
    mechanism="missing-route-metrics",
    title="Most API routes appear in no log",
    needs=(("route", "listed"),),
    threshold=Threshold(
        0.5,
        "share",
        "Some routes rest for a day; when more than half of them never appear, the logs are cut, sampled or another "
        "system's.",
        "House limit",
    ),
    degradation=0.1,
    why="For most of what your application offers nobody can say how often it is used, how long it takes or whether it "
    "fails.",
    fix=(
        "Check whether the log is sampled, filtered or of one host among several.",
        "Send the log of all hosts over a day that holds a peak.",
        "Remove routes that truly nobody uses; each is code that can be attacked.",
    ),
    first_slice=FirstSlice("Export the log of all hosts over a day", 2),
    effort=Effort(0.1, 0.5, 1),
    removes=0.8,
    verify="More than half of the listed routes have a rate in the next review.",
    rollback="Nothing is changed.",
    references=("Google SRE, Monitoring https://sre.google/sre-book/monitoring-distributed-systems/",),
    check=check,
    enabler=True,
)
