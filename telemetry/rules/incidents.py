"""Incidents as rules see them: how recent a component's last one is, and which began after a deployment."""

from datetime import datetime, timedelta

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.pipelines import to_production

UNNAMED = frozenset({"all", "unknown", "other", ""})
# What has not failed for two months, while others have, counts as mended.
MENDED = timedelta(days=60)


def started(row: Evidence) -> datetime | None:
    """When an incident began, None when its file tells no time zone."""
    text = row.attrs.get("started_at")
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def of_component(evidence: EvidenceSet, component: str) -> list[Evidence]:
    """The incidents of one component."""
    return [row for row in evidence.of("ops.incident") if row.attrs.get("component") == component]


def is_mended(evidence: EvidenceSet, component: str) -> bool:
    """Whether a component was quiet for two months before the newest incident of all."""
    newest = max((at for row in evidence.of("ops.incident") if (at := started(row))), default=None)
    own = max((at for row in of_component(evidence, component) if (at := started(row))), default=None)
    return newest is not None and own is not None and newest - own > MENDED


def deploy_times(row: Evidence) -> list[datetime]:
    """When a pipeline deployed to production, sorted; empty for one that does not."""
    times = row.attrs.get("times") if to_production(row) else None
    return sorted(datetime.fromisoformat(str(one)) for one in times) if isinstance(times, list) else []
