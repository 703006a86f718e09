"""Which thresholds this review uses: one named profile per engagement, because published guides contradict each other.

`policy_of(name)` gives the thresholds; what the chosen profile does not name is answered by the others in their order,
and says so. `policy_row(policy)` is what the document holds under `capacity.policy`:

    {"name", "title", "suits", "source", "grade": "stated" | "assumed", "said",
     "driver", "phases_source", "near", "on_the_way",
     "thresholds": [{"measure", "title", "direction": "above" | "below", "value", "unit", "role", "phase", "use",
                     "action", "minutes", "source", "profile", "own": bool,
                     "others": [{"profile", "value", "unit", "direction", "role", "use", "phase", "source",
                                 "differs"}]}],
     "disagreements": int,            # thresholds that another profile sets differently
     "change": {"author", "at", "reason", "before": {"name", "title", "grade"}} | None,   # a consultant chose
     "profiles": [{"name", "title", "suits", "source"}]}
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from reviews.capacity.inputs import Change
from reviews.capacity.measured import measure_of
from reviews.capacity.policies import DEFAULT, PROFILES
from reviews.capacity.policies.base import CRITERION, NEAR, ON_THE_WAY, Profile, Threshold

Row = dict[str, Any]
Chosen = tuple[str, Change]  # the name of a profile, and who chose it
TITLE = "Profile of thresholds"


@dataclass(frozen=True, slots=True)
class Policy:
    """A chosen profile. `stated` is False when nobody chose and the default stands in.

    `change`: a consultant chose it in place of `instead`, which is what holds without them.
    """

    profile: Profile
    stated: bool
    change: Change | None = None
    instead: "Policy | None" = None

    @property
    def grade(self) -> str:
        """The grade as a word."""
        return "stated" if self.stated else "assumed"

    def thresholds(self) -> Iterator[tuple[Threshold, Profile]]:
        """Own thresholds first, then those of the others for questions that were not answered yet."""
        answered: set[tuple[str, str, int, str]] = set()
        for profile in self.order():
            for threshold in profile.thresholds:
                if threshold.key not in answered:
                    answered.add(threshold.key)
                    yield threshold, profile

    def criteria(self, use: str) -> tuple[Threshold, ...]:
        """The limits that decide on a technology: all of the first profile that names any, never a mixture."""
        for profile in self.order():
            found = tuple(entry for entry in profile.thresholds if (entry.role, entry.use) == (CRITERION, use))
            if found:
                return found
        return ()

    def order(self) -> tuple[Profile, ...]:
        """The chosen profile, then the others."""
        return self.profile, *(entry for entry in PROFILES if entry is not self.profile)


def names() -> tuple[str, ...]:
    """The names a client's intake may choose from."""
    return tuple(profile.name for profile in PROFILES)


def policy_of(name: str | None) -> Policy:
    """The policy of a name, the default when nobody chose; KeyError says which names there are."""
    for profile in PROFILES:
        if profile.name == (name or DEFAULT):
            return Policy(profile, bool(name))
    raise KeyError(f"There is no policy {name!r}; known are {', '.join(names())}")


def chosen_policy(name: str | None, chosen: Chosen | None) -> Policy:
    """The policy that the intake names, or in its place the one that a consultant chose."""
    stated = policy_of(name)
    return stated if chosen is None else replace(policy_of(chosen[0]), change=chosen[1], instead=stated)


def policy_row(policy: Policy) -> Row:
    """The chosen profile with what the others say; the shape stands in the module's docstring."""
    thresholds = [_threshold_row(threshold, profile, policy) for threshold, profile in policy.thresholds()]
    profile = policy.profile
    return {
        "name": profile.name,
        "title": profile.title,
        "suits": profile.suits,
        "source": profile.source,
        "grade": policy.grade,
        "said": _said(policy),
        "driver": profile.driver,
        "phases_source": profile.phases_source,
        "near": NEAR,
        "on_the_way": ON_THE_WAY,
        "thresholds": thresholds,
        "disagreements": sum(any(other["differs"] for other in row["others"]) for row in thresholds),
        "change": _change_row(policy),
        "profiles": [
            {"name": one.name, "title": one.title, "suits": one.suits, "source": one.source} for one in PROFILES
        ],
    }


def _change_row(policy: Policy) -> Row | None:
    if policy.change is None or policy.instead is None:
        return None
    before = {"name": policy.instead.profile.name, "title": policy.instead.profile.title, "grade": policy.instead.grade}
    change = policy.change
    return {"author": change.author, "at": change.at, "reason": change.reason, "before": before}


def _said(policy: Policy) -> str:
    suits = f"{policy.profile.title}: for {policy.profile.suits}."
    if policy.change and policy.instead:
        why = f": {policy.change.reason.rstrip('.')}" if policy.change.reason else ""
        before = f"{policy.instead.profile.title} ({policy.instead.grade})"
        return f"Chosen by {policy.change.author} in place of {before}{why}. {suits}"
    if policy.stated:
        return f"Chosen for this engagement. {suits}"
    others = ", ".join(name for name in names() if name != policy.profile.name)
    return f"Assumed, because the intake names no policy. {suits} Others: {others}."


def _threshold_row(threshold: Threshold, profile: Profile, policy: Policy) -> Row:
    return _printed(threshold) | {
        "title": measure_of(threshold.measure).title,
        "measure": threshold.measure,
        "action": threshold.action,
        "minutes": threshold.minutes,
        "profile": profile.name,
        "own": profile is policy.profile,
        "others": [
            _printed(other) | {"profile": entry.name, "differs": _differs(other, threshold)}
            for entry in PROFILES
            if entry is not profile
            for other in entry.thresholds
            if other.measure == threshold.measure and (other.role, other.use) == (threshold.role, threshold.use)
        ],
    }


def _differs(other: Threshold, threshold: Threshold) -> bool:
    """A product may be held to more in a later phase; only within one phase two limits contradict each other."""
    return other.phase == threshold.phase and other.value != threshold.value


def _printed(threshold: Threshold) -> Row:
    return {
        "value": threshold.value,
        "unit": measure_of(threshold.measure).unit,
        "direction": threshold.direction,
        "role": threshold.role,
        "use": threshold.use,
        "phase": threshold.phase,
        "source": threshold.source,
    }
