"""Whether an incident speaks of what a finding is about: a control that is missing there has been missed before."""

import re

from reviews.risk.names import queues_of, routes_of, tables_of
from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Hit
from telemetry.rules.code_tables import stem
from telemetry.rules.incidents import UNNAMED, is_mended

# Words for a part of any system: an incident of "api" speaks of no route in particular.
_ANY = frozenset(
    {"api", "app", "web", "server", "service", "database", "backend", "frontend", "site", "system", "platform"}
    | {"production", "main", "infrastructure", "data", "user", "page"}
)
SHORTEST = 4  # letters of a word that means something


def incident_at(hit: Hit, evidence: EvidenceSet) -> str:
    """The component of incidents whose every telling word stands in the finding's names; "" when there is none.

    A component that was quiet for two months, while others failed, counts as mended.
    """
    names = (hit.subject.name, *routes_of(hit), *tables_of(hit), *queues_of(hit))
    words = {word for name in names for word in words_of(name)}
    for row in evidence.of("ops.component"):
        told = words_of(row.subject) if row.subject.lower() not in UNNAMED else set()
        if told and told <= words and not is_mended(evidence, row.subject):
            return row.subject
    return ""


def words_of(name: str) -> set[str]:
    """The telling words of a name, in the singular: "payments-worker" gives payment and worker."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return {stem(word) for word in words if len(word) >= SHORTEST} - _ANY
