"""Connections that hold up nobody: those that say nothing, or do not read, are closed."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

IDLE = 15.0
"""Seconds that a connection may be open without a request being whole in its head."""

UNREAD = 20.0
"""Seconds that a client may leave what was sent unread before the connection is cut."""


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with a deadline for a request's head and for reading a response."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request soon."""
        super().connection_made(transport)
        self._expect(IDLE)

    def on_message_begin(self) -> None:
        """A head begins: expect the rest soon. (Between requests uvicorn's own deadline holds.)"""
        super().on_message_begin()
        self._expect(IDLE)

    def on_headers_complete(self) -> None:
        """The head is whole; its body has a deadline of its own."""
        self._relax()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """The client does not read: expect it to go on soon."""
        super().pause_writing()
        self._expect(UNREAD)

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._relax()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._relax()
        super().connection_lost(exc)

    def _expect(self, seconds: float) -> None:
        self._relax()
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _relax(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None
