"""Putting work on another day."""

import pytest
from django.test import Client as Browser

from tests.cast import Cast, make_plan_item
from tickets.models import PlanItem


@pytest.fixture
def card(cast: Cast) -> PlanItem:
    return make_plan_item(cast.engagement)


def move(browser: Browser, card: PlanItem, day: object, **headers: str) -> object:
    return browser.post(f"/engagements/HB-1/plan/{card.pk}/move/", {"day": day}, headers=headers)


def test_a_card_goes_where_it_was_put(browser: Browser, card: PlanItem) -> None:
    page = move(browser, card, 1, **{"HX-Request": "true"}).content.decode()  # type: ignore[attr-defined]
    day_one = page.split('data-day="2"')[0]
    assert page.lstrip().startswith('<div id="plan"')
    assert "Create the index" in day_one
    card.refresh_from_db()
    assert card.shown_day == 1


@pytest.mark.parametrize("day", [9, "", "monday"])
def test_a_day_that_does_not_exist_changes_nothing(day: object, browser: Browser, card: PlanItem) -> None:
    assert move(browser, card, day).status_code == 302  # type: ignore[attr-defined]
    card.refresh_from_db()
    assert card.shown_day == 3


def test_too_much_work_for_the_day_is_said(browser: Browser, card: PlanItem, cast: Cast) -> None:
    make_plan_item(cast.engagement, key="rule:X", hours=40.0, title="A week of work")
    assert "More than these people have." in browser.get("/engagements/HB-1/plan/").content.decode()
