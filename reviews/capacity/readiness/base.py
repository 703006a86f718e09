"""The words of the readiness scorecard: a check that is true or not, and the dimension it counts for."""

from dataclasses import dataclass

# What a check weighs: its failure stops users or loses money or data; it limits growth; it is good housekeeping.
STOPS, LIMITS, KEEPS = 3.0, 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Check:
    """A statement that holds in a system that is ready.

    `id` is the key under [checks] of an intake. `rules`: mechanisms or rule ids whose findings deny it and whose
    silence, where they looked, affirms it. Without rules only the client can answer. `source`: which guide asks for it.
    """

    id: str
    text: str
    weight: float
    source: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dimension:
    """A part of readiness with its own score."""

    slug: str
    title: str
    checks: tuple[Check, ...]
