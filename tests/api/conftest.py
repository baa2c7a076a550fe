"""The seeds, served."""

from collections.abc import Iterator

import httpx
import pytest

from rag.service import Service
from tests.api.serving import client_of


@pytest.fixture(scope="session")
def client(seeds_service: Service) -> Iterator[httpx.Client]:
    """A client of the five articles' service, which asks for no key."""
    with client_of(seeds_service) as client:
        yield client
