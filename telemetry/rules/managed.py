"""Metrics of managed services as CloudWatch names them."""

import re
from collections.abc import Callable, Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Check, Subject, Threshold

KIND = "cloudwatch.metric"
SERVICE = "managed.service"  # those that are told in units


def named(*metrics: str, statistics: tuple[str, ...] = ()) -> Callable[[Evidence], bool]:
    """Rows of these metrics; the label holds the name, alone or beside that of the resource. With `statistics`, only
    those (or what does not tell its statistic).
    """
    names = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(metrics)})(?![A-Za-z])")

    def admits(row: Evidence) -> bool:
        statistic = str(row.attrs.get("statistic") or "")
        told = not statistics or not statistic or statistic in statistics
        return told and names.search(str(row.attrs.get("label") or row.subject)) is not None

    return admits


def as_service(row: Evidence) -> Subject:
    """What the metric is about: the resource where the label names it, else the metric itself."""
    return Subject("service", str(row.attrs.get("label") or row.subject))


def as_managed(row: Evidence) -> Subject:
    """The resource, or what it is where its name is not in the file."""
    return Subject("service", row.subject)


def unless_sent(metrics: tuple[str, ...], *others: tuple[str, str]) -> Check:
    """Cannot tell where neither CloudWatch's `metrics` were sent nor `others` measured: other metrics clear nothing."""

    def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[CannotTell]:
        measured = any(evidence.has(*other) for other in others)
        if not measured and not any(map(named(*metrics), evidence.of(KIND))):
            yield CannotTell(f"the metric {' or '.join(metrics)} of CloudWatch")

    return check
