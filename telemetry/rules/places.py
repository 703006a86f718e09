"""Checks about places in source code: what the smells found, put as hits about a route, a queue or the whole code.

Code tells what may happen, not how often: such a hit is a missing control until another source shows the damage.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Hit, Subject, Threshold
from telemetry.rules.numbers import Told

SMELL, CHECK = "code.smell", "code.check"
# What every rule about code needs: that source was read at all. Code without such a place has not that failure.
NEEDS_CODE = (("code.source", "files"),)
CITED = 8  # places of one finding that are quoted


def places(evidence: EvidenceSet, smell: str, limit: float = 0.0) -> list[Evidence]:
    """The places of a smell, in the order of files and lines."""
    found = [row for row in evidence.having(SMELL, smell) if row.metrics[smell] > limit]
    return sorted(found, key=lambda row: (row.file, row.place.line, row.subject))


def not_judged(evidence: EvidenceSet, smell: str) -> CannotTell | None:
    """The doubt that stays when code was sent in part: places of which the rest was not there."""
    rows = [row for row in evidence.of(CHECK) if row.subject == smell and row.metrics.get("unknown", 0.0) > 0]
    return CannotTell(f"the code around the places that could not be judged ({smell})") if rows else None


def names(rows: Iterable[Evidence], attr: str) -> tuple[str, ...]:
    """What an attribute of the rows names, once each: a text, or the texts of a list."""
    found: dict[str, None] = {}
    for row in rows:
        value = row.attrs.get(attr)
        found |= dict.fromkeys(value if isinstance(value, list) else [value] if value else [])
    return tuple(str(name) for name in found)


@dataclass(frozen=True)
class Places:
    """One hit for each subject that a smell stands at. Call it as a rule's check.

    `kind` is the subject's; `title` and `said` may hold {name}, the subject, and the attributes of the smell.
    """

    smell: str
    kind: str
    title: str
    said: str
    where: Callable[[Evidence], bool] = lambda row: True
    touches: str = "routes"  # or "queues": the subject itself is what is touched
    snippet: str = ""

    def __call__(self, evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
        groups: dict[str, list[Evidence]] = {}
        for row in places(evidence, self.smell, threshold.value):
            if self.where(row):
                groups.setdefault(row.subject, []).append(row)
        yield from (self.hit(name, rows, threshold.value) for name, rows in sorted(groups.items()))
        if not groups and (doubt := not_judged(evidence, self.smell)):
            yield doubt

    def hit(self, name: str, rows: list[Evidence], limit: float) -> Hit:
        """The hit about one subject; attributes of all its places are named."""
        told = Told()
        for row in rows[:CITED]:
            told.also(row, self.smell)
        attrs = {attr: " and ".join(names(rows, attr)) for row in rows for attr in row.attrs}
        return Hit(
            subject=Subject(self.kind, name),
            title=self.title.format(name=name),
            said=self.said.format_map({**attrs, "name": name}),
            cites=told.cites,
            limit=limit,
            routes=names(rows, "routes"),
            queues=(name,) if self.touches == "queues" else (),
            snippet=self.snippet,
        )


@dataclass(frozen=True)
class InAll:
    """One hit for the whole code, with how many places it has. Call it as a rule's check.

    `title` and `said` may hold {hits} and {places}; both are cited.
    """

    smell: str
    subject: Subject
    title: str
    said: str
    snippet: str = ""

    def __call__(self, evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
        rows = [row for row in evidence.having(CHECK, "hits", "places") if row.subject == self.smell]
        worst = max(rows, key=lambda row: row.metrics["hits"], default=None)
        if worst is not None and worst.metrics["hits"] > threshold.value:
            yield self._hit(worst, places(evidence, self.smell), threshold.value)
        elif doubt := not_judged(evidence, self.smell):
            yield doubt

    def _hit(self, check: Evidence, found: list[Evidence], limit: float) -> Hit:
        told = Told()
        said = self.said.format(hits=told(check, "hits"), places=told(check, "places"))
        for row in found[:CITED]:
            told.also(row, self.smell)
        return Hit(
            subject=self.subject,
            title=self.title,
            said=said,
            cites=told.cites,
            limit=limit,
            routes=names(found, "routes"),
            snippet=self.snippet,
        )
