"""Which two judgings are compared, by the names that stand in the address: `run-3`, `report-1`."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from reviews.models import Deliverable, Engagement
from reviews.risk.comparison import compare
from reviews.risk.snapshot import snapshot_of_report

NAME = re.compile(r"(run|report)-([1-9][0-9]{0,8})")


@dataclass(frozen=True)
class Side:
    """One side: its name in the address, its title with the day, and the snapshot."""

    name: str
    title: str
    snapshot: dict[str, Any]


def side_of(engagement: Engagement, name: str) -> Side:
    """A run or an issued report of this engagement, or 404."""
    match = NAME.fullmatch(name)
    if match is None:
        raise Http404
    kind, number = match.group(1), int(match.group(2))
    if kind == "run":
        run = engagement.runs.filter(number=number).first()
        if run is None:
            raise Http404
        return Side(name, f"Run {number}, {run.at:%-d %b %Y %H:%M} UTC", run.snapshot)
    issued = engagement.deliverables.filter(number=number, state=Deliverable.State.ISSUED).defer("pdf").first()
    if issued is None:
        raise Http404
    return Side(name, f"Report {number}, {issued.issued_at:%-d %b %Y}", snapshot_of_report(issued.context))


def comparison_of(before: Side, after: Side) -> dict[str, Any]:
    """The comparison with the names of its sides."""
    sides = {
        "before": {"name": before.name, "title": before.title},
        "after": {"name": after.name, "title": after.title},
    }
    return compare(before.snapshot, after.snapshot) | sides


def usual_pair(names: list[tuple[str, str]]) -> dict[str, Any]:
    """What a second visit asks: the newest issued report against the newest run; without a report the first run."""
    reports = [name for name, _ in names if name.startswith("report-")]
    runs = [name for name, _ in names if name.startswith("run-")]
    before, after = [*reports[:1], *runs[-1:], ""][0], [*runs[:1], ""][0]
    return {"before": {"name": before}, "after": {"name": after}}


def choices(engagement: Engagement) -> list[tuple[str, str]]:
    """What can be compared, newest first: issued reports, then runs."""
    issued = engagement.deliverables.filter(state=Deliverable.State.ISSUED).only("number", "issued_at", "engagement")
    reports = [(f"report-{row.number}", f"Report {row.number}, {row.issued_at:%-d %b %Y}") for row in issued]
    runs = engagement.runs.defer("snapshot", "files", "method")[:200]
    return reports + [(f"run-{row.number}", f"Run {row.number}, {row.at:%-d %b %Y %H:%M} UTC") for row in runs]
