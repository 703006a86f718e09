"""A site that a browser can visit, and somebody who is signed in to it."""

import pytest
import redis
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.services import PATIENCE_S
from tests.visitor import Site

expect.set_options(timeout=1000 * PATIENCE_S)


@pytest.fixture
def site(live_server: LiveServer, page: Page, queue: redis.Redis) -> Site:
    """The product on the test database, with an empty queue and a page that nobody is signed in to."""
    return Site(live_server.url, page)
