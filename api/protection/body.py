"""How large a request's body may be, and how slowly it may come."""

import asyncio
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.paths import path_of
from api.problems import ProblemError, ProblemResponse, explained
from rag.reading import MAX_BYTES

MAX_BODY = 1_000_000
"""Bytes of a body, but for an article's: that may have as many as a file."""

PATIENCE = 30.0
"""Seconds for a body to come, and one more for each `SLOWEST` bytes of it."""

SLOWEST = 16_000

_CLOSE = {"Connection": "close"}


class BodyLimit:
    """Refuses bodies that are too large, announced or not, before they are in memory, and gives up
    on those that trickle in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3)."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = _limit(scope)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            too_large = ProblemResponse(explained(_too_large(limit)), _CLOSE)
            return await too_large(scope, receive, send)
        begun = time.monotonic()
        received = 0
        whole = False

        async def limited() -> Message:
            nonlocal received, whole
            if whole:
                return await receive()
            allowed = begun + PATIENCE + received / SLOWEST - time.monotonic()
            try:
                async with asyncio.timeout(allowed):
                    message = await receive()
            except TimeoutError:
                raise ProblemError(
                    408, "The body came too slowly: send it again, faster", headers=_CLOSE
                ) from None
            whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, limited, send)


def _limit(scope: Scope) -> int:
    is_article = scope["method"] == "PUT" and path_of(scope).startswith("/v1/sources/")
    return MAX_BYTES if is_article else MAX_BODY


def _too_large(limit: int) -> ProblemError:
    what = f"The body is larger than {limit // 1_000_000} MB: send less"
    return ProblemError(413, what, headers=_CLOSE)
