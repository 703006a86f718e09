"""What holds for every page: reading changes nothing, nothing is cached, nothing typed or sent comes back alive."""

import json
import re
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from reviews.models import Finding
from reviews.risk.snapshot import state_of
from telemetry.models import Upload
from tests.cast import Cast, make_finding
from tests.test_access import READ, WRITE, address, cast, everybody, outcome, signed_in

__all__ = ["cast", "everybody"]  # fixtures
pytestmark = pytest.mark.django_db

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}{% debug %}'
ROLES = ("anonymous", "client", "consultant", "admin")


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of ours."""
    ours = [
        model
        for name in ("reviews", "telemetry", "tickets", "auth")
        for model in apps.get_app_config(name).get_models()
    ]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in ours}  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", ROLES)
def test_reading_changes_nothing(role: str, cast: Cast) -> None:
    browser = signed_in(cast, role)
    before = everything()
    for name in READ:
        browser.get(address(name, cast))
        browser.head(address(name, cast))
    for name in WRITE:
        browser.get(address(name, cast))
    assert everything() == before


@pytest.mark.parametrize("name", READ)
def test_every_page_says_what_a_browser_may_do(name: str, cast: Cast) -> None:
    for role in ("client", "consultant"):
        answer = signed_in(cast, role).get(address(name, cast))
        assert "no-store" in answer["Cache-Control"], role
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
        assert "frame-ancestors 'none'" in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("name", [name for name in READ if name.startswith("portal")])
def test_the_portals_policy_is_the_strict_one(name: str, cast: Cast) -> None:
    policy = signed_in(cast, "client").get(address(name, cast))["Content-Security-Policy"]
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "name",
    [
        "report_pdf",
        "report_json",
        "review_json",
        "intake_export",
        "ticket_export",
        "portal_pdf",
        "mapping_export",
        "comparison_json",
    ],
)
def test_files_are_downloads(name: str, cast: Cast) -> None:
    role = "client" if name.startswith("portal") else "consultant"
    answer = signed_in(cast, role).get(address(name, cast))
    assert answer["Content-Disposition"].startswith('attachment; filename="HB-1')
    assert not answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("name", WRITE)
def test_writing_by_htmx_needs_the_token_as_well(name: str, cast: Cast) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.ann)
    before = everything()
    assert browser.post(address(name, cast), headers={"HX-Request": "true"}).status_code == 403
    assert everything() == before


def test_what_was_sent_is_never_served(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    browser = signed_in(cast, "consultant")
    Upload.objects.all().delete()
    page = SimpleUploadedFile("page.html", b"<html><script>mark()</script></html>", "text/html")
    assert browser.post(address_of_add(cast), {"files": [page]}).status_code == 302
    upload = Upload.objects.get()
    for url in (
        upload.content.url,
        f"/files/{upload.content.name}",
        f"/media/{upload.content.name}",
        f"/{upload.content.name}",
    ):
        assert browser.get(url).status_code == 404, url
    for name in READ:
        assert b"mark()" not in browser.get(address(name, cast)).content, name


def address_of_add(cast: Cast) -> str:
    return f"/engagements/{cast.engagement.code}/evidence/add/"


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in READ
        if name not in ("report_pdf", "portal_pdf", "review_json", "report_json", "comparison_json", "capacity_packs")
    ],
)
def test_what_was_typed_stays_text(name: str, cast: Cast) -> None:
    hostile(cast)
    role = "client" if name.startswith("portal") else "consultant"
    for headers in ({}, {"HX-Request": "true"}):
        answer = signed_in(cast, role).get(address(name, cast), headers=headers)
        text = answer.content.decode()
        if answer["Content-Type"].startswith("text/html"):
            assert "<script>alert" not in text
            assert "onerror=alert(2)>" not in text.replace("&gt;", "")
            assert not [line for line in text.splitlines() if "<img src=x" in line]


@pytest.mark.parametrize(
    "name",
    [
        "run_detail",
        "comparison_detail",
        "engagement_detail",
        "finding_detail",
        "upload_list",
        "plan_detail",
        "portal_detail",
    ],
)
def test_what_was_typed_is_shown_as_it_was_typed(name: str, cast: Cast) -> None:
    hostile(cast)
    role = "client" if name.startswith("portal") else "consultant"
    text = signed_in(cast, role).get(address(name, cast)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7|add:7 }}" in text


def hostile(cast: Cast) -> None:
    """Hostile text in every field that a person or a file can fill."""
    engagement = cast.engagement
    engagement.title, engagement.notes = HOSTILE[:120], HOSTILE
    engagement.save()
    type(engagement.client).objects.filter(pk=engagement.client_id).update(name=HOSTILE[:120])
    engagement.uploads.update(file_name=HOSTILE, error=HOSTILE, coverage={
        "file": HOSTILE, "format": "postgres-log", "notes": [HOSTILE], "enables": [HOSTILE], "totals": {HOSTILE: 1},
        "rejected": 1, "records": 1, "rejected_samples": [{"line": 1, "quote": HOSTILE}],
        "asks": {"what": "columns", "columns": [HOSTILE], "signature": HOSTILE},
    })  # fmt: skip
    finding = engagement.findings.get(code="f1")
    machine = json.loads(
        json.dumps(finding.machine).replace('"Pages get slower with every order."', json.dumps(HOSTILE))
    )
    machine |= {"title": HOSTILE, "said": HOSTILE, "snippet": HOSTILE, "fix": HOSTILE, "steps": [HOSTILE]}
    machine["evidence"][0] |= {"file": HOSTILE, "quote": HOSTILE}
    machine["subject"] = {"kind": "table", "name": HOSTILE}
    Finding.objects.filter(pk=finding.pk).update(machine=machine, title=HOSTILE[:120], narrative=HOSTILE)
    run = engagement.runs.get()
    run.files, run.new_files = {"0" * 64: HOSTILE}, [HOSTILE]
    run.snapshot = {"findings": [state_of(machine)], "answers": {}}
    run.save()
    changes = [{"field": HOSTILE, "before": HOSTILE, "after": [HOSTILE]}]
    run.changes.create(finding=finding, outcome="updated", fields=changes)
    engagement.tickets.update(title=HOSTILE, owner=HOSTILE[:80], note=HOSTILE)
    engagement.plan_items.update(title=HOSTILE)
    engagement.flows.update(name=HOSTILE[:60], routes=[HOSTILE])
    engagement.constraints.create(text=HOSTILE)
    type(cast.ann).objects.filter(pk=cast.ann.pk).update(first_name=HOSTILE[:100], last_name="x")


def test_a_sign_in_goes_nowhere_else(cast: Cast) -> None:
    password = "a long password of ann"
    for target in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = Browser().post(
            f"/accounts/login/?next={target}", {"login": "ann", "password": password, "next": target}
        )
        assert (answer.status_code, answer.url) == (302, "/"), target
        answer = Browser().get(f"/admin/login/?next={target}")
        assert answer.url.startswith("/accounts/login/?next=")


def without_token(page: str) -> str:
    return re.sub(r"[A-Za-z0-9]{64}", "", page)


def test_strangers_are_told_nothing_about_what_exists(cast: Cast) -> None:
    make_finding(cast.engagement, "f2")
    pages = []
    for code in ("HB-1", "OT-1", "XX-9"):
        browser = signed_in(cast, "outside" if code != "OT-1" else "consultant")
        pages.append(without_token(browser.get(f"/engagements/{code}/").content.decode()))
    assert outcome(signed_in(cast, "anonymous").get("/portal/HB-1/")) == "login"
    assert len(set(pages)) == 1
