"""Severities that were set before there was a ledger are its first entries, stale ones stale."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.cast import machine

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE, AFTER = [("reviews", "0004_overrides")], [("reviews", "0006_overrides_are_frozen")]
REASON = "The table is archived in May, the customer says."


def migrate(target: list[tuple[str, str]]) -> object:
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


def test_what_was_set_is_kept_with_its_author_and_reason() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("reviews")
    try:
        check_the_way_there_and_back()
    finally:
        migrate(newest)


def check_the_way_there_and_back() -> None:
    old = migrate(BEFORE)
    user = old.get_model("auth", "User").objects.create(username="ann", first_name="Ann", last_name="Reed")
    client = old.get_model("reviews", "Client").objects.create(name="Harbor")
    engagement = old.get_model("reviews", "Engagement").objects.create(code="HB-1", title="Review", client=client)
    for code, was, reason in (("f1", "high", REASON), ("f2", "medium", "Too short.")):
        old.get_model("reviews", "Finding").objects.create(
            engagement=engagement, key=code, code=code, rule="PG001", area="postgres", mechanism="missing-index",
            severity="high", rank=1, machine=machine(code), last_seen=timezone.now(), severity_override="low",
            overridden_from=was, override_reason=reason, edited_by=user,
        )  # fmt: skip
    new = migrate(AFTER)
    first, second = new.get_model("reviews", "Finding").objects.order_by("code")
    assert (first.set_severity, first.stale, second.set_severity, second.stale) == ("low", False, "low", True)
    entries = new.get_model("reviews", "RiskOverride").objects.order_by("finding__code")
    assert [(row.computed, row.value, row.author_name, row.author_id) for row in entries] == [
        ("high", "low", "Ann Reed", user.pk),
        ("medium", "low", "Ann Reed", user.pk),
    ]
    assert entries[0].reason == REASON
    assert entries[1].reason.startswith("Too short.")
    assert len(entries[1].reason) >= 30
    back = migrate(BEFORE).get_model("reviews", "Finding").objects.get(code="f1")
    assert (back.severity_override, back.overridden_from, back.override_reason) == ("low", "high", REASON)
