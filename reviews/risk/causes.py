"""Which finding is behind which: the declared table, the evidence that meets, and the reason in words."""

from collections.abc import Mapping, Sequence

from reviews.risk.cause_table import TABLE, Because
from reviews.risk.meets import Found, Scene

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
    links: Links = {}
    for (cause, symptom), row in CAUSES.items():
        for below in by_mechanism.get(symptom, ()):
            for above in by_mechanism.get(cause, ()):
                if row.meets(found[above], found[below], scene):
                    links.setdefault(below, {})[above] = row.reason
    return links
