"""The routes: each turns a request into a call of the service."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Request
from fastapi.openapi.models import Example
from fastapi.responses import PlainTextResponse, RedirectResponse

from api.problems import documented
from api.schemas import AskRequest, Health, Readiness, Sources
from rag.records import Answer, SourceFacts
from rag.service import Service

_ASK_EXAMPLES: dict[str, Example] = {
    "answered": {
        "summary": "A question that the articles of seeds/ answer",
        "value": {"question": "How many troops marched through Red Square?"},
    },
    "some sources": {
        "summary": "The same, asked of some articles only",
        "value": {"question": "How many troops marched through Red Square?", "sources": ["000_*"]},
    },
    "refused": {
        "summary": "A question that they do not answer",
        "value": {"question": "What does a ticket to the Louvre cost?"},
    },
}


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]
Source = Annotated[
    str,
    Path(
        description="The article's name in the library, folders and all.",
        examples=["000_8e5a7804937815d9.txt"],
    ),
]

v1 = APIRouter(prefix="/v1")
health = APIRouter(tags=["health"])


@v1.post("/ask", tags=["answers"], responses=documented(400, 413, 422, 503))
def ask(
    asked: Annotated[AskRequest, Body(openapi_examples=_ASK_EXAMPLES)], service: TheService
) -> Answer:
    """Answer a question with exact quotes; what the articles do not say is refused.

    A quote is `text[start:end]` of its source's text, counted in characters (code points).
    """
    return service.ask(asked.question, asked.sources)


@v1.get("/sources", tags=["articles"], responses=documented(503))
def sources(service: TheService) -> Sources:
    """Every article's facts, by source."""
    return Sources(sources=service.sources())


@v1.get(
    "/sources/{source:path}/text",
    tags=["articles"],
    response_class=PlainTextResponse,
    responses=documented(404, 503),
)
def text(source: Source, service: TheService) -> PlainTextResponse:
    """An article's text as the library keeps it: what quotes refer to."""
    stored = service.article(source).text
    # Whatever an article holds, no browser is to take it for a page.
    return PlainTextResponse(stored, headers={"X-Content-Type-Options": "nosniff"})


@v1.get("/sources/{source:path}", tags=["articles"], responses=documented(404, 503))
def facts(source: Source, service: TheService) -> SourceFacts:
    """What the library knows of an article besides its text."""
    return service.facts(source)


@health.get("/healthz")
async def healthz() -> Health:
    """The process is alive, however busy its threads are."""
    return Health()


@health.get("/readyz", responses=documented(503))
def readyz(service: TheService) -> Readiness:
    """Questions can be answered: the models load and the library and its index open."""
    service.encoders.load()
    return Readiness(articles=service.status().articles)


@health.get("/", include_in_schema=False)
def home() -> RedirectResponse:
    """Where people begin."""
    return RedirectResponse("docs")
