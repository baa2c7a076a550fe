"""A real server on a free port of loopback, a client of it, and what a problem must look like."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx

from api.app import create_app
from api.server import Server
from rag.service import Service


@contextmanager
def client_of(
    service: Service,
    api_keys: Sequence[str] = (),
    rate_limit: int | None = None,
    cors_origins: Sequence[str] = (),
) -> Iterator[httpx.Client]:
    """Serve `service` over HTTP from a thread, and give a client."""
    app = create_app(service, api_keys, rate_limit, cors_origins)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server = Server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.start()
        try:
            with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem details of a response, which must be of this status and whole (RFC 9457)."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    details: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail"} <= set(details) <= {*_MEMBERS}
    assert details["type"] == "about:blank"
    assert details["title"] == HTTPStatus(status).phrase
    assert details["status"] == status
    assert details["detail"]
    return details


_MEMBERS = ("type", "title", "status", "detail", "errors", "error")
