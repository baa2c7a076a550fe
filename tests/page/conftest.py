"""The seeds' page in a browser. Its event loop is in the thread of the tests: each module has its
own, so that none is open while other tests run."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from rag.service import Service
from tests.api.serving import client_of
from tests.page.browsing import PATIENCE, Visits, address, open_browser, served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with open_browser() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visits]:
    """Opens pages, none of which may have complained in the end."""
    visits = Visits(browser)
    yield visits
    visits.close()
    assert visits.complaints == []


@pytest.fixture(scope="module")
def seeds_client(seeds_service: Service) -> Iterator[httpx.Client]:
    """A client of the five articles' service, to read from."""
    with client_of(seeds_service) as client:
        yield client


@pytest.fixture(scope="module")
def seeds_url(seeds_client: httpx.Client) -> str:
    """Where that is."""
    return address(seeds_client)


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    """Where an empty library of the test's own is served."""
    with served(service) as url:
        yield url
