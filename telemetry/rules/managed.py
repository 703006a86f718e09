"""Metrics of managed services as CloudWatch names them."""

import re
from collections.abc import Callable

from telemetry.evidence import Evidence
from telemetry.rules.base import Subject

KIND = "cloudwatch.metric"


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
