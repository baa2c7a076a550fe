"""What is being evaluated: Citewell in this process, or a running service over HTTP."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from eval.cases import Texts
from rag.answering.listener import Listener
from rag.encoders import Encoders
from rag.errors import CitewellError, InputError
from rag.ingestion import Progress
from rag.records import Answer, ClaimCheck, Passage, SourceFacts, Turn
from rag.segmentation import flat
from rag.service import Service, open_service
from rag.settings import Settings

if TYPE_CHECKING:
    import httpx

Record = TypeVar("Record")

_SECONDS = 120.0
_BUSY = (429, 503)
_RETRIES = 3
_LONGEST_PAUSE = 30.0


class ServiceError(CitewellError):
    """The service that is evaluated cannot be reached or answered with an error."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and the passages that it was made from, best first; None where a service does not
    show them."""

    answer: Answer
    passages: Sequence[Passage] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A way to ask and to check, and the stored text of the articles that answers are made of.

    `ask` takes a question and what was said before it, `check` a statement; both raise
    CitewellError where they fail.
    """

    ask: Callable[[str, Sequence[Turn]], Reply]
    check: Callable[[str], Sequence[ClaimCheck]]
    texts: Texts


class _Hearing(Listener):
    """Keeps the passages that were found for a question."""

    def __init__(self) -> None:
        self.found: Sequence[Passage] = ()

    def passages(self, passages: Sequence[Passage]) -> None:
        self.found = passages


def in_process(service: Service, model: str | None = None) -> Subject:
    """Citewell as it is here, answering with `model`, or with the one that is set.

    Raises SettingsError where there is no such model.
    """
    service.models.open(model)

    def ask(question: str, conversation: Sequence[Turn]) -> Reply:
        heard = _Hearing()
        answer = service.ask(question, conversation=conversation, model=model, listener=heard)
        return Reply(answer, heard.found)

    texts = {facts.source: service.article(facts.source).text for facts in service.sources()}
    return Subject(ask, service.check, texts)


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
    url: str,
    key: str | None = None,
    model: str | None = None,
    transport: "httpx.BaseTransport | None" = None,
) -> Iterator[Subject]:
    """The service at `url`, asked with the bearer `key`; through `transport` where one is given.

    It answers with `model`, or with the one that is set there.

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
        yield Subject(partial(_ask, client, model), partial(_check, client), texts)


def _ask(
    client: "httpx.Client", model: str | None, question: str, conversation: Sequence[Turn]
) -> Reply:
    body: dict[str, Any] = {"question": question}
    if conversation:
        body["conversation"] = [asdict(turn) for turn in conversation]
    if model:
        body["model"] = model
    return Reply(_read(Answer, client, "POST", "/v1/ask", json=body))


def _check(client: "httpx.Client", statement: str) -> list[ClaimCheck]:
    return _read(list[ClaimCheck], client, "POST", "/v1/check", json={"text": statement})


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
        for _ in range(_RETRIES):
            if response.status_code not in _BUSY:
                break
            time.sleep(_pause(response))
            response = client.request(method, path, **body)
    except httpx.HTTPError as error:
        raise ServiceError(
            f"{client.base_url} cannot be reached ({error}): start it with `citewell serve`"
        ) from error
    if response.is_error:
        reason = flat(response.text)[:300]
        raise ServiceError(f"{response.url} answered {response.status_code}: {reason}")
    return response


def _pause(response: "httpx.Response") -> float:
    """The seconds that a busy service asks to wait; a second where it does not say."""
    said = response.headers.get("Retry-After", "")
    return min(float(said), _LONGEST_PAUSE) if said.isdecimal() else 1.0
