"""A small cast, and Ann's browser. Nothing is sent to a worker; what would be is written down."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from reviews.views import intake, mappings, uploads
from tests.cast import Cast, make_cast


@pytest.fixture(scope="module")
def everybody(module_rows: DjangoDbBlocker) -> Cast:
    with module_rows.unblock():
        return make_cast()


@pytest.fixture
def cast(everybody: Cast, db: None) -> Cast:
    return deepcopy(everybody)


@pytest.fixture
def browser(cast: Cast) -> Browser:
    """Signed in as Ann. Overrides the Chromium of the browser tests: here nothing is drawn."""
    browser = Browser()
    browser.force_login(cast.ann)
    return browser


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What a view sends to the queue: the task's name and the row's id."""
    letters: list[tuple[str, Any]] = []
    for view in (intake, mappings, uploads):
        monkeypatch.setattr(
            view, "send_on_commit", lambda task, row_id: letters.append((task.name.split(".")[-1], row_id))
        )
    return letters


@pytest.fixture
def price() -> Callable[[Browser, str], int]:
    """How many queries a page takes."""

    def count(browser: Browser, url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(url).status_code == 200
        return len(queries)

    return count
