"""One question a second for all files; it brings what changed, says little aloud, and stops by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from telemetry.models import Upload
from tests.cast import Cast, make_upload

URL = "/engagements/HB-1/evidence/"
PROGRESS = f"{URL}progress/"
POLL = 'hx-trigger="every 1s"'
MOST = 8


def reading(cast: Cast, **changes: Any) -> Upload:
    facts: dict[str, Any] = {"state": "reading", "finished_at": None, "size": 100_000_000, "format": ""}
    return make_upload(cast.engagement, **(facts | changes))


def asked(browser: Browser, since: datetime | None = None) -> str:
    """What it answers to a page that knows what was the case then; five seconds ago where no time is given."""
    since = since or timezone.now() - timedelta(seconds=5)
    answer = browser.get(f"{PROGRESS}?since={since.timestamp()}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_asks_once_for_all_files_and_no_row_asks(browser: Browser, cast: Cast) -> None:
    for number in range(40):
        reading(cast, sha256=f"{number:064}", file_name=f"{number}.log", state="received" if number else "reading")
    page = browser.get(URL).content.decode()
    assert page.count("every ") == page.count(POLL) == 1


def test_a_page_with_nothing_to_wait_for_does_not_ask(browser: Browser, cast: Cast) -> None:
    make_upload(cast.engagement)
    cast.engagement.analysed_at = timezone.now()
    cast.engagement.save()
    assert POLL not in browser.get(URL).content.decode()


def test_it_shows_bytes_rate_time_left_and_records(browser: Browser, cast: Cast) -> None:
    reading(cast, step="reading", bytes_read=40_000_000, bytes_per_second=10_000_000, records_read=120_000)
    page = asked(browser)
    for words in ("38.1\xa0MB of 95.4\xa0MB", "9.5\xa0MB/s", "about 10 s left", "120,000 records so far", 'value="40"'):
        assert words in page, words
    assert POLL in page
    assert "0 of 1 file read" in page


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"step": "unpacking", "records_read": 7}, "7 files so far"),
        ({"step": "storing"}, "Storing what it says:"),
        ({"claimed_until": timezone.now() - timedelta(seconds=1)}, "Its reader stopped. It is read again by itself"),
    ],
)
def test_it_says_what_is_being_done(facts: dict[str, Any], words: str, browser: Browser, cast: Cast) -> None:
    reading(cast, **facts)
    assert words in asked(browser)


def test_it_brings_rows_that_ended_since_and_leaves_the_others_alone(browser: Browser, cast: Cast) -> None:
    now = timezone.now()
    going = reading(cast)
    waiting = reading(cast, sha256="1" * 64, state="received")
    old = make_upload(cast.engagement, sha256="2" * 64, finished_at=now - timedelta(minutes=1))
    fresh = make_upload(cast.engagement, sha256="3" * 64, finished_at=now - timedelta(seconds=1))
    page = asked(browser, now - timedelta(seconds=5))
    assert f'<li id="upload-{fresh.pk}"' in page
    assert f'<div id="going-{going.pk}"' in page
    assert f'"upload-{going.pk}"' not in page, "the button of a row that is being read is not replaced under the finger"
    for other in (waiting, old):
        assert f'-{other.pk}"' not in page


def test_judging_is_shown_and_then_it_stops(browser: Browser, cast: Cast) -> None:
    make_upload(cast.engagement)
    answer = browser.get(PROGRESS)
    assert "being judged now" in answer.content.decode()
    assert POLL in answer.content.decode()
    assert "HX-Trigger" not in answer
    cast.engagement.analysed_at = timezone.now()
    cast.engagement.save()
    answer = browser.get(PROGRESS)
    assert POLL not in answer.content.decode()
    assert answer["HX-Trigger"] == '{"evidence-changed": {}}'


def test_an_opened_archive_makes_its_members_appear(browser: Browser, cast: Cast) -> None:
    make_upload(cast.engagement, format="archive", coverage={"members": 2})
    reading(cast, sha256="1" * 64, state="received")
    answer = browser.get(f"{PROGRESS}?since={timezone.now().timestamp() - 5}")
    assert answer["HX-Trigger"] == '{"archive-opened": {}}'


def test_it_speaks_at_each_quarter_only(browser: Browser, cast: Cast) -> None:
    now = timezone.now()
    reading(cast, queued_at=now - timedelta(seconds=60), state="received")
    for number in range(1, 12):
        make_upload(
            cast.engagement,
            sha256=f"{number:064}",
            queued_at=now - timedelta(seconds=60),
            finished_at=now - timedelta(seconds=2 * number),
        )
    assert "11 of 12 files read.</p>" not in asked(browser, now - timedelta(seconds=3)), (
        "from 10 to 11 no quarter is passed"
    )
    assert "11 of 12 files read.</p>" in asked(browser, now - timedelta(seconds=7)), "from 8 to 11 one is"


@pytest.mark.parametrize("since", ["", "x", "nan", "1e300", "-1e300"])
def test_a_time_that_is_none_is_no_fault(since: str, browser: Browser, cast: Cast) -> None:
    reading(cast)
    assert browser.get(f"{PROGRESS}?since={since}").status_code == 200


def test_its_price_does_not_grow_with_the_files(
    browser: Browser, cast: Cast, price: Callable[[Browser, str], int]
) -> None:
    reading(cast)
    before = price(browser, PROGRESS)
    for number in range(1, 40):
        state = ("done", "reading", "received")[number % 3]
        reading(cast, sha256=f"{number:064}", state=state, finished_at=timezone.now() if state == "done" else None)
    assert price(browser, f"{PROGRESS}?since={timezone.now().timestamp() - 5}") == before <= MOST
