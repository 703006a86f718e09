"""The ledger of capacity inputs: change one, take the last change back. Every act is a new row."""

import math
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction

from reviews.capacity.catalogue import known, title_of, unit_of
from reviews.capacity.inputs import Change
from reviews.capacity.policy import TITLE, Chosen, names
from reviews.intake_fields import SMALLEST, growth
from reviews.models import CapacityChange, Engagement
from reviews.models.capacity import POLICY
from reviews.services.edits import EditError

Before = dict[str, Any]

LARGEST = 1e15
KEY_LENGTH, TITLE_LENGTH, TEXT_LENGTH = 200, 200, 300


class Held(NamedTuple):
    """What holds of the ledger: inputs by key with who set them, and the policy when one was chosen."""

    changes: dict[str, tuple[float, Change]]
    policy: Chosen | None


@transaction.atomic
def change_input(
    *, engagement: Engagement, key: str, value: float | None, before: Before, reason: str, user: User
) -> CapacityChange:
    """Set an input by hand, or with None let what files and intake say hold again. EditError names what is wrong.

    `before` is what stood there: value, unit and grade of the model's input, None where nobody knew it.
    """
    if known(key) is None or len(key) > KEY_LENGTH:
        raise EditError("key", "No number of the model has this name. Reload the page to see those that it has.")
    if value is not None:
        _check(value, key)
    _lock(engagement)
    title = title_of(key)[:TITLE_LENGTH]
    return _add(engagement, user, key=key, title=title, value=value, before=before, reason=reason.strip()[:TEXT_LENGTH])


@transaction.atomic
def choose_policy(*, engagement: Engagement, name: str, before: Before, reason: str, user: User) -> CapacityChange:
    """Choose the profile of thresholds by its name, or with "" leave it to the intake.

    `before` names what stood there and its grade: {"value": name, "unit": None, "grade"}.
    """
    if name and name not in names():
        raise EditError(POLICY, f"There is no profile {name!r}; known are {', '.join(names())}.")
    _lock(engagement)
    facts = {"key": POLICY, "title": TITLE, "choice": name, "before": before}
    return _add(engagement, user, **facts, reason=reason.strip()[:TEXT_LENGTH])


@transaction.atomic
def undo_change(*, engagement: Engagement, user: User) -> CapacityChange | None:
    """Take the newest change back that was not taken back yet; None when there is none.

    The row before it for the same input says what holds then. An undo is not undone: the value can be set again.
    """
    _lock(engagement)
    last = undoable(engagement)
    if last is None:
        return None
    earlier = engagement.capacity_changes.filter(key=last.key, pk__lt=last.pk).first()
    return _add(
        engagement,
        user,
        key=last.key,
        title=last.title,
        value=earlier.value if earlier else None,
        choice=earlier.choice if earlier else "",
        before={"value": last.choice or last.value, "unit": last.before.get("unit"), "grade": "stated"},
        reason="Taken back",
        undoes=last,
    )


def undoable(engagement: Engagement) -> CapacityChange | None:
    """The change that an undo would take back."""
    return engagement.capacity_changes.filter(undoes=None, undone_by=None).first()


def held(engagement: Engagement) -> Held:
    """What holds now; keys whose last row has no value are left to files and intake, as is a policy that is gone."""
    newest = {row.key: row for row in engagement.capacity_changes.order_by("pk")}
    chosen = newest.pop(POLICY, None)
    changes = {key: (row.value, _words(row)) for key, row in newest.items() if row.value is not None}
    return Held(changes, (chosen.choice, _words(chosen)) if chosen and chosen.choice in names() else None)


def _words(row: CapacityChange) -> Change:
    return Change(row.by, row.at.isoformat(), row.reason, None)


def _check(value: float, key: str) -> None:
    if not math.isfinite(value) or abs(value) > LARGEST:
        raise EditError("value", f"Give a number below {LARGEST:,.0f}.")
    if 0 < abs(value) < SMALLEST:
        raise EditError("value", f"Give 0, or a number of at least {SMALLEST:g}.")
    if key.endswith(".growth"):
        _check_growth(value)
    elif value < 0:
        raise EditError("value", "A capacity or a load cannot be below 0.")
    elif unit_of(key) == "share" and value > 1:
        raise EditError("value", f"A share lies between 0 and 1; {value:g} % is {value / 100:g}.")


def _check_growth(value: float) -> None:
    try:
        growth(value)
    except ValueError as problem:
        raise EditError("value", f"Growth a month {problem}.") from problem


def _lock(engagement: Engagement) -> None:
    """Two people's acts follow one another, so that an undo takes back what its person saw."""
    Engagement.objects.select_for_update(no_key=True, of=("self",)).get(pk=engagement.pk)


def _add(engagement: Engagement, user: User, **facts: object) -> CapacityChange:
    return CapacityChange.objects.create(engagement=engagement, author=user, author_name=user.get_full_name(), **facts)
