"""From hits to one ranked list: merge what is the same, link symptoms to causes, score, order.

Everything here depends on the set of hits only, never on their order.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from reviews.intake import Flow
from reviews.risk.causes import Found, Scene, causes_of
from reviews.risk.confidence import Assurance, assure, is_written, window_of
from reviews.risk.flows import Traffic, expose, named, traffic_of
from reviews.risk.incidents import incident_at
from reviews.risk.joins import Joins, joins_of
from reviews.risk.matrix import proximity_of
from reviews.risk.score import Inputs, Score, score
from reviews.risk.served import with_served
from reviews.risk.timing import timing_of
from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Hit, Outcome, Rule

T = TypeVar("T")
KEY_LENGTH = 300
# Mechanisms where an observed breach is money lost or doubled, or a tenant's rows read by another.
MONEY_MECHANISMS = frozenset({"duplicate-delivery", "double-counting", "missing-tenant-filter"})


@dataclass(frozen=True, slots=True)
class Risk:
    """A place on the risk map: the hit that decides, with the evidence and reach of every rule that saw the same.

    `counted` is the score that places it: its own, or the one of its worst symptom, whose title is `lifted_by`.
    """

    found: Found
    inputs: Inputs
    own: Score
    counted: Score
    assurance: Assurance
    rules: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    because: tuple[str, ...] = ()  # one reason for each of the causes
    symptoms: tuple[str, ...] = ()
    lifted_by: str = ""
    rank: int = field(default=0)

    @property
    def key(self) -> str:
        """Stable name of the finding."""
        return key_of(self.found)

    @property
    def code(self) -> str:
        """Short stable name, the same in every run: ten characters."""
        return code_of(self.key)

    @property
    def rule(self) -> Rule:
        """The rule that decides."""
        return self.found.rule

    @property
    def hit(self) -> Hit:
        """The hit that decides."""
        return self.found.hit


def key_of(found: Found) -> str:
    """Stable name of a hit: mechanism, subject kind, subject.

    Not the rule: several rules may see the same failure of the same subject, which is one finding. Its name must not
    change when another file lets another of them decide, or a consultant's words would hang on a name that is gone.
    """
    subject = found.hit.subject
    key = f"{found.rule.mechanism}:{subject.kind}:{subject.name}"
    return key if len(key) <= KEY_LENGTH else f"{key[: KEY_LENGTH - 20]}~{_digest(key)[:16]}"


def code_of(key: str) -> str:
    """A key as ten characters."""
    return "F" + _digest(key)[:9]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def rank_hits(outcomes: Sequence[Outcome], evidence: EvidenceSet, flows: Sequence[Flow]) -> list[Risk]:
    """Every risk the outcomes hold, most pressing first, causes before their symptoms."""
    flows = with_served(flows, evidence)
    traffic, joins = named(traffic_of(evidence)), joins_of(evidence)
    hits = [Found(outcome.rule, hit) for outcome in outcomes for hit in outcome.hits]
    risks = _merge([_risk(found, evidence, flows, traffic, joins) for found in hits])
    linked = _lift(_link(risks, Scene(flows, timing_of(evidence), joins)))
    return [replace(risk, rank=place) for place, risk in enumerate(_order(linked), 1)]


def _risk(found: Found, evidence: EvidenceSet, flows: Sequence[Flow], traffic: Traffic, joins: Joins) -> Risk:
    rule, hit = found.rule, found.hit
    inputs = Inputs(
        exposures=expose(hit, flows, traffic, joins),
        degradation=rule.degradation if hit.degradation is None else hit.degradation,
        proximity=proximity_of(hit.breach, hit.utilisation, hit.days_to_limit, incident_at(hit, evidence)),
        removes=rule.removes,
        effort_days=rule.effort.likely,
        money=hit.breach and rule.mechanism in MONEY_MECHANISMS,
    )
    own = score(inputs)
    return Risk(found, inputs, own, own, _assurance(hit, own, evidence))


def _assurance(hit: Hit, own: Score, evidence: EvidenceSet) -> Assurance:
    """By the kind that decides; where another file says the same of the same subject, by the better of them."""
    subject = hit.cites[0].evidence.subject
    kinds = dict.fromkeys(cite.evidence.kind for cite in hit.cites if cite.evidence.subject == subject)
    answers = [assure(own.decisive, window_of(kind, evidence), is_written(kind)) for kind in kinds]
    return max(answers, key=lambda answer: answer.confidence)


def _merge(risks: Sequence[Risk]) -> list[Risk]:
    """One risk for each mechanism and subject. The worst decides; the best confidence of them holds for all."""
    groups: dict[str, list[Risk]] = {}
    for risk in sorted(risks, key=lambda risk: (order_key(risk), _content(risk.hit))):
        groups.setdefault(risk.key, []).append(risk)
    return [_merge_group(group) for group in groups.values()]


def _content(hit: Hit) -> str:
    """What tells two hits of one rule about one subject apart when they score the same."""
    places = [(cite.evidence.file, cite.evidence.place_of(cite.metric), cite.metric) for cite in hit.cites]
    return repr((hit.said, hit.title, hit.routes, hit.tables, hit.queues, places, hit.snippet))


def _merge_group(group: Sequence[Risk]) -> Risk:
    best = max((risk.assurance for risk in group), key=lambda assurance: assurance.confidence)
    hits = [risk.hit for risk in group]
    reach = replace(
        hits[0],
        cites=_union(hit.cites for hit in hits),
        routes=_union(hit.routes for hit in hits),
        tables=_union(hit.tables for hit in hits),
        queues=_union(hit.queues for hit in hits),
    )
    rules = tuple(sorted({risk.rule.id for risk in group}))
    return replace(group[0], found=Found(group[0].rule, reach), assurance=best, rules=rules)


def _union(parts: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    """Every entry once, in the order of the parts; evidence cannot be hashed, so equality decides."""
    union: list[T] = []
    for entry in (entry for part in parts for entry in part):
        if entry not in union:
            union.append(entry)
    return tuple(union)


def _link(risks: Sequence[Risk], scene: Scene) -> list[Risk]:
    links = causes_of([risk.found for risk in risks], scene)
    keys = [risk.key for risk in risks]
    symptoms: dict[int, list[str]] = {}
    for place, causes in links.items():
        for above in causes:
            symptoms.setdefault(above, []).append(keys[place])
    linked = []
    for place, risk in enumerate(risks):
        named = sorted((keys[cause], reason) for cause, reason in links.get(place, {}).items())
        above_it, because = tuple(key for key, _ in named), tuple(reason for _, reason in named)
        below = tuple(sorted(symptoms.get(place, ())))
        linked.append(replace(risk, causes=above_it, because=because, symptoms=below))
    return linked


def _lift(risks: Sequence[Risk]) -> list[Risk]:
    """A cause stands at least where its worst symptom stands: the symptom is the damage it already does.

    It takes over impact, proximity and severity as one; leverage is computed anew with the cause's own fix. What the
    symptom puts at risk is then counted with the cause, and not again with the symptom.
    """
    by_key = {risk.key: risk for risk in risks}
    done: dict[str, Risk] = {}

    def lifted(key: str) -> Risk:
        if key not in done:
            below = [lifted(symptom) for symptom in by_key[key].symptoms]
            done[key] = _take_over(by_key[key], below)
        return done[key]

    return [lifted(risk.key) for risk in risks]


def _weight(score: Score) -> tuple[int, float]:
    return score.severity, score.expected


def _take_over(risk: Risk, symptoms: Sequence[Risk]) -> Risk:
    worst = max(symptoms, key=lambda symptom: (*_weight(symptom.counted), symptom.key), default=None)
    if worst is None or _weight(worst.counted) <= _weight(risk.own):
        return risk
    leverage = worst.counted.expected * risk.inputs.removes / max(risk.inputs.effort_days, 0.125)
    counted = replace(worst.counted, leverage=leverage, cap="")
    return replace(risk, counted=counted, lifted_by=worst.hit.title)


def order_key(risk: Risk) -> tuple[float, float, float, int, int, str, str]:
    """Severity, the middle of its range, leverage, impact, proximity, then the stable key."""
    counted = risk.counted
    middle = (counted.low + counted.high) / 2
    return (-counted.severity, -middle, -counted.leverage, -counted.impact, -counted.proximity, risk.key, risk.rule.id)


def _order(risks: Sequence[Risk]) -> list[Risk]:
    """By `order_key`, but a cause always before what it causes."""
    by_key: Mapping[str, Risk] = {risk.key: risk for risk in risks}
    placed: dict[str, Risk] = {}

    def place(risk: Risk) -> None:
        for cause in sorted((by_key[key] for key in risk.causes), key=order_key):
            if cause.key not in placed:
                place(cause)
        placed[risk.key] = risk

    for risk in sorted(risks, key=order_key):
        if risk.key not in placed:
            place(risk)
    return list(placed.values())
