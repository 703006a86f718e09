"""Accounts are an administrator's: passwords by mail where mail leaves, no second address, a second factor for all."""

from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client as Browser

from tests.cast import Cast

LOGIN = "/accounts/login/"


def words(answer: Any) -> str:
    return answer.content.decode()


def test_without_mail_an_admin_is_named(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    assert "This server sends no mail. Ask your administrator" in words(Browser().get("/accounts/password/reset/"))
    assert Browser().post("/accounts/password/reset/", {"email": "ann@example.com"}).status_code == 405
    assert mail.outbox == []


def test_with_mail_a_link_is_sent_and_strangers_learn_nothing(cast: Cast, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    pages = []
    for address in ("ann@example.com", "nobody@example.com"):
        answer = Browser().post("/accounts/password/reset/", {"email": address}, follow=True)
        pages.append(words(answer))
    assert "Look into your mail" in pages[0]
    assert pages[0] == pages[1]
    assert "/accounts/password/reset/key/" in next(letter.body for letter in mail.outbox if "ann@" in letter.to[0])


def test_nobody_gives_himself_an_address(cast: Cast) -> None:
    browser = Browser()
    browser.force_login(cast.cleo)
    assert browser.get("/accounts/email/").status_code == 404
    assert browser.post("/accounts/email/", {"action_add": "", "email": "ann@example.com"}).status_code == 404


def test_a_wrong_password_and_too_many_of_them(cast: Cast) -> None:
    browser = Browser()
    for _ in range(5):
        page = words(browser.post(LOGIN, {"login": "ann", "password": "wrong"}))
    assert "Name and password do not fit." in page
    assert "Wait five minutes" in words(browser.post(LOGIN, {"login": "ann", "password": "a long password of ann"}))


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_a_second_factor_needs_no_mail(cast: Cast) -> None:
    """An administrator wrote the address; on a server without mail nobody could confirm it."""
    browser = Browser()
    browser.post(LOGIN, {"login": "ann", "password": "a long password of ann"})
    browser.post("/accounts/reauthenticate/", {"password": "a long password of ann"})
    page = browser.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    secret = page.context["form"].secret
    assert "This code is not right or too old." in words(browser.post("/accounts/2fa/totp/activate/", {"code": "1"}))
    assert browser.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)}).status_code == 302
    other = Browser()
    answer = other.post(LOGIN, {"login": "ann", "password": "a long password of ann"})
    assert answer.url == "/accounts/2fa/authenticate/"
    assert other.get("/engagements/HB-1/").status_code == 404
