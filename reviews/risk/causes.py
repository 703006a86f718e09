"""Which finding is behind which: the declared table, the evidence that meets, and the reason in words."""

from collections.abc import Callable, Mapping, Sequence

from reviews.risk.cause_table import TABLE, Because
from reviews.risk.meets import BY_NAME, Found, Scene, Token

__all__ = ["CAUSES", "Because", "Found", "Scene", "causes_of"]

CAUSES: Mapping[tuple[str, str], Because] = {
    (cause, symptom): row for row in TABLE for cause in row.causes for symptom in row.symptoms if cause != symptom
}

Links = dict[int, dict[int, str]]


def causes_of(found: Sequence[Found], scene: Scene) -> Links:
    """For each position in `found` its direct causes with the reason; positions without one are left out."""
    by_mechanism: dict[str, list[int]] = {}
    for place, one in enumerate(found):
        by_mechanism.setdefault(one.rule.mechanism, []).append(place)
    named = _by_name(found, scene)
    links: Links = {}
    for (cause, symptom), row in CAUSES.items():
        above = by_mechanism.get(cause)
        for below in by_mechanism.get(symptom, ()) if above else ():
            for other in named(cause, below) if row.meets in BY_NAME else above or ():
                if row.meets(found[other], found[below], scene):
                    links.setdefault(below, {})[other] = row.reason
    return links


def _by_name(found: Sequence[Found], scene: Scene) -> Callable[[str, int], list[int]]:
    """(mechanism, position of a symptom) → positions of that mechanism that share a name with it, in order."""
    holders: dict[str, dict[Token, list[int]]] = {}
    for place, one in enumerate(found):
        held = holders.setdefault(one.rule.mechanism, {})
        for token in scene.touch(one).above():
            held.setdefault(token, []).append(place)
    below = [scene.touch(one).below() for one in found]

    def sharing(mechanism: str, symptom: int) -> list[int]:
        held = holders[mechanism]
        return sorted({place for token in below[symptom] if token in held for place in held[token]})

    return sharing
