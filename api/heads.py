"""HEAD for every GET (RFC 9110, section 9.3.2)."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Heads:
    """Has a HEAD request answered as GET; the server leaves out the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3)."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self._app(scope, receive, send)
        got = {**scope, "method": "GET"}
        try:
            await self._app(got, receive, send)
        finally:
            scope["route"] = got.get("route")
