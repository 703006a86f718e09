"""The ledger of capacity inputs: every act is a row, an undo is one too, and nothing of it can be changed."""

import pytest
from django.db import IntegrityError, connection

from reviews.models import CapacityChange
from reviews.services.capacity import change_input, choose_policy, held, undo_change, undoable
from reviews.services.edits import EditError
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


BEFORE = {"value": 10, "unit": "1", "grade": "measured"}


def change(cast: Cast, value: float | None, key: str = "postgres.pool_size") -> CapacityChange:
    reason = " told in the call "
    return change_input(engagement=cast.engagement, key=key, value=value, before=BEFORE, reason=reason, user=cast.ann)


def values(cast: Cast) -> dict[str, float]:
    return {key: value for key, (value, _) in held(cast.engagement).changes.items()}


def test_the_newest_value_holds_and_says_who_and_why(cast: Cast) -> None:
    cast.ann.first_name, cast.ann.last_name = "Ann", "Reed"
    change(cast, 20)
    change(cast, 25)
    value, said = held(cast.engagement).changes["postgres.pool_size"]
    assert (value, said.author, said.reason) == (25, "Ann Reed", "told in the call")


def test_a_login_name_is_not_printed(cast: Cast) -> None:
    change(cast, 20)
    assert held(cast.engagement).changes["postgres.pool_size"][1].author == "a consultant"


def test_undo_goes_back_one_act_at_a_time(cast: Cast) -> None:
    change(cast, 20)
    change(cast, 0.5, "http.error_share")
    change(cast, 25)
    seen = [values(cast)]
    while undo_change(engagement=cast.engagement, user=cast.ann):
        seen.append(values(cast))
    both = {"postgres.pool_size": 20.0, "http.error_share": 0.5}
    assert seen == [both | {"postgres.pool_size": 25.0}, both, {"postgres.pool_size": 20.0}, {}]
    assert undoable(cast.engagement) is None
    assert cast.engagement.capacity_changes.count() == 6


def test_a_value_can_be_left_to_the_files_again(cast: Cast) -> None:
    change(cast, 20)
    change(cast, None)
    assert values(cast) == {}
    undo_change(engagement=cast.engagement, user=cast.ann)
    assert values(cast) == {"postgres.pool_size": 20.0}


def choose(cast: Cast, name: str) -> CapacityChange:
    before = {"value": "right-sized", "unit": None, "grade": "assumed"}
    return choose_policy(engagement=cast.engagement, name=name, before=before, reason=" their board ", user=cast.ann)


def chosen(cast: Cast) -> str | None:
    policy = held(cast.engagement).policy
    return policy and policy[0]


def test_a_profile_is_chosen_and_taken_back_in_the_same_ledger(cast: Cast) -> None:
    seen = [chosen(cast)]
    for name in ("growth", "strict", ""):
        choose(cast, name)
        seen.append(chosen(cast))
    change(cast, 20)
    assert values(cast) == {"postgres.pool_size": 20.0}
    while undo_change(engagement=cast.engagement, user=cast.ann):
        seen.append(chosen(cast))
    assert seen == [None, "growth", "strict", None, None, "strict", "growth", None]


def test_a_choice_says_who_and_why_and_names_a_profile_that_exists(cast: Cast) -> None:
    cast.ann.first_name, cast.ann.last_name = "Ann", "Reed"
    choose(cast, "strict")
    policy = held(cast.engagement).policy
    assert policy is not None
    assert (policy[1].author, policy[1].reason) == ("Ann Reed", "their board")
    with pytest.raises(EditError, match="known are right-sized"):
        choose(cast, "loose")


@pytest.mark.parametrize(
    ("value", "key", "words"),
    [
        (-1, "http.rps_peak", "below 0"),
        (float("nan"), "http.rps_peak", "Give a number"),
        (1e300, "http.rps_peak", "Give a number"),
        (1e-300, "http.rps_peak", "at least 1e-12"),
        (8, "http.error_share", "0.08"),
        (8, "driver.users.growth", "0.08"),
        (-2, "driver.users.growth", "at least"),
        (1, "no.such.number", "Reload"),
        (1, "resource." + "x" * 300 + ".per", "Reload"),
    ],
)
def test_what_no_input_can_be_is_refused(cast: Cast, value: float, key: str, words: str) -> None:
    with pytest.raises(EditError, match=words):
        change(cast, value, key)
    assert values(cast) == {}


def test_the_database_keeps_every_row(cast: Cast) -> None:
    row = change(cast, 20)
    with connection.cursor() as cursor:
        for sql in ("UPDATE reviews_capacitychange SET value = 5", "DELETE FROM reviews_capacitychange"):
            with pytest.raises(IntegrityError, match="frozen"):
                cursor.execute("SAVEPOINT s"), cursor.execute(sql)
            cursor.execute("ROLLBACK TO SAVEPOINT s")
    assert CapacityChange.objects.get(pk=row.pk).value == 20


def test_the_ledger_goes_with_its_engagement(cast: Cast) -> None:
    change(cast, 20)
    cast.engagement.delete()
    assert not CapacityChange.objects.exists()
