"""The evidence page with many files: one question a second, cancelling, and the keyboard alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from reviews.models import Engagement
from reviews.serve.home import Home
from telemetry.models import Upload
from tests.cast import make_upload, make_user
from tests.reviews.harbor import EXPORTS, open_harbor
from tests.visitor import Site
from tests.worker import HELD
from tests.worker.test_worker import held, worker

__all__ = ["held"]  # a fixture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

E = "/engagements/HB-2026/evidence/"
LOOKS = {"wide and light": (1440, "light"), "narrow and dark": (390, "dark")}


@pytest.fixture
def harbor(transactional_db: None) -> Engagement:
    return open_harbor(lead=make_user("ann", is_staff=True))


@pytest.fixture
def forty(harbor: Engagement) -> list[Upload]:
    """A batch in the middle: two failed, one cancelled, two are read, fifteen wait, twenty are done."""
    now = timezone.now()
    states = ["failed"] * 2 + ["cancelled"] + ["reading"] * 2 + ["received"] * 15 + ["done"] * 20
    return [make_upload(harbor, **facts(state, number, now)) for number, state in enumerate(states)]


def facts(state: str, number: int, now: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "file_name": f"exports-of-the-second-week/postgresql-2026-01-{number:02}.log",
        "sha256": f"{number:064}",
        "state": state,
        "size": (number + 1) * 7_000_000,
        "queued_at": now - timedelta(seconds=40),
        "finished_at": None if state in ("reading", "received") else now - timedelta(seconds=5),
    }
    if state == "failed":
        row |= {
            "format": "",
            "error": "Not recognised. This looks like a letter; send an export as its command writes it.",
        }
    if state == "cancelled":
        row |= {"format": "", "error": "Cancelled by ann. Nothing of this file counts; read it again or remove it."}
    if state == "reading":
        row |= {"format": "", "step": "reading", "bytes_read": 12_000_000, "bytes_per_second": 5_200_000}
        row |= {"records_read": 120_345, "claimed_until": now + timedelta(minutes=5)}
    if state == "done":
        totals = {"queries": 2175, "query_ms": 339583.2, "errors": 2, "deadlocks": 1, "lock_waits": 4, "plans": 647}
        row["coverage"] = {
            "file": "x", "format": "postgres-log", "carrier": "stderr", "records": 4429, "rejected": number % 3,
            "totals": totals, "from": "2026-01-05T00:00:00+00:00", "to": "2026-01-05T23:59:00+00:00",
            "enables": ["what the slowest queries are"], "notes": [],
        }  # fmt: skip
    return row


def a_second(page: Page) -> None:
    """A second of the page's own clock, and what was settled by the answer before it; then the answer is there."""
    reading = page.locator("#reading")
    before = reading.get_attribute("hx-get") or ""
    page.clock.run_for(1100)
    expect(reading).not_to_have_attribute("hx-get", before)


def test_forty_files_ask_once_a_second(forty: list[Upload], site: Site, page: Page) -> None:
    """The page's clock stands still but for the seconds of the test, however slow the machine is."""
    site.sign_in("ann")
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(days=1))
    site.open(E)
    urls: list[str] = []
    page.on("request", lambda request: "/static/" not in request.url and urls.append(request.url))
    for _ in range(5):
        a_second(page)
    expect(page.locator("#reading")).to_contain_text("23 of 40 files read")
    assert len(urls) == 5, urls
    assert {"progress/" in url for url in urls} == {True}, urls
    Upload.objects.filter(state__in=Upload.PENDING).update(state="done", finished_at=timezone.now())
    a_second(page)
    expect(page.locator("#reading")).to_contain_text("being judged now")
    expect(page.locator(f"#upload-{forty[5].pk} .ll-state")).to_have_text("Read")
    Engagement.objects.update(analysed_at=timezone.now())
    a_second(page)
    expect(page.locator("#reading")).to_contain_text("read and judged")
    page.clock.run_for(1000)
    expect(page.locator("#answers [role=status]")).to_contain_text("Judged")
    urls.clear()
    page.clock.run_for(10_000)
    page.wait_for_timeout(500)
    assert urls == []


@pytest.mark.parametrize("look", LOOKS)
def test_forty_files_can_be_read_by_everybody(
    look: str, forty: list[Upload], site: Site, browser: Browser, tmp_path: Path
) -> None:
    width, scheme = LOOKS[look]
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    visitor = site.with_page(context.new_page())
    visitor.sign_in("ann")
    visitor.open(E)
    page = visitor.page
    page.locator(".ll-raw summary").click()
    page.screenshot(path=tmp_path / "page.png", full_page=True, clip={"x": 0, "y": 0, "width": width, "height": 2600})
    assert visitor.problems() == []
    place = page.locator(f"#upload-{forty[30].pk}").bounding_box()
    page.wait_for_timeout(2500)
    assert page.locator(f"#upload-{forty[30].pk}").bounding_box() == place, "what stands below moves at each answer"
    context.close()


def test_the_keyboard_alone_sends_and_cancels(harbor: Engagement, site: Site, page: Page) -> None:
    """No worker runs: the files wait. The focus stays where it is while the page asks."""
    site.sign_in("ann")
    site.open(E)
    page.locator("#files").focus()
    page.locator("#files").set_input_files([EXPORTS / "redis-info.txt", EXPORTS / "pg_stat_statements.csv"])
    for name in ("Choose a folder", "Send files"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    cancel = page.get_by_role("button", name="Cancel the reading of redis-info.txt")
    expect(cancel).to_be_visible()
    cancel.focus()
    page.wait_for_timeout(2500)
    expect(cancel).to_be_focused()
    page.keyboard.press("Enter")
    row = page.locator(".ll-upload", has_text="redis-info.txt")
    expect(row).to_contain_text("Cancelled by ann")
    expect(row.get_by_role("button", name="Read redis-info.txt again")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel all reading").press("Enter")
    expect(page.locator(".ll-upload", has_text="Cancelled by ann")).to_have_count(2)


def test_a_running_reading_is_cancelled(
    harbor: Engagement, services: Home, held: Path, site: Site, page: Page, tmp_path: Path
) -> None:
    """It would be read for ever."""
    large = tmp_path / f"{HELD}.log"
    large.write_bytes((EXPORTS / "postgresql.log").read_bytes())
    with worker(services):
        send_and_cancel(site, page, large)
    assert not Upload.objects.get(file_name=large.name).evidence.exists()


def send_and_cancel(site: Site, page: Page, large: Path) -> None:
    site.sign_in("ann")
    site.open(E)
    page.locator("#files").set_input_files([large])
    page.get_by_role("button", name="Send files").click()
    row = page.locator(".ll-upload", has_text=large.name)
    expect(row.locator(".ll-going")).to_contain_text("/s")
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_contain_text("Cancelled by ann")
    small = EXPORTS / "redis-info.txt"
    page.locator("#files").set_input_files([small])
    page.get_by_role("button", name="Send files").click()
    done = page.locator(".ll-upload", has_text=small.name)
    expect(done.get_by_text("Read", exact=True)).to_be_visible()
    expect(page.locator("#answers [role=status]")).to_contain_text("Judged")


def drop(page: Page, paths: list[Path]) -> None:
    """What a person lets go over the heading: the whole page takes it."""
    box = page.locator("h1").bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": box["x"] + 5, "y": box["y"] + 5, "data": data})


def test_a_dropped_folder_is_sent_with_the_places_of_its_files(
    harbor: Engagement, site: Site, page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    for name in ("primary/info.txt", "replica/info.txt", ".DS_Store", "node_modules/x/index.js", ".env.example"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"words of {name}")
    site.sign_in("ann")
    site.open(E)
    drop(page, [folder])
    expect(page.locator(".ll-upload")).to_have_count(3)
    names = set(Upload.objects.values_list("file_name", flat=True))
    assert names == {"primary/info.txt", "replica/info.txt", ".env.example"}
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").press("Enter")
    chooser.value.set_files(folder)
    expect(page.locator("#uploads")).to_contain_text("Files 3")
    assert Upload.objects.count() == 3, "chosen or dropped, a folder's file has one name"


def test_too_much_is_refused_before_it_is_sent(
    harbor: Engagement, site: Site, page: Page, tmp_path: Path, settings: Any
) -> None:
    settings.LOADLINE_MAX_UPLOAD_MB, settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1, 3
    for number in range(4):
        (tmp_path / f"{number}.log").write_text(f"line {number}")
    site.sign_in("ann")
    site.open(E)
    drop(page, [tmp_path])
    expect(page.locator("#trouble")).to_contain_text("These are 4 files; at most 3 are sent at once.")
    (tmp_path / "3.log").write_bytes(b"x" * (1024 * 1024 + 1))
    page.locator("#files").set_input_files([tmp_path / "2.log", tmp_path / "3.log"])
    with page.expect_request("**/evidence/add/") as sent:
        page.get_by_role("button", name="Send files").click()
    expect(page.locator("#uploads [role=alert]")).to_contain_text("3.log is larger than 1 MB.")
    expect(page.locator(".ll-upload")).to_have_count(1)
    assert sent.value.sizes()["requestBodySize"] < 4096


def test_sending_can_be_stopped(harbor: Engagement, site: Site, page: Page, tmp_path: Path) -> None:
    large = tmp_path / "large.log"
    large.write_bytes(b"line\n" * 4_000_000)
    site.sign_in("ann")
    site.open(E)
    slow = {"offline": False, "latency": 10, "downloadThroughput": 1e6, "uploadThroughput": 2e5}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", slow)
    page.locator("#files").set_input_files([large])
    page.get_by_role("button", name="Send files").click()
    expect(page.locator(".ll-drop-going")).to_contain_text("Sending")
    page.get_by_role("button", name="Stop sending").press("Enter")
    expect(page.locator("#trouble")).to_have_text("Sending was stopped. Nothing of it was kept.")
    expect(page.locator(".ll-drop-going")).to_be_hidden()
    assert not Upload.objects.exists()
