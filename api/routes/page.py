"""The page: the files of `api/page`, `index.html` at / and the others under /page/."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

_TYPES: Mapping[str, str] = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Asset:
    content: bytes
    media_type: str
    tag: str


@router.get("/")
async def index(request: Request) -> Response:
    """Where people begin."""
    return _sent("index.html", request)


@router.get("/page/{path:path}")
async def asset(path: str, request: Request) -> Response:
    """A style, a script, an icon."""
    return _sent(path, request)


def _sent(path: str, request: Request) -> Response:
    """A file of the page; 304 where the browser has it, which it asks about each time."""
    asset = _assets().get(path)
    if asset is None:
        raise HTTPException(404)
    headers = {"Cache-Control": "no-cache", "ETag": asset.tag}
    known = request.headers.get("if-none-match", "")
    if asset.tag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)


@cache
def _assets() -> Mapping[str, _Asset]:
    """Every file of the page by its path in it: what is not here cannot be asked for."""
    return dict(_found(files("api") / "page", ""))


def _found(folder: Traversable, prefix: str) -> Iterator[tuple[str, _Asset]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _found(entry, f"{prefix}{entry.name}/")
        elif media_type := _TYPES.get(entry.name.rpartition(".")[2]):
            content = entry.read_bytes()
            tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            yield prefix + entry.name, _Asset(content, media_type, tag)
