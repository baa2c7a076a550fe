"""What tests share: the real bundled models, loaded once, and a library of the seeds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from rag.encoders import Encoders
from rag.service import Service, open_service
from rag.settings import Settings
from tests.openai_server import KEY, OpenAIServer

settings.register_profile("citewell", deadline=None)  # machines are noisy: no test asserts a time
settings.load_profile("citewell")


@pytest.fixture(scope="session", autouse=True)
def no_key() -> Iterator[None]:
    """Whatever is set where the tests run, none of them asks a model outside."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
            environment.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def encoders() -> Encoders:
    return Encoders.bundled()


@pytest.fixture(scope="session", autouse=True)
def loaded_once(encoders: Encoders) -> Iterator[None]:
    """Commands that are run in this process share the models."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Encoders, "bundled", lambda: encoders)
        yield


@pytest.fixture(scope="session")
def seeds() -> Path:
    return Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="session")
def seeds_service(
    encoders: Encoders, seeds: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The five articles, ingested; to read from, not to change."""
    service = open_service(Settings(data=tmp_path_factory.mktemp("seeds")), encoders)
    service.ingest([seeds])
    yield service
    service.close()


@pytest.fixture
def service(encoders: Encoders, tmp_path: Path) -> Iterator[Service]:
    """An empty library of a test's own."""
    service = open_service(Settings(data=tmp_path / "library"), encoders)
    yield service
    service.close()


@pytest.fixture
def openai_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    """A server that `openai:` models talk to, to tell what to say."""
    with OpenAIServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield server
