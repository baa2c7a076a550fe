"""Each request as a whole: its id, its line in the log, its count, and the last word on errors."""

import logging
import re
import time
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.logs import request_id
from api.metrics import Metrics
from api.problems import FAILED, ProblemResponse

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"

_SANE = re.compile(r"[\w.:@/+=-]{1,128}", re.ASCII)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
_CLIENT_GONE = 499
"""The status that is counted where the client left before there was one."""


class Requests:
    """Gives each request its id, the client's own where that is sane, and tells what became of it.

    What no handler of errors expects becomes a 500 here and is raised again, for the server to log.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3)."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        id_ = _id(Headers(scope=scope).get(HEADER, ""))
        scope.setdefault("state", {})["request_id"] = id_
        request_id.set(id_)
        begun = time.perf_counter()
        status = 0
        left = False

        async def heard() -> Message:
            nonlocal left
            message = await receive()
            if message["type"] == "http.disconnect" and not status:
                left = True
            return message

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = id_
            await send(message)

        try:
            await self._app(scope, heard, told)
        except ClientDisconnect:
            pass  # nobody is there to be told
        except Exception:
            if not status:
                await ProblemResponse(FAILED, {"Connection": "close"})(scope, receive, told)
            raise
        finally:
            seconds = time.perf_counter() - begun
            self._note(scope, status if status and not left else _CLIENT_GONE, seconds)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's pattern and not the path: that may hold an article's name, or anything.
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.request(route, method, status, seconds)
        told = {"route": route, "method": method, "status": status, "ms": round(1000 * seconds, 1)}
        log.info("request", extra=told)


def _id(given: str) -> str:
    return given if _SANE.fullmatch(given) else uuid4().hex
