"""The library's articles: listed, read, put in and taken out."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import TypeAdapter
from starlette.convertors import PathConvertor, register_url_convertor

from api.context import TheContext, TheService
from api.problems import documented
from api.schemas import Sources
from api.work import Caller
from rag.records import SourceFacts


class _SourceConvertor(PathConvertor):
    """A path with any character, line breaks too, as a file's name may have."""

    regex = "(?s:.*)"


register_url_convertor("source", _SourceConvertor())

Source = Annotated[
    str,
    Path(
        description="The article's name in the library, folders and all.",
        examples=["000_8e5a7804937815d9.txt"],
    ),
]

_FILE: dict[str, Any] = {
    "required": True,
    "description": "The file, byte for byte; its name says of what type it is.",
    "content": {
        "application/octet-stream": {
            "schema": {"type": "string", "format": "binary"},
            "example": "The harbour of Lindau was opened in 1856.\n",
        }
    },
}

_FACTS = TypeAdapter(SourceFacts)

router = APIRouter(prefix="/v1", tags=["articles"])


@router.get("/sources", responses=documented(401, 429, 503))
def sources(service: TheService) -> Sources:
    """Every article's facts, by source."""
    return Sources(sources=service.sources())


@router.get(
    "/sources/{source:source}/text",
    response_class=PlainTextResponse,
    responses=documented(401, 404, 429, 503),
)
def text(source: Source, service: TheService) -> PlainTextResponse:
    """An article's text as the library keeps it: what quotes refer to."""
    return PlainTextResponse(service.article(source).text)


@router.get("/sources/{source:source}", responses=documented(401, 404, 429, 503))
def facts(source: Source, service: TheService) -> SourceFacts:
    """What the library knows of an article besides its text."""
    return service.facts(source)


@router.put(
    "/sources/{source:source}",
    response_model=SourceFacts,
    responses={
        201: {"model": SourceFacts, "description": "The article is new in the library"},
        **documented(400, 401, 408, 413, 429, 503),
    },
    openapi_extra={"requestBody": _FILE},
)
async def put(source: Source, context: TheContext, request: Request) -> Response:
    """Put an article into the library, or a new version in the place of the old one.

    Whoever asks meanwhile is answered from the old one or the new one, whole.
    """

    caller = Caller()

    def store() -> tuple[bytes, bool]:
        stored, is_new = context.service.put(source, content, caller.gone)
        return _FACTS.dump_json(stored), is_new

    with context.writing.place():
        content = await request.body()
        body, is_new = await context.writing.serve(store, caller, request.receive)
    return Response(body, 201 if is_new else 200, media_type="application/json")


@router.delete(
    "/sources/{source:source}", status_code=204, responses=documented(401, 404, 429, 503)
)
async def delete(source: Source, context: TheContext, request: Request) -> Response:
    """Take an article out of the library."""
    with context.writing.place():
        await context.writing.serve(
            lambda: context.service.delete(source), Caller(), request.receive
        )
    return Response(status_code=204)
