"""What a verdict may rest on: the policy, the numbers, the answers of the client, and what the rules found."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from reviews.capacity.inputs import Figure, Inputs, Missing
from reviews.capacity.measured import measured
from reviews.capacity.policy import Policy

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """`answers`: check id to "yes", "no", "partly" or "n/a". `findings`, `clear`, `not_assessed`: rows of the document.

    `inputs` hold the use of resources as well (`reviews.capacity.measured.with_use`).
    """

    policy: Policy
    inputs: Inputs
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    findings: Sequence[Row] = ()
    clear: Sequence[Row] = ()
    not_assessed: Sequence[Row] = ()

    def measured(self, key: str) -> Figure | Missing:
        """The number of a measure, or what it needs."""
        return measured(self.inputs, key)

    def number(self, key: str) -> float | None:
        """The value of a measure, None when it is not known."""
        found = self.measured(key)
        return None if isinstance(found, Missing) else found.value

    def hits(self, names: Collection[str]) -> list[Row]:
        """Findings of these mechanisms or rules, most important first; a symptom counts with its cause."""
        found = [row for row in self.findings if _is(row, names) and row.get("counts", True)]
        return sorted(found, key=lambda row: row["rank"])

    def looked(self, names: Collection[str]) -> list[Row]:
        """Rules of these mechanisms, or with these ids, that looked and found nothing."""
        return [row for row in self.clear if _is(row, names)]


def _is(row: Row, names: Collection[str]) -> bool:
    return row["mechanism"] in names or row["rule"] in names
