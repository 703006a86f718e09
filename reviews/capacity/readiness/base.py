"""The words of the readiness scorecard: a check that is true or not, and the dimension it counts for."""

from dataclasses import dataclass

# What a check weighs: its failure stops users or loses money or data; it limits growth; it is good housekeeping.
STOPS, LIMITS, KEEPS = 3.0, 2.0, 1.0
# The client's answer that a check does not apply to its system: there are no tenants, nothing is charged.
NOT_APPLICABLE = "n/a"


@dataclass(frozen=True, slots=True)
class Check:
    """A statement that holds in a system that is ready.

    `id` is the key under [checks] of an intake. `rules`: mechanisms or rule ids whose findings deny it. Without rules
    only the client can answer. `source`: which guide asks for it.

    `measured` makes it a condition (queues drain, disks have room): the parts of what it says, each the ids of rules
    that measure this part. Their silence, where they looked, affirms the part. Several rules share a part only where
    each measures the same thing from another export, so that one is enough; of different things each is a part of its
    own, or an export that was not sent would hide behind its sibling. A rule whose silence is implied by another's (a
    pooler that nobody waits for turns nobody away), or that sees one moment where another saw the day, may deny and is
    no part.

    Without `measured` it is a control, a protection or a practice (a rate limit, a tested way back). Rules see only
    what its lack leads to, or a few of the places where it may lack: that nobody tried passwords does not show a limit,
    that no deployment failed does not show a way back. Their findings deny it, their silence says nothing, and only the
    client's word affirms it.
    """

    id: str
    text: str
    weight: float
    source: str
    rules: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dimension:
    """A part of readiness with its own score."""

    slug: str
    title: str
    checks: tuple[Check, ...]
