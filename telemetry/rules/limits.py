"""Routes that the code leaves open to any number of calls, unless an access log shows that something limits them."""

from collections.abc import Iterator
from dataclasses import dataclass

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Hit, Threshold
from telemetry.rules.places import Places, not_judged, places

SMELL = "no_rate_limit"
_LOGS = ("http.route", "function.route")


@dataclass(frozen=True)
class Open:
    """One hit for each route of a sort ("sign-in", "ai", "search") without a limiter. Call it as a rule's check."""

    sort: str
    title: str
    said: str
    snippet: str = ""

    def __call__(self, evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
        found = [row for row in places(evidence, SMELL, threshold.value) if row.attrs.get("sort") == self.sort]
        wording = Places(SMELL, "route", self.title, self.said, snippet=self.snippet)
        for name in sorted({row.subject for row in found} - limited_routes(evidence)):
            yield wording.hit(name, [row for row in found if row.subject == name], threshold.value)
        if not found and (doubt := not_judged(evidence, SMELL)):
            yield doubt


def limited_routes(evidence: EvidenceSet) -> set[str]:
    """Routes that answered 429: a proxy or the platform limits them, whatever the code says."""
    return {row.subject for kind in _LOGS for row in evidence.having(kind, "status_429") if row.metrics["status_429"]}
