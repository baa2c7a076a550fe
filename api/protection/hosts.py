"""The Host header, where only this machine is to be served."""

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem


class LoopbackHosts:
    """Answers only to names of this machine.

    A page elsewhere can have its own name resolve to 127.0.0.1 and then read what it is answered
    (DNS rebinding); but the browser still sends that name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request (ASGI 3)."""
        if scope["type"] == "http" and not _is_loopback(Headers(scope=scope).get("host", "")):
            refusal = problem(
                421,
                "Without keys only this machine is served: use http://127.0.0.1 or "
                "http://localhost, or set CITEWELL_API_KEYS",
            )
            return await refusal(scope, receive, send)
        await self._app(scope, receive, send)


def _is_loopback(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    name = name.lower().rstrip(".")
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
