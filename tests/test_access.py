"""Every URL × every role × every method, in one table. A URL without a row fails."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from reviews.models import RiskOverride
from tests.cast import (
    Cast,
    make_cast,
    make_client,
    make_deliverable,
    make_finding,
    make_mapping,
    make_override,
    make_plan_item,
    make_run,
    make_table,
    make_ticket,
)

pytestmark = pytest.mark.django_db

# A table whose headings and cells are as hostile as a file can be.
EVIL = '"""><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}{% debug %}"'
TABLE = f"{EVIL},=cmd|'/c calc'!A1,,\n" + f"{EVIL},5,{EVIL},\n" * 3

ROLES = ("anonymous", "other", "client", "outside", "consultant", "admin")
LOGIN, OK, NONE, NO = "login", "ok", 404, 405

# Who gets what, in the order of ROLES: the workspace does not exist for strangers, the portal not for consultants.
WORKSPACE = (NONE, NONE, NONE, NONE, OK, OK)
PORTAL = (LOGIN, NONE, OK, NONE, NONE, NONE)
EVERYBODY_IN = (LOGIN, OK, OK, OK, OK, OK)
CATALOGUE = (NONE, NONE, NONE, OK, OK, OK)

READ = {
    "home": EVERYBODY_IN,
    "healthz": (OK,) * 6,
    "rule_list": CATALOGUE,
    "rule_detail": CATALOGUE,
    "portal_list": EVERYBODY_IN,
    "portal_detail": PORTAL,
    "portal_style": PORTAL,
    "portal_pdf": PORTAL,
    **dict.fromkeys(
        [
            "engagement_detail", "review_json", "intake_detail", "intake_export", "upload_list", "upload_progress",
            "finding_list", "finding_detail", "finding_edit", "risk_map", "plan_detail", "ticket_list", "ticket_export",
            "report_detail", "report_row", "report_pdf", "report_json", "mapping_edit", "mapping_export",
            "override_edit", "upload_asks", "run_list", "run_detail", "comparison", "comparison_detail",
            "comparison_json", "capacity_detail", "capacity_outlook", "capacity_packs", "capacity_burst",
        ],
        WORKSPACE,
    ),
}  # fmt: skip
WRITE = dict.fromkeys(
    [
        "intake_save", "input_save", "intake_import", "upload_add", "upload_again", "upload_delete", "upload_cancel",
        "upload_cancel_all", "raw_delete", "raw_delete_all", "finding_save", "finding_status",
        "finding_publish_confirmed", "plan_move", "report_issue", "mapping_preview", "mapping_save", "mapping_forget",
        "format_choose", "override_save", "override_confirm", "override_withdraw",
        "finding_resolve", "capacity_set", "capacity_policy", "capacity_undo",
    ],
    WORKSPACE,
)  # fmt: skip


@pytest.fixture(scope="module")
def everybody(module_rows: DjangoDbBlocker) -> Cast:
    with module_rows.unblock():
        return a_bit_of_everything()


def a_bit_of_everything() -> Cast:
    people = make_cast()
    make_override(make_finding(people.engagement, "f1", status="published"), people.ann)
    make_mapping(people.engagement, make_table(people.engagement, TABLE), people.ann)
    make_plan_item(people.engagement)
    make_ticket(people.engagement)
    make_deliverable(people.engagement)
    make_run(people.engagement)
    return people


@pytest.fixture
def cast(everybody: Cast, db: None) -> Cast:
    return deepcopy(everybody)


def address(name: str, cast: Cast) -> str:
    """The URL of a name for the cast's engagement."""
    known = {
        "code": cast.engagement.code,
        "finding_code": "f1",
        "upload_id": cast.engagement.uploads.get().pk,
        "item_id": cast.engagement.plan_items.get().pk,
        "number": 1,
        "before": "run-1",
        "after": "report-1",
        "slug": "top-flows",
        "rule_id": "PG001",
        "override_id": RiskOverride.objects.get().pk,
    }
    wanted = dict(patterns())[name].pattern.converters
    arguments = {key: known[key] for key in wanted}
    if name not in ("home", "healthz", "rule_list", "rule_detail", "portal_list"):
        arguments["code"] = known["code"]
    return reverse(name, kwargs=arguments)


def patterns() -> Iterator[tuple[str, URLPattern]]:
    """Our own named URLs: the admin's and the sign-in's are tested below by what they are."""
    for entry in get_resolver().url_patterns:
        prefix = str(entry.pattern)
        if prefix.startswith(("admin/", "accounts/")):
            continue
        yield from named(entry)


def named(entry: URLPattern | URLResolver) -> Iterator[tuple[str, URLPattern]]:
    if isinstance(entry, URLResolver):
        for inner in entry.url_patterns:
            yield from named(inner)
    else:
        yield entry.name or "", entry


def test_every_url_has_a_row() -> None:
    assert {name for name, _ in patterns()} == set(READ) | set(WRITE)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", READ)
def test_reading(name: str, role: str, cast: Cast) -> None:
    browser = signed_in(cast, role)
    assert outcome(browser.get(address(name, cast))) == READ[name][ROLES.index(role)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", READ)
def test_what_is_read_is_not_written(name: str, role: str, cast: Cast) -> None:
    browser = signed_in(cast, role)
    for method in (browser.post, browser.put, browser.patch, browser.delete):
        assert method(address(name, cast)).status_code == NO


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", WRITE)
def test_writing(name: str, role: str, cast: Cast) -> None:
    browser = signed_in(cast, role)
    url = address(name, cast)
    assert browser.get(url).status_code == NO
    assert outcome(browser.post(url)) == WRITE[name][ROLES.index(role)]


# Bytes that a client sent can be deleted for as long as they lie here.
CLOSED_TOO = ("raw_delete", "raw_delete_all")


@pytest.mark.parametrize("name", CLOSED_TOO)
def test_raw_files_of_a_closed_engagement_can_be_deleted(name: str, cast: Cast) -> None:
    type(cast.engagement).objects.update(stage="closed")
    assert signed_in(cast, "consultant").post(address(name, cast), {"sure": "1"}).status_code == 302
    assert cast.engagement.uploads.get().raw_deleted_at is not None


@pytest.mark.parametrize("name", [name for name in WRITE if name not in CLOSED_TOO])
def test_a_closed_engagement_is_not_written(name: str, cast: Cast) -> None:
    type(cast.engagement).objects.update(stage="closed")
    assert signed_in(cast, "consultant").post(address(name, cast)).status_code == 403


@pytest.mark.parametrize("name", WRITE)
def test_writing_needs_the_csrf_token(name: str, cast: Cast) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.ann)
    assert browser.post(address(name, cast)).status_code == 403


@pytest.mark.parametrize("role", ["other", "client"])
def test_there_is_no_admin_for_a_client(role: str, cast: Cast) -> None:
    browser = signed_in(cast, role)
    for url in admin_pages():
        assert outcome(browser.get(url, follow=True)) == NONE, url


def test_a_client_stays_out_of_the_workspace_even_with_the_staff_box_ticked(cast: Cast) -> None:
    type(cast.cleo).objects.filter(pk=cast.cleo.pk).update(is_staff=True, is_superuser=True)
    browser = signed_in(cast, "client")
    assert browser.get(address("engagement_detail", cast)).status_code == NONE
    for url in admin_pages():
        assert browser.get(url, follow=True).status_code == NONE, url


def test_consultants_see_only_their_own_rows_in_the_admin(cast: Cast) -> None:
    make_client("Third Client")
    inside, outside = signed_in(cast, "consultant"), signed_in(cast, "outside")
    for table in ("reviews/engagement", "telemetry/upload", "reviews/finding", "tickets/ticket", "reviews/deliverable"):
        assert b"HB-1" in inside.get(f"/admin/{table}/").content, table
        assert b"HB-1" not in outside.get(f"/admin/{table}/").content, table
    assert b"Third Client" not in inside.get("/admin/reviews/client/").content
    pk = cast.engagement.pk
    assert outside.get(f"/admin/reviews/engagement/{pk}/change/").status_code == 302
    assert inside.get("/admin/auth/user/").status_code == 403


def admin_pages() -> list[str]:
    tables = ("reviews/engagement", "reviews/client", "telemetry/upload", "tickets/ticket", "auth/user")
    return ["/admin/", "/admin/login/", *(f"/admin/{table}/" for table in tables), "/admin/reviews/engagement/add/"]


def test_rows_of_another_engagement_are_not_reached_through_ones_own(cast: Cast) -> None:
    theirs = type(cast.engagement).objects.get(code="OT-1")
    make_finding(theirs, "f9", status="published")
    upload, item = make_table(theirs), make_plan_item(theirs)
    make_deliverable(theirs, number=7)
    make_run(theirs, number=7)
    browser = signed_in(cast, "consultant")
    mine = "/engagements/HB-1"
    their_override = make_override(theirs.findings.get(), cast.ben)
    mine_override = cast.engagement.findings.get(code="f1").overrides.get()
    reads = [f"findings/f9/{end}" for end in ("", "edit/", "override/")]
    reads += [f"evidence/{upload.pk}/mapping/", "report/7/row/", "report/7.pdf", "report/7.json"]
    reads += ["runs/7/", "compare/run-1/run-7/", "compare/report-7/run-1/", "compare/?before=run-7&after=run-1"]
    reads += ["compare/run-7/run-1.json", "compare/run-0/run-1/", "compare/runs-1/run-1/"]
    writes = [f"findings/f9/{end}" for end in ("save/", "status/", "override/save/")]
    writes += [f"findings/f1/overrides/{their_override.pk}/{end}/" for end in ("confirm", "withdraw")]
    writes += [f"findings/f9/overrides/{mine_override.pk}/{end}/" for end in ("confirm", "withdraw")]
    ends = ("again", "delete", "cancel", "delete-raw", "format", "mapping/save", "mapping/preview", "mapping/forget")
    writes += [f"evidence/{upload.pk}/{end}/" for end in ends]
    writes += [f"plan/{item.pk}/move/"]
    assert {browser.get(f"{mine}/{path}").status_code for path in reads} == {404}
    assert {browser.post(f"{mine}/{path}").status_code for path in writes} == {404}
    assert signed_in(cast, "client").get("/portal/OT-1/reports/7.pdf").status_code == 404
    assert signed_in(cast, "client").get("/portal/HB-1/reports/7.pdf").status_code == 404


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30])
def test_numbers_that_no_row_can_have_are_not_found(number: int, cast: Cast) -> None:
    browser = signed_in(cast, "consultant")
    for path in (f"report/{number}/row/", f"report/{number}.pdf", f"runs/{number}/", f"compare/run-{number}/run-1/"):
        assert browser.get(f"/engagements/HB-1/{path}").status_code == 404, path
    for act in ("again", "delete", "cancel", "delete-raw"):
        assert browser.post(f"/engagements/HB-1/evidence/{number}/{act}/").status_code == 404, act
    assert browser.post(f"/engagements/HB-1/plan/{number}/move/").status_code == 404
    assert signed_in(cast, "client").get(f"/portal/HB-1/reports/{number}.pdf").status_code == 404


@pytest.mark.parametrize("state", ["rendering", "failed"])
def test_a_report_that_is_not_issued_does_not_exist_for_the_client(state: str, cast: Cast) -> None:
    make_deliverable(cast.engagement, number=2, state=state)
    browser = signed_in(cast, "client")
    assert browser.get("/portal/HB-1/reports/2.pdf").status_code == 404
    assert b"reports/2.pdf" not in browser.get("/portal/HB-1/").content


def test_an_account_that_was_closed_sees_nothing(cast: Cast) -> None:
    for role in ("consultant", "admin", "client"):
        browser = signed_in(cast, role)
        type(cast.ann).objects.filter(pk=cast.user(role).pk).update(is_active=False)  # type: ignore[union-attr]
        assert browser.get(address("engagement_detail", cast)).status_code == NONE
        assert outcome(browser.get(address("portal_detail", cast))) == LOGIN


def signed_in(cast: Cast, role: str) -> Browser:
    browser = Browser()
    user = cast.user(role)
    if user is not None:
        browser.force_login(user)
    return browser


def outcome(answer: object) -> object:
    """login, ok, or the status: a redirect to the sign-in is not an answer, any other redirect is."""
    status = answer.status_code  # type: ignore[attr-defined]
    if status == 302 and answer.url.startswith("/accounts/login/"):  # type: ignore[attr-defined]
        return LOGIN
    return OK if status in (200, 302, 409, 422) else status
