"""What a browser is told, and that nobody makes an account for themselves."""

import pytest
from django.test import Client
from django.test.utils import override_settings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/accounts/login/", "/portal/", "/portal/NO-1/", "/healthz"])
def test_where_strangers_and_clients_are_nothing_inline_runs(client: Client, path: str) -> None:
    policy = client.get(path)["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_the_workspace_runs_only_our_own_files(client: Client) -> None:
    policy = client.get("/admin/login/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", ["/accounts/login/", "/portal/", "/engagements/NO-1/", "/nothing/"])
def test_no_page_is_framed_sniffed_or_kept(client: Client, path: str) -> None:
    response = client.get(path)
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


def test_an_upload_is_not_served_by_any_address(client: Client) -> None:
    assert [client.get(f"/{folder}/x").status_code for folder in ("media", "files", "incoming")] == [404] * 3


@override_settings(ACCOUNT_RATE_LIMITS=False)
def test_sign_up_is_closed(client: Client) -> None:
    sent = {"username": "eve", "email": "eve@example.com", "password1": "long enough to pass 1"}
    response = client.post("/accounts/signup/", sent)
    assert "_auth_user_id" not in client.session
    assert "/accounts/signup/" not in response.headers.get("Location", "")


def test_guessing_a_password_is_slowed_down(client: Client) -> None:
    guess = {"login": "ann", "password": "wrong"}
    answers = [client.post("/accounts/login/", guess) for _ in range(12)]
    assert "Too many failed sign-ins with this name." in answers[-1].content.decode()
