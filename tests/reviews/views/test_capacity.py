"""The capacity page: an answer, numbers that can be changed in place, and what moved by it."""

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.http import HttpResponse
from django.test import Client as Browser

from reviews.capacity_page import field_of, scenario_cards
from reviews.models import CapacityChange
from reviews.report.assumed import model_inputs_view
from reviews.report.context import capacity_now
from reviews.services.engagements import apply_intake, intake_of
from tests.cast import Cast
from tests.reviews.capacity.stress_audit import audit

PAGE = "/engagements/HB-1/capacity/"
SLOTS = "resource.stats worker.slots"


@pytest.fixture
def shop(cast: Cast) -> Cast:
    """The cast's engagement with a system of stated resources."""
    stated = audit()
    mine = intake_of(cast.engagement)
    apply_intake(engagement=cast.engagement, intake=replace(mine, capacity=stated.capacity, stack=stated.stack))
    return cast


def put(browser: Browser, value: str, key: str = SLOTS, htmx: bool = True, reason: str = "") -> HttpResponse:
    headers = {"HX-Request": "true"} if htmx else {}
    return browser.post(f"{PAGE}set/", {"key": key, "value": value, "reason": reason}, headers=headers)


def test_the_first_to_break_stands_first(browser: Browser, shop: Cast) -> None:
    page = browser.get(PAGE).content.decode()
    assert "First to run out: connection pool, at 1.2 × today’s load." in page
    assert page.index("First to run out") < page.index("Scenarios</h2>") < page.index("Numbers behind it")
    assert page.count('id="fold-scenario-') == 7
    assert "stats worker: slots from 5 to 63" in page


def test_what_decides_stands_open_and_every_number_stands_once(browser: Browser, shop: Cast) -> None:
    page = browser.get(PAGE).content.decode()
    folds = re.findall(r'id="fold-([a-z-]+)"( open)?>', page)
    groups = [slug for slug, _ in folds if f'id="group-{slug}"' in page]
    assert [slug for slug, is_open in folds if is_open] == groups[:1] == ["behind-what-breaks-first"]
    first = capacity_now(shop.engagement)["breaking_points"][0]
    inside = page.partition('id="fold-behind-what-breaks-first"')[2].partition("</details>\n")[0]
    assert all(f'name="key" value="{key}"' in inside for key in first["uses"])
    keys = re.findall(r'name="key" value="([^"]+)"', page)
    assert len(keys) == len(set(keys)) >= len(capacity_now(shop.engagement)["inputs"])


def test_a_group_of_which_a_number_was_typed_stands_open(browser: Browser, shop: Cast) -> None:
    fragment = put(browser, "77", key="driver.requests.target").content.decode()
    assert 'id="fold-drivers" open>' in fragment


def test_a_field_shows_no_more_digits_than_were_measured_and_left_alone_changes_nothing(
    browser: Browser, shop: Cast
) -> None:
    row = {"value": 34.57881234, "unit": "1/s", "grade": "measured"}
    assert field_of(row) == "34.58"
    assert field_of(row | {"grade": "stated"}) == "34.5788"


def test_without_a_resource_the_page_says_how_to_get_one(browser: Browser, cast: Cast) -> None:
    page = browser.get(PAGE).content.decode()
    assert "no resource has both a limit and a load" in page
    assert "/engagements/HB-1/intake/" in page


def test_another_value_moves_verdicts_and_dates(browser: Browser, shop: Cast) -> None:
    fragment = put(browser, "500", reason="Bought a fleet").content.decode()
    assert fragment.lstrip().startswith('<div id="capacity"')
    assert "What moved" in fragment
    assert "stats worker: breaks at" in fragment
    assert "Set by a consultant" in fragment
    assert "Bought a fleet. Before: 5, stated." in fragment
    row = CapacityChange.objects.get()
    assert (row.key, row.value, row.before["value"], row.author) == (SLOTS, 500, 5, shop.ann)


def test_a_change_without_a_size_is_said_in_words() -> None:
    nothing = dict.fromkeys(("from", "to", "unit", "used_after"))
    step = {"resource": "r", "change": "another way", "what": "Move the jobs to a Redis of their own"} | nothing
    row = {"title": "Today", "given": "", "verdict": "not known", "reason": "", "first_to_break": [], "needs": []}
    (card,) = scenario_cards({"resources": [{"id": "r", "title": "Memory"}], "scenarios": [row | {"better": [step]}]})
    assert card["better"] == ["Memory: Move the jobs to a Redis of their own"]


def test_undo_brings_the_number_back(browser: Browser, shop: Cast) -> None:
    put(browser, "500")
    fragment = browser.post(f"{PAGE}undo/", headers={"HX-Request": "true"}).content.decode()
    assert "stats worker: breaks at" in fragment
    assert "Undo:" not in fragment
    assert browser.post(f"{PAGE}undo/").status_code == 302
    assert CapacityChange.objects.count() == 2


def test_an_empty_value_leaves_it_to_the_intake(browser: Browser, shop: Cast) -> None:
    put(browser, "500")
    assert "stats worker: breaks at" in put(browser, "").content.decode()
    assert CapacityChange.objects.first().value is None


def test_the_same_value_is_no_change(browser: Browser, shop: Cast) -> None:
    assert "No verdict and no date moved." in put(browser, "5").content.decode()
    assert not CapacityChange.objects.exists()


def test_a_number_that_nobody_knew_can_be_given(browser: Browser, shop: Cast) -> None:
    assert "First to run out" in put(browser, "1000", key="driver.requests.target").content.decode()
    assert CapacityChange.objects.get().before["value"] is None


def fold(fragment: str, group: str = "drivers") -> tuple[str, str]:
    """The numbers of a group that nobody knows: the opening tag of their fold, and what stands in it."""
    rest = fragment.partition(f'id="gaps-{group}"')[2]
    opening, _, inside = rest.partition(">")
    return opening.strip(), inside.partition("</details>")[0]


def test_numbers_that_nobody_knows_are_folded_and_one_that_is_given_leaves_the_fold(
    browser: Browser, shop: Cast
) -> None:
    key, field = "driver.requests.target", 'id="value-driverrequeststarget"'
    opening, inside = fold(browser.get(PAGE).content.decode())
    assert (opening, field in inside, "Stated" in inside) == ("", True, False)
    assert f"<summary>{inside.count('ll-input-form')} not known: state" in inside
    given = put(browser, "1000", key=key).content.decode()
    assert field in given
    assert field not in fold(given)[1]
    for value in ("", "many"):
        back = put(browser, value, key=key).content.decode()
        assert (fold(back)[0], field in fold(back)[1]) == ("open", True)


@pytest.mark.parametrize(
    ("value", "key", "words"),
    [
        ("many", SLOTS, "Give a number, such as 120"),
        ("-1", SLOTS, "cannot be below 0"),
        ("5", "<script>", "No number of the model"),
        ("5", "", "required"),
        ("9" * 41, SLOTS, "at most 40"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    value: str, key: str, words: str, browser: Browser, shop: Cast
) -> None:
    answer = put(browser, value, key)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "<script>" not in answer.content.decode()
    assert not CapacityChange.objects.exists()


def choose(browser: Browser, name: str, reason: str = "") -> HttpResponse:
    return browser.post(f"{PAGE}policy/", {"name": name, "reason": reason}, headers={"HX-Request": "true"})


def test_another_profile_of_thresholds_moves_the_phase_and_stands_in_the_report(browser: Browser, shop: Cast) -> None:
    fragment = choose(browser, "strict", "Their board asks for it.").content.decode()
    assert "<td>Right-sized</td><td>Strict</td>" in fragment
    assert "Set by a consultant" in fragment
    assert "Their board asks for it. Before: Right-sized, assumed." in fragment
    assert '<option value="strict" selected>' in fragment
    outlook = browser.get(f"{PAGE}outlook/").content.decode()
    said = "Chosen by a consultant in place of Right-sized (assumed): Their board asks for it. Strict: for"
    assert said in outlook
    changed = (model_inputs_view(capacity_now(shop.engagement)) or {})["changed"].rows
    assert changed[0][:3] == ("Profile of thresholds", "Right-sized (assumed)", "Strict")


def test_a_profile_is_left_to_the_intake_and_a_strange_one_refused(browser: Browser, shop: Cast) -> None:
    assert "No verdict and no date moved." in choose(browser, "").content.decode()
    choose(browser, "growth")
    assert (
        "<td>Growth</td><td>Right-sized</td>"
        in browser.post(f"{PAGE}undo/", headers={"HX-Request": "true"}).content.decode()
    )
    wrong = choose(browser, "loose")
    assert wrong.status_code == 422
    assert "There is no such profile" in wrong.content.decode()
    assert CapacityChange.objects.count() == 2


def test_without_a_script_the_page_comes_back(browser: Browser, shop: Cast) -> None:
    assert put(browser, "50", htmx=False).url == f"{PAGE}#inputs"  # type: ignore[attr-defined]
    wrong = put(browser, "many", htmx=False)
    assert wrong.status_code == 422
    assert b"<h1>" in wrong.content


def test_the_outlook_prints_what_the_report_will(browser: Browser, shop: Cast) -> None:
    page = browser.get(f"{PAGE}outlook/").content.decode()
    assert '<section class="section" id="right-sizing">' in page
    assert '<section class="section" id="phases">' in page
    assert page.count("<svg") >= 1


def test_the_packs_come_as_one_archive(browser: Browser, shop: Cast) -> None:
    answer = browser.get(f"{PAGE}packs.zip")
    assert answer["Content-Disposition"] == 'attachment; filename="HB-1.packs.zip"'
    with ZipFile(BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["alerts.yml", "dashboard.json", "load-test.js", "README.md"]
        assert b"groups:" in archive.read("alerts.yml")


def test_the_page_asks_the_database_little(browser: Browser, shop: Cast, price: Callable[[Browser, str], int]) -> None:
    before = price(browser, PAGE)
    for value in ("6", "7", "8"):
        put(browser, value)
    assert price(browser, PAGE) <= before <= 34
