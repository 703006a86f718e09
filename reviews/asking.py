"""What to ask the client for next: the exports that answer open questions, the one that unlocks most first.

An export is worth what stands behind the questions it answers: degradation × the share of revenue of the named flows
that such a fault can reach. That is what an answer may turn out to be about, no claim that anything is wrong.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reviews.needs import parser_of, source_of
from reviews.questions import CANNOT_TELL
from telemetry.mechanisms import MECHANISMS
from telemetry.parsers import PARSERS
from telemetry.parsers.base import Parser
from telemetry.rules import RULES
from telemetry.rules.base import Rule

Machine = dict[str, Any]
# A question that another rule has answered already: a second opinion is worth less than a first.
SECOND_OPINION = 0.25
# What a rule's flow has to name so that a fault of this subject can reach it.
_PARTS = {"table": "tables", "query": "tables", "queue": "queues", "task": "queues"}
_PARTS |= {"route": "routes", "endpoint": "routes"}


@dataclass(slots=True)
class _Open:
    """A rule without an answer: what it is worth, and for each missing export the formats that would do."""

    mechanism: str
    worth: float
    needs: list[dict[str, str]]  # format → what to send, one dict for each need
    lacking: int  # needs at the beginning

    @property
    def formats(self) -> set[str]:
        return {name for need in self.needs for name in need}


@dataclass(slots=True)
class Ask:
    """One export to ask for. `again` says that one of this format was sent, but not with what is missing."""

    parser: Parser
    again: bool
    worth: float = 0.0
    mechanisms: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def machine(self) -> Machine:
        """As the machine interface prints it."""
        return {
            "format": self.parser.id,
            "title": self.parser.title,
            "again": self.again,
            "unlocks": round(self.worth, 4),
            "mechanisms": self.mechanisms,
            "needs": self.texts,
            "command": self.parser.how_to_export,
        }


def asks_of(
    flows: Sequence[Mapping[str, Any]],
    questions: Sequence[Machine],
    not_assessed: Sequence[Machine],
    received: Collection[str],
) -> list[Machine]:
    """Exports to ask for, each once, what unlocks most first.

    `flows` are those of the machine interface. A question that lacks two exports counts half for each. Where either of
    two would do, only the one that unlocks more is asked for.
    """
    status = {question["mechanism"]: question["status"] for question in questions}
    rows = sorted(not_assessed, key=lambda row: str(row["rule"]))
    waiting = [entry for row in rows if (entry := _open(row, flows, status)).needs]
    asks: list[Ask] = []
    while waiting:
        worth = _worth(waiting)
        best = max(worth, key=lambda name: (worth[name], -_place(name)))
        asks.append(_ask(best, worth[best], waiting, received))
        for entry in waiting:
            entry.needs = [need for need in entry.needs if best not in need]
        waiting = [entry for entry in waiting if entry.needs]
    return [ask.machine for ask in asks]


def _open(row: Machine, flows: Sequence[Mapping[str, Any]], status: Mapping[str, str]) -> _Open:
    rule = next((rule for rule in RULES if rule.id == row["rule"]), None)
    mechanism = str(row["mechanism"])
    worth = (rule.degradation if rule else 1.0) * reach_of(mechanism, flows)
    if status.get(mechanism, CANNOT_TELL) != CANNOT_TELL:
        worth *= SECOND_OPINION
    needs = [need for metrics in _groups(rule, row) if (need := _formats(metrics))]
    return _Open(mechanism, worth, needs, len(needs))


def _groups(rule: Rule | None, row: Machine) -> list[list[str]]:
    """The missing metrics, those of which one is enough together."""
    metrics = [str(name) for name in row.get("metrics", ())]
    either = {f"{kind}.{metric}" for kind, metric in rule.needs_any} if rule else set()
    together = [name for name in metrics if name in either]
    return [[name] for name in metrics if name not in either] + ([together] if together else [])


def _formats(metrics: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for metric in metrics:
        if parser := parser_of(metric):
            found.setdefault(parser.id, source_of(metric))
    return found


def reach_of(mechanism: str, flows: Sequence[Mapping[str, Any]]) -> float:
    """Share of revenue of the flows that a fault of this kind can reach; 1 without flows.

    A flow without a stated share gets an equal part of what the others leave over, as in the score.
    """
    if not flows:
        return 1.0
    subject = MECHANISMS[mechanism].subject if mechanism in MECHANISMS else ""
    parts = {part for word, part in _PARTS.items() if word in subject}
    left = max(0.0, 1.0 - sum(flow["revenue_share"] or 0.0 for flow in flows))
    silent = sum(flow["revenue_share"] is None for flow in flows)
    reached = [flow for flow in flows if not parts or any(flow.get(part) for part in parts)]
    return sum(left / silent if flow["revenue_share"] is None else flow["revenue_share"] for flow in reached)


def _worth(waiting: Sequence[_Open]) -> dict[str, float]:
    """What each format would unlock: of the rules of one mechanism the one that counts most."""
    best: dict[tuple[str, str], float] = {}
    for entry in waiting:
        for name in entry.formats:
            key = name, entry.mechanism
            best[key] = max(best.get(key, 0.0), entry.worth / entry.lacking)
    worth: dict[str, float] = {}
    for (name, _), value in sorted(best.items()):
        worth[name] = worth.get(name, 0.0) + value
    return worth


def _ask(name: str, worth: float, waiting: Sequence[_Open], received: Collection[str]) -> Ask:
    ask = Ask(next(parser for parser in PARSERS if parser.id == name), name in received, worth)
    mine = sorted((entry for entry in waiting if name in entry.formats), key=lambda entry: -entry.worth)
    ask.mechanisms = list(dict.fromkeys(entry.mechanism for entry in mine))
    ask.texts = list(dict.fromkeys(need[name] for entry in mine for need in entry.needs if name in need))
    return ask


def _place(name: str) -> int:
    return next(place for place, parser in enumerate(PARSERS) if parser.id == name)
