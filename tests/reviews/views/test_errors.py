"""What went wrong is said in words that say what to do: a page for a person, the words alone for htmx."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client as Browser
from django.test import RequestFactory

from reviews.views.errors import BROKEN, FORGED, GONE, SIGNED_OUT, WRONG_METHOD, broken
from tests.cast import Cast

HTMX = {"HX-Request": "true"}
E = "/engagements/HB-1"


def words(answer: Any) -> str:
    return answer.content.decode()


def test_too_many_files_at_once(browser: Browser, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    for headers in ({}, HTMX):
        files = [SimpleUploadedFile(f"{number}.log", b"words") for number in range(3)]
        answer = browser.post(f"{E}/evidence/add/", {"files": files}, headers=headers)
        assert answer.status_code == 400
        assert "more than 2 files at once. Pack them into one zip" in words(answer)


def test_a_form_that_is_too_long(browser: Browser, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2048
    answer = browser.post(f"{E}/intake/save/", {"title": "x" * 4096})
    assert answer.status_code == 400
    assert "longer than 2 KB. Shorten it" in words(answer)


def test_a_form_older_than_the_sign_in(cast: Cast) -> None:
    browser = Browser(enforce_csrf_checks=True)
    for person, told in ((cast.ann, FORGED), (None, SIGNED_OUT)):
        if person:
            browser.force_login(person)
        else:
            browser.logout()
        page = browser.post(f"{E}/findings/publish/")
        assert page.status_code == 403
        assert FORGED in words(page)
        assert words(browser.post(f"{E}/findings/publish/", headers=HTMX)) == told


def test_who_is_signed_out_is_asked_to_sign_in_and_comes_back(cast: Cast) -> None:
    page = Browser().get(f"{E}/findings/?severity=high")
    assert page.status_code == 404
    assert 'href="/accounts/login/?next=%2Fengagements%2FHB-1%2Ffindings%2F%3Fseverity%3Dhigh"' in words(page)
    assert words(Browser().get(f"{E}/findings/", headers=HTMX)) == SIGNED_OUT


def test_who_is_signed_in_is_told_that_it_is_gone(browser: Browser) -> None:
    assert words(browser.get(f"{E}/findings/gone/", headers=HTMX)) == GONE
    page = words(browser.get(f"{E}/findings/gone/"))
    assert "accounts/login" not in page
    assert "There is no such page for you." in page


def test_the_reason_of_a_refusal_reaches_htmx(browser: Browser, cast: Cast) -> None:
    type(cast.engagement).objects.update(stage="closed")
    said = "This engagement is closed. Ask an admin to reopen it. Nothing was saved."
    assert words(browser.post(f"{E}/intake/save/", headers=HTMX)) == said


def test_the_address_of_a_form_shows_a_page(browser: Browser) -> None:
    answer = browser.get(f"{E}/findings/publish/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert WRONG_METHOD in words(answer)
    assert browser.post(f"{E}/findings/").content == b""


def test_a_fault_of_ours_asks_nothing_of_the_database(rf: RequestFactory) -> None:
    """Not even who is signed in: the fault may be that the database is away. No fixture opens one here."""
    for request, told in ((rf.get("/"), "<h1>"), (rf.get("/", headers=HTMX), BROKEN)):
        with_user(request)
        answer = broken(request)
        assert answer.status_code == 500
        assert told in words(answer)
        assert BROKEN in words(answer)


def with_user(request: HttpRequest) -> None:
    class Away:
        @property
        def is_authenticated(self) -> bool:
            pytest.fail("asked who is signed in")

    request.user = Away()  # type: ignore[assignment]
