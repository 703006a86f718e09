"""The admin holds back what the workspace holds back: other teams' rows, choices, histories, names."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver

from reviews.access import may_change_brand
from reviews.models import Brand, Client, Engagement, PortalAccess
from telemetry.models import Upload
from tests.cast import Cast, make_cast, make_client, make_deliverable, make_finding, make_ticket, make_upload

pytestmark = pytest.mark.django_db

OWN = (
    "reviews/engagement",
    "reviews/client",
    "reviews/finding",
    "reviews/deliverable",
    "telemetry/upload",
    "tickets/ticket",
)
KNOWN = "search password_change password_change_done jsi18n autocomplete logout login index view_on_site app_list"


@pytest.fixture
def cast() -> Cast:
    people = make_cast()
    make_finding(people.engagement, "f1")
    make_upload(people.engagement)
    make_ticket(people.engagement)
    make_deliverable(people.engagement)
    return people


def as_user(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def row_of(cast: Cast, table: str) -> Any:
    engagement = cast.engagement
    return {
        "reviews/engagement": engagement,
        "reviews/client": engagement.client,
        "reviews/finding": engagement.findings.get(),
        "reviews/deliverable": engagement.deliverables.get(),
        "telemetry/upload": engagement.uploads.get(),
        "tickets/ticket": engagement.tickets.get(),
    }[table]


def addresses(entries: Any, path: str = "/admin/") -> Iterator[tuple[str, str]]:
    """(name, path with 1 for every argument) of every URL of the admin."""
    for entry in entries:
        part = str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, path + part)
        elif isinstance(entry, URLPattern) and entry.name:
            for argument in ("<path:object_id>", "<int:content_type_id>", "<id>", "<path:extra_url>"):
                part = part.replace(argument, "1")
            yield entry.name, path + part


@pytest.mark.parametrize("role", ["cleo", "dov"])
@pytest.mark.parametrize("staff", [False, True])
def test_no_address_of_the_admin_exists_for_a_reader(role: str, staff: bool, cast: Cast) -> None:
    User.objects.filter(username=role).update(is_staff=staff, is_superuser=staff)
    browser = as_user(getattr(cast, role))
    found = {name for name, _ in addresses(admin.site.get_urls())}
    assert len(found) > 40
    for name, path in addresses(admin.site.get_urls()):
        if "logout" in name or "<" in path or "^" in path:
            continue
        for answer in (browser.get(path, follow=True), browser.post(path, follow=True)):
            assert answer.status_code in (404, 405), path


@pytest.mark.parametrize("table", OWN)
def test_a_row_of_another_team_does_not_exist(table: str, cast: Cast) -> None:
    row = row_of(cast, table)
    pages = [f"/admin/{table}/{row.pk}/{end}/" for end in ("change", "history", "delete")]
    mine, other, boss = as_user(cast.ann), as_user(cast.ben), as_user(cast.ada)
    for page in pages:
        assert other.get(page).status_code in (302, 403), page
        assert other.post(page, {"post": "yes"}).status_code in (302, 403), page
        assert "HB-1" not in other.get(page, follow=True).content.decode().replace(page, "")
    assert mine.get(pages[0]).status_code == boss.get(pages[0]).status_code == 200
    assert type(row).objects.filter(pk=row.pk).exists()


def test_a_list_and_its_filters_name_nobody_elses_clients(cast: Cast) -> None:
    make_client("Third Client")
    page = as_user(cast.ann).get("/admin/reviews/engagement/").content.decode()
    assert "Harbor Books" in page
    for name in ("Other Shop", "Third Client"):
        assert name not in page
        assert name not in as_user(cast.ann).get("/admin/reviews/client/").content.decode()


def test_the_choice_of_a_client_names_ones_own(cast: Cast) -> None:
    make_client("Third Client")
    page = as_user(cast.ann).get("/admin/reviews/engagement/add/").content.decode()
    assert "Harbor Books" in page
    assert "Other Shop" not in page
    assert "Third Client" not in page


def opened(browser: Browser, **changes: Any) -> Any:
    return browser.post("/admin/reviews/engagement/add/", {"code": "N-1", "title": "New", "stage": "intake"} | changes)


def test_an_engagement_is_opened_for_ones_own_client_and_led(cast: Cast) -> None:
    answer = opened(as_user(cast.ann), client=cast.engagement.client_id)
    assert (answer.status_code, answer.url) == (302, "/engagements/N-1/intake/")
    engagement = Engagement.objects.get(code="N-1")
    assert [(row.user, row.leads) for row in engagement.memberships.all()] == [(cast.ann, True)]
    assert engagement.inputs.count() == 9


def test_an_engagement_for_another_teams_client_is_refused(cast: Cast) -> None:
    theirs = Client.objects.get(name="Other Shop")
    answer = opened(as_user(cast.ann), client=theirs.pk)
    assert answer.status_code == 200
    assert not Engagement.objects.filter(code="N-1").exists()
    assert "Other Shop" not in answer.content.decode()


def test_a_client_made_by_oneself_can_be_chosen(cast: Cast) -> None:
    browser = as_user(cast.ben)
    assert browser.post("/admin/reviews/client/add/", {"name": "Fresh Client"}).status_code == 302
    fresh = Client.objects.get(name="Fresh Client")
    assert fresh.created_by == cast.ben
    assert "Fresh Client" not in as_user(cast.ann).get("/admin/reviews/client/").content.decode()
    assert opened(browser, client=fresh.pk).status_code == 302


def test_an_engagement_is_opened_for_a_client_named_there(cast: Cast) -> None:
    assert opened(as_user(cast.ben), new_client=" Fresh <b>Client</b> ").status_code == 302
    fresh = Engagement.objects.get(code="N-1").client
    assert (fresh.name, fresh.created_by) == ("Fresh <b>Client</b>", cast.ben)


@pytest.mark.parametrize(
    ("named", "chosen", "said"),
    [
        ("", False, "Choose a client, or name a new one."),
        ("Fresh Client", True, "Choose a client or name a new one, not both."),
        ("Other Shop", False, "There is a client of this name. Choose it, or ask an admin who works for it."),
    ],
)
def test_an_engagement_has_one_client(named: str, chosen: bool, said: str, cast: Cast) -> None:
    client = {"client": cast.engagement.client_id} if chosen else {}
    answer = opened(as_user(cast.ann), new_client=named, **client)
    assert said in answer.content.decode()
    assert not Engagement.objects.filter(code="N-1").exists()
    assert Client.objects.count() == 2


def test_whether_changes_are_printed_can_be_said_of_brand_and_engagement(cast: Cast) -> None:
    admin = as_user(cast.ada)
    assert 'name="compares"' in admin.get("/admin/reviews/brand/add/").content.decode()
    page = admin.get(f"/admin/reviews/engagement/{cast.engagement.pk}/change/").content.decode()
    assert "As the brand says" in page


def change(browser: Browser, engagement: Engagement, **fields: Any) -> Any:
    plain = {"title": engagement.title, "stage": engagement.stage}
    formset = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    return browser.post(f"/admin/reviews/engagement/{engagement.pk}/change/", plain | formset | fields)


def test_an_engagement_keeps_its_client_and_code(cast: Cast) -> None:
    theirs = Client.objects.get(name="Other Shop")
    for user in (cast.ann, cast.ada):
        change(as_user(user), cast.engagement, client=theirs.pk, code="ZZ-1", title=f"By {user}")
        cast.engagement.refresh_from_db()
        assert (cast.engagement.client.name, cast.engagement.code) == ("Harbor Books", "HB-1")
    assert cast.engagement.title == "By ada"


def test_a_consultant_staffs_nobody(cast: Cast) -> None:
    row = {
        "memberships-TOTAL_FORMS": 1,
        "memberships-0-user": cast.ben.pk,
        "memberships-0-engagement": cast.engagement.pk,
    }
    change(as_user(cast.ann), cast.engagement, **row)
    assert not cast.engagement.memberships.filter(user=cast.ben).exists()
    change(as_user(cast.ada), cast.engagement, **row)
    assert cast.engagement.memberships.filter(user=cast.ben).exists()


def test_a_closed_engagement_is_reopened_by_an_admin(cast: Cast) -> None:
    Engagement.objects.update(stage="closed")
    cast.engagement.refresh_from_db()
    assert change(as_user(cast.ann), cast.engagement, stage="intake").status_code == 403
    assert change(as_user(cast.ada), cast.engagement, stage="intake").status_code == 302
    cast.engagement.refresh_from_db()
    assert cast.engagement.stage == "intake"


def test_people_change_their_fields_of_a_ticket_until_the_engagement_is_closed(cast: Cast) -> None:
    ticket = cast.engagement.tickets.get()
    path = f"/admin/tickets/ticket/{ticket.pk}/change/"
    data = {"state": "doing", "owner": "Ann", "note": "", "title": "Another title", "priority": "P2"}
    assert as_user(cast.ann).post(path, data).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.owner, ticket.title, ticket.priority) == ("doing", "Ann", "Index", "P0")
    Engagement.objects.update(stage="closed")
    assert as_user(cast.ann).post(path, data | {"owner": "Ben"}).status_code == 403


def test_readers_are_made_by_admins(cast: Cast) -> None:
    eve = User.objects.create_user("eve")
    formset = {"readers-TOTAL_FORMS": 1, "readers-INITIAL_FORMS": 0, "readers-0-user": eve.pk}
    data = {"name": "Harbor Books", **formset, "readers-0-client": cast.engagement.client_id}
    path = f"/admin/reviews/client/{cast.engagement.client_id}/change/"
    assert b"cleo" not in as_user(cast.ann).get(path).content
    as_user(cast.ann).post(path, data)
    assert not PortalAccess.objects.filter(user=eve).exists()


def test_a_brand_that_other_teams_show_is_changed_by_an_admin(cast: Cast) -> None:
    brand = Brand.objects.create(name="Firm")
    assert may_change_brand(cast.ann, brand)
    cast.engagement.client.brand = brand
    cast.engagement.client.save()
    assert may_change_brand(cast.ann, brand)
    Engagement.objects.filter(code="OT-1").update(brand=brand)
    path = f"/admin/reviews/brand/{brand.pk}/change/"
    assert not may_change_brand(cast.ann, brand)
    assert as_user(cast.ann).post(path, {"name": "Mine"}).status_code == 403
    assert as_user(cast.ann).get(path).status_code == 200
    assert may_change_brand(cast.ada, brand)
    assert not may_change_brand(cast.cleo, brand)


@pytest.mark.parametrize("table", OWN)
def test_nothing_is_deleted_in_bulk(table: str, cast: Cast) -> None:
    row = row_of(cast, table)
    for user in (cast.ann, cast.ada):
        browser = as_user(user)
        assert b"delete_selected" not in browser.get(f"/admin/{table}/").content
        browser.post(f"/admin/{table}/", {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert type(row).objects.filter(pk=row.pk).exists()


def test_an_engagement_without_reports_goes_with_its_files(
    cast: Cast, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads/abc").write_text("bytes")
    Upload.objects.update(content="uploads/abc")
    cast.engagement.deliverables.all().delete()
    path = f"/admin/reviews/engagement/{cast.engagement.pk}/delete/"
    assert as_user(cast.ann).post(path, {"post": "yes"}).status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        assert as_user(cast.ada).post(path, {"post": "yes"}).status_code == 302
    assert not Engagement.objects.filter(code="HB-1").exists()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_accounts_are_for_admins(cast: Cast) -> None:
    browser = as_user(cast.ann)
    lookup = "/admin/autocomplete/?app_label=reviews&model_name=portalaccess&field_name=user&term=c"
    for path in ("/admin/auth/user/", f"/admin/auth/user/{cast.cleo.pk}/change/", "/admin/auth/user/add/", lookup):
        assert browser.get(path).status_code == 403, path
    assert as_user(cast.ada).get(lookup).json()["results"]
    assert b"Other Shop" not in browser.get("/admin/search/?s=other").content


def test_the_catalogue_of_texts_says_nothing(cast: Cast) -> None:
    assert b"Harbor" not in as_user(cast.ben).get("/admin/jsi18n/").content


FIELDS = {f"ticketresource_{name}": "on" for name in ("code", "title", "low_days", "owner", "note", "findings")}
ARMED = {"title": "=HYPERLINK(1)", "owner": "＝SUM(1)", "note": "\t-2+3"}


def exported(user: User, kind: int) -> bytes:
    answer = as_user(user).post("/admin/tickets/ticket/export/", {"format": str(kind), "resource": "0", **FIELDS})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    return bytes(answer.content)


def test_an_export_as_csv_holds_ones_own_rows_with_formulas_disarmed(cast: Cast) -> None:
    cast.engagement.tickets.update(low_days=0.5, **ARMED)
    (row,) = csv.DictReader(io.StringIO(exported(cast.ann, 0).decode(), newline=""))
    assert {name: row[name] for name in ARMED} == {name: f"'{text}" for name, text in ARMED.items()}
    assert row["low_days"] == "0.5"
    assert exported(cast.ben, 0).decode().splitlines()[1:] == []


def test_an_export_as_spreadsheet_keeps_numbers_numbers(cast: Cast) -> None:
    cast.engagement.tickets.update(low_days=0.5, **ARMED)
    sheet = openpyxl.load_workbook(io.BytesIO(exported(cast.ann, 1))).active
    heading, row = sheet.iter_rows()
    cells = {name.value: cell for name, cell in zip(heading, row, strict=True)}
    assert (cells["low_days"].value, cells["low_days"].data_type) == (0.5, "n")
    assert {name: cells[name].value for name in ARMED} == {name: f"'{text}" for name, text in ARMED.items()}
    assert {cells[name].data_type for name in ARMED} == {"s"}


def test_there_is_no_other_export(cast: Cast) -> None:
    form = as_user(cast.ann).post("/admin/tickets/ticket/export/", {"format": "2", "resource": "0", **FIELDS})
    assert "Content-Disposition" not in form
