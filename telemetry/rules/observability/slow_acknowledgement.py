"""Incidents begin long before anybody looks."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, largest, shown

ENOUGH = 5


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """One hit for all incidents that were acknowledged."""
    row = largest((row for row in evidence.of("ops.component") if row.subject == "all"), "ack_mean_s")
    if row is None or row.metrics["ack_mean_s"] <= threshold.value:
        return
    if row.metrics.get("incidents", 0.0) < ENOUGH:
        yield CannotTell("more incidents: five or more with the time of their acknowledgement")
        return
    told = Told()
    said = (
        f"It took {told(row, 'ack_mean_s')} on average until somebody looked (limit {shown(threshold.value, 's')}), "
        f"over "
        f"{told(row, 'incidents')} incidents."
    )
    told.also(row, "mean_s", "high")
    yield Hit(
        subject=Subject("signal", "incidents"),
        title="Alerts wait long for a person",
        said=said,
        cites=told.cites,
        limit=threshold.value,
        breach=True,
    )


RULE = Rule(
    id="OB011",
    slug="slow-acknowledgement",
    area="observability",
    mechanism="missing-alerts",
    title="Alerts wait long for a person",
    needs=(("ops.component", "ack_mean_s"),),
    threshold=Threshold(
        900,
        "s",
        "Within a quarter of an hour somebody should look; services that customers wait for are paged within five "
        "minutes.",
        "Google SRE, Being On-Call (response in minutes)",
    ),
    degradation=0.3,
    why="The first part of every outage is spent waiting for someone to notice, before anything is mended.",
    fix=(
        "Page one named person, then a second one after five minutes.",
        "Page only for what customers feel; send the rest to a list that is read in the morning.",
        "Send one page on purpose each month and measure the answer.",
    ),
    first_slice=FirstSlice("Page a named person, with a second one behind", 3),
    effort=Effort(0.25, 0.5, 2),
    removes=0.6,
    verify="The next ten incidents are acknowledged within the limit.",
    rollback="Switch the paging off; the list stays.",
    references=("Google SRE, Being On-Call https://sre.google/sre-book/being-on-call/",),
    check=check,
)
