"""Workflows and deployments as rules see them: which of them bring a change to production."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Hit, Subject, Threshold
from telemetry.rules.numbers import Told

# Previews, and pages of documentation that GitHub publishes by an action of its own, carry no customer.
_ASIDE = re.compile(r"preview|staging|\bdev(?:elopment)?\b|\btest\b|github-pages|\bdocs?\b|storybook|\bpages\b", re.I)


def workflows(evidence: EvidenceSet) -> list[Evidence]:
    """Every workflow, in the order of files."""
    return sorted(evidence.of("repo.workflow"), key=lambda row: (row.file, row.subject))


def deploys(row: Evidence) -> bool:
    """Whether a workflow deploys something that customers use, by its steps and its name."""
    step = row.places["deploys"].quote if "deploys" in row.places else ""
    return row.metrics.get("deploys", 0.0) > 0 and not _ASIDE.search(f"{row.subject} {step}")


def to_production(row: Evidence) -> bool:
    """Whether deployments of a pipeline go to production, by its name; runs of checks are no deployments."""
    return bool(row.attrs.get("deploys")) and not _ASIDE.search(row.subject)


@dataclass(frozen=True)
class WorkflowFault:
    """One hit for each workflow that `where` admits, with one metric over the limit. Call it as a rule's check.

    `said` may hold {name}, the workflow, and {value}, the metric, which is cited.
    """

    metric: str
    where: Callable[[Evidence], bool]
    title: str
    said: str
    also: tuple[str, ...] = ()
    snippet: str = ""

    def __call__(self, evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
        seen: set[str] = set()
        for row in workflows(evidence):
            if row.subject in seen or row.metrics.get(self.metric, 0.0) <= threshold.value or not self.where(row):
                continue
            seen.add(row.subject)
            told = Told()
            said = self.said.format(name=row.subject, value=told(row, self.metric))
            told.also(row, *self.also)
            subject = Subject("pipeline", row.subject)
            yield Hit(subject, self.title, said, told.cites, threshold.value, snippet=self.snippet)
