"""What is being evaluated: Citewell in this process, or a running service over HTTP."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from eval.cases import Case, Texts
from rag.encoders import Encoders
from rag.errors import CitewellError, InputError
from rag.ingestion import Progress
from rag.records import Answer, Passage, SourceFacts
from rag.segmentation import flat
from rag.service import Service, open_service
from rag.settings import Settings

if TYPE_CHECKING:
    import httpx

Record = TypeVar("Record")

PASSAGES = 20
"""How many passages retrieval is measured over."""

_SECONDS = 120.0


class ServiceError(CitewellError):
    """The service that is evaluated cannot be reached or answered with an error."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A way to ask, and the stored text of the articles that answers are made of.

    `ask` raises CitewellError where it fails. `search` gives the passages behind an answer, best
    first; None where they cannot be seen from outside.
    """

    ask: Callable[[str], Answer]
    texts: Texts
    search: Callable[[str], Sequence[Passage]] | None


def as_asked(case: Case) -> str:
    """What is asked for a case: its question by itself, as the engine takes no conversation."""
    return case.question


def in_process(service: Service) -> Subject:
    """Citewell as it is here."""
    return Subject(
        ask=service.ask,
        texts={facts.source: service.article(facts.source).text for facts in service.sources()},
        search=lambda question: service.retriever.search(question, count=PASSAGES),
    )


@contextmanager
def temporary_library(
    articles: Path, settings: Settings, progress: Progress, encoders: Encoders
) -> Iterator[Service]:
    """A library of the files in the folder `articles`, its models loaded, gone afterwards.

    Raises InputError where a file cannot be used.
    """
    with TemporaryDirectory(prefix="citewell-") as folder:
        service = open_service(settings.model_copy(update={"data": Path(folder)}), encoders)
        try:
            report = service.ingest([articles], progress=progress)
            if report.failed:
                raise InputError("\n".join(reason for _, reason in report.failed))
            service.load()
            yield service
        finally:
            service.close()


@contextmanager
def over_http(
    url: str, key: str | None = None, transport: "httpx.BaseTransport | None" = None
) -> Iterator[Subject]:
    """The service at `url`, asked with the bearer `key`; through `transport` where one is given.

    Raises ServiceError where the service cannot be reached.
    """
    import httpx

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        client = httpx.Client(base_url=url, headers=headers, timeout=_SECONDS, transport=transport)
    except httpx.InvalidURL as error:
        raise ServiceError(
            f"{url} is no address ({error}): name one as http://HOST:PORT"
        ) from error
    with client:
        listed = _read(dict[str, list[SourceFacts]], client, "GET", "/v1/sources")
        texts = {facts.source: _text(client, facts.source) for facts in listed.get("sources", ())}
        yield Subject(ask=partial(_ask, client), texts=texts, search=None)


def _ask(client: "httpx.Client", question: str) -> Answer:
    return _read(Answer, client, "POST", "/v1/ask", json={"question": question})


def _text(client: "httpx.Client", source: str) -> str:
    return _call(client, "GET", f"/v1/sources/{quote(source)}/text").content.decode(
        errors="replace"
    )


def _read(kind: type[Record], client: "httpx.Client", *call: str, **body: Any) -> Record:
    """What the service sends, as a record of that kind."""
    from pydantic import TypeAdapter, ValidationError

    sent = _call(client, *call, **body).content
    try:
        return TypeAdapter(kind).validate_json(sent)
    except ValidationError as error:
        raise ServiceError(f"{client.base_url} sent something else: is it Citewell?") from error


def _call(client: "httpx.Client", method: str, path: str, **body: Any) -> "httpx.Response":
    import httpx

    try:
        response = client.request(method, path, **body)
    except httpx.HTTPError as error:
        raise ServiceError(
            f"{client.base_url} cannot be reached ({error}): start it with `citewell serve`"
        ) from error
    if response.is_error:
        reason = flat(response.text)[:300]
        raise ServiceError(f"{response.url} answered {response.status_code}: {reason}")
    return response
