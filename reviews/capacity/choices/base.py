"""The words of the right-sizing: a criterion that is met or not, and a technology that waits for its criteria."""

from dataclasses import dataclass

# Slow queries and their kin: repaired before a database gets more machines, of whatever kind.
QUERY_REPAIRS = (
    "missing-index",
    "n-plus-one",
    "slow-query",
    "unbounded-query",
    "offset-pagination",
    "table-bloat",
    "stale-statistics",
    "lock-contention",
    "temp-file-spill",
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """A reason to build something, as a sentence that is true or not.

    It is met by a finding of `rules` (rule ids or mechanisms), or by the answer "yes" to `check`. Criteria that are a
    number come from the policy instead. `required`: without it no other criterion decides.
    """

    text: str
    check: str = ""
    rules: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Technology:
    """Something that is proposed too early more often than too late.

    `seen`: patterns of inputs that show it is already there. `first`: mechanisms to repair before it. `phase`: where
    the published strategies place it. `precondition`: its criteria allow it but are no reason: never "needed now".
    """

    slug: str
    title: str
    skip_until: str
    why: str
    instead: str
    source: str
    phase: int
    criteria: tuple[Criterion, ...] = ()
    first: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    precondition: bool = False
