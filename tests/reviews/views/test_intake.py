"""The intake by file and by form: all or nothing, and every problem by name."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from reviews.intake_capacity import CapacityIntake
from reviews.services.engagements import intake_of
from tests.cast import Cast

URL = "/engagements/HB-1/intake/"
GOOD = b'[engagement]\nclient = "Harbor Books"\ntitle = "New title"\n[[flow]]\nname = "search"\nrevenue_share = 0.2\n'
BAD = b'[engagement]\nclient = "Harbor Books"\ntitle = "T"\nengineeers = 3\ncurrent_mau = "many"\nsecret = 1\n'


def send(browser: Browser, content: bytes) -> str:
    """The page after sending an intake file."""
    file = SimpleUploadedFile("intake.toml", content)
    return browser.post(f"{URL}import/", {"file": file}, follow=True).content.decode()


def test_a_file_replaces_the_intake_and_the_risks_are_judged_again(
    browser: Browser, cast: Cast, sent: list[tuple[str, Any]]
) -> None:
    assert "The intake was taken over" in send(browser, GOOD)
    cast.engagement.refresh_from_db()
    assert cast.engagement.title == "New title"
    assert list(cast.engagement.flows.values_list("name", flat=True)) == ["search"]
    assert sent == [("judge", cast.engagement.pk)]


def test_every_problem_of_a_file_is_named_and_nothing_taken(
    browser: Browser, cast: Cast, sent: list[tuple[str, Any]]
) -> None:
    page = send(browser, BAD)
    for name in ("engineeers", "current_mau", "secret"):
        assert name in page
    cast.engagement.refresh_from_db()
    assert cast.engagement.title == "500k MAU scaling review"
    assert sent == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"x" * (256 * 1024 + 1), "larger than 256 KB"),
        (b"[engagement\n", "line 1"),
    ],
)
def test_what_is_no_intake_says_so(content: bytes, words: str, browser: Browser, sent: list[tuple[str, Any]]) -> None:
    assert words in send(browser, content)
    assert sent == []


def test_shares_above_one_are_refused_with_what_was_typed(
    browser: Browser, cast: Cast, sent: list[tuple[str, Any]]
) -> None:
    form = {
        "title": "Typed title", "flows-TOTAL_FORMS": 2, "flows-INITIAL_FORMS": 0,
        "flows-0-name": "a", "flows-0-revenue_share": "0.7", "flows-1-name": "b", "flows-1-revenue_share": "0.6",
    }  # fmt: skip
    answer = browser.post(f"{URL}save/", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "add up to 1.30" in page
    assert "Typed title" in page
    assert sent == []


def test_an_input_set_by_hand_shows_at_once(browser: Browser, cast: Cast) -> None:
    answer = browser.post(f"{URL}inputs/incident-history/", {"state": "received"}, headers={"HX-Request": "true"})
    assert answer.content.decode().lstrip().startswith('<div id="inputs"')
    assert cast.engagement.inputs.get(slug="incident-history").state == "received"


EXPORT = "/engagements/HB-1/intake.toml"
MODEL = '[[driver]]\nname = "campaigns"\ncurrent = 500\n\n[capacity]\n"postgres.pool_size" = 10'
FORM = {"title": "T", "team": "1", "policy": "right-sized", "flows-TOTAL_FORMS": 0, "flows-INITIAL_FORMS": 0}


def test_the_capacity_model_is_typed_as_toml_and_stands_in_the_file(browser: Browser, cast: Cast, sent: Any) -> None:
    browser.post(f"{URL}save/", FORM | {"capacity": MODEL})
    page = browser.get(URL).content.decode()
    assert "&quot;postgres.pool_size&quot; = 10" in page
    assert sent == [("judge", cast.engagement.pk)]
    file = browser.get(EXPORT).content.decode()
    assert 'policy = "right-sized"\nteam = 1' in file
    assert MODEL in file
    assert "The intake was taken over" in send(browser, file.encode())
    assert browser.get(EXPORT).content.decode() == file


ANSWERS = {"checks-release.rollback": "yes", "checks-integrity.signed": "n/a", "checks-people.operations": "no"}


def test_what_is_there_is_answered_one_by_one_and_stands_in_the_file(browser: Browser, cast: Cast, sent: Any) -> None:
    browser.post(f"{URL}save/", FORM | ANSWERS | {"capacity": MODEL})
    cast.engagement.refresh_from_db()
    stated = {"release.rollback": "yes", "integrity.signed": "n/a", "people.operations": "no"}
    assert intake_of(cast.engagement).capacity.checks == stated
    page = browser.get(URL).content.decode()
    assert "Release safety: 1 of 8 answered" in page
    assert '<option value="n/a" selected>Does not apply</option>' in page
    assert "&quot;release.rollback&quot;" not in page, "the answers stand once"
    assert '"integrity.signed" = "n/a"' in browser.get(EXPORT).content.decode()


def test_an_answer_taken_back_is_not_answered_and_a_typed_one_counts_more(
    browser: Browser, cast: Cast, sent: Any
) -> None:
    browser.post(f"{URL}save/", FORM | ANSWERS)
    browser.post(f"{URL}save/", FORM | {"checks-release.gates": "yes", "capacity": '[checks]\n"release.gates" = "no"'})
    cast.engagement.refresh_from_db()
    assert intake_of(cast.engagement).capacity.checks == {"release.gates": "no"}


@pytest.mark.parametrize("answer", [{"checks-release.rollback": "maybe"}, {"checks-people.operations": "n/a"}])
def test_an_answer_that_is_none_is_refused_where_it_stands(
    answer: dict[str, str], browser: Browser, cast: Cast, sent: Any
) -> None:
    refused = browser.post(f"{URL}save/", FORM | answer)
    assert refused.status_code == 422
    assert "is not one of the available choices" in refused.content.decode()
    assert intake_of(cast.engagement).capacity.checks == {}
    assert sent == []


def test_a_wrong_key_of_the_model_is_named_and_nothing_is_saved(browser: Browser, cast: Cast, sent: Any) -> None:
    answer = browser.post(f"{URL}save/", FORM | {"capacity": '[capacity]\n"postgres.pool_sise" = 10'})
    assert answer.status_code == 422
    assert "did you mean postgres.pool_size?" in answer.content.decode()
    cast.engagement.refresh_from_db()
    assert intake_of(cast.engagement).capacity == CapacityIntake()
    assert sent == []
