"""The panel "Try a burst": prefilled from what is known, answered with and without a script, refused in words."""

from dataclasses import replace

import pytest
from django.test import Client as Browser

from reviews.services.engagements import apply_intake, intake_of
from tests.cast import Cast
from tests.reviews.capacity.stress_audit import audit

PAGE = "/engagements/HB-1/capacity/"
BURST = f"{PAGE}burst/"
WORKER = {"station": "stated:stats worker"}
HERD = WORKER | {"shape": "herd", "rate": "0", "count": "500", "again": "0", "failing": "0", "first": "0"}


@pytest.fixture
def shop(cast: Cast) -> Cast:
    stated, mine = audit(), intake_of(cast.engagement)
    apply_intake(engagement=cast.engagement, intake=replace(mine, capacity=stated.capacity, stack=stated.stack))
    return cast


def text(browser: Browser, given: dict[str, str], htmx: bool = True) -> str:
    answer = browser.get(BURST, given, headers={"HX-Request": "true"} if htmx else {})
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_stranger_learns_nothing_and_nothing_is_simulated(shop: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.views.capacity.panel_of", lambda *_: pytest.fail("it was simulated"))
    assert Browser().get(BURST, HERD).status_code == 404


def test_the_capacity_page_offers_every_station(browser: Browser, shop: Cast) -> None:
    page = browser.get(PAGE).content.decode()
    assert "Try a burst" in page
    assert '<option value="stated:stats worker"' in page
    assert "What came out" not in page


def test_choosing_a_station_fills_in_what_is_known(browser: Browser, shop: Cast) -> None:
    fragment = text(browser, WORKER)
    assert fragment.lstrip().startswith('<section class="ll-panel" id="burst"')
    assert '<option value="herd" selected>' in fragment
    assert 'name="count" value="500"' in fragment
    assert "What came out" not in fragment


@pytest.mark.parametrize("htmx", [True, False])
def test_a_herd_is_answered_with_the_closed_form_beside(htmx: bool, browser: Browser, shop: Cast) -> None:
    page = text(browser, HERD, htmx)
    assert ("<h1>" in page) is not htmx
    assert "Until all of them are through" in page
    assert "(calls ÷ (slots ÷ hold time))" in page
    assert "95 % interval" in page


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"count": "90000"}, "try fewer calls at once"),
        ({"count": ""}, "Calls at once must be a whole number of at least 1"),
        ({"shape": "burst"}, "Seconds of the burst must be above 0"),
        ({"again": "21"}, "less than or equal to 20"),
        ({"rate": "many"}, "Enter a number"),
    ],
)
def test_what_cannot_be_tried_says_what_to_change(
    changed: dict[str, str], words: str, browser: Browser, shop: Cast
) -> None:
    fragment = text(browser, HERD | changed)
    assert words in fragment
    assert "What came out" not in fragment


def test_without_a_station_it_says_what_is_needed(browser: Browser, cast: Cast) -> None:
    assert "no part of the system has both slots and a known time" in text(browser, HERD)
