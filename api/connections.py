"""Connections that hold up nobody: those that say nothing, or do not read, are closed."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.problems import problem

IDLE = 15.0
"""Seconds that a connection may be open without a request being whole in its head."""

HEAD_BYTES = 64_000
"""Of a request's head; a longer one is refused, for each byte of it costs more than the last."""

UNREAD = 20.0
"""Seconds that a client may leave what was sent unread before the connection is cut."""

_CLOSE = {"Connection": "close"}


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with a deadline for a request's head and for reading a response."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request soon."""
        super().connection_made(transport)
        self._head = self._deadline(IDLE)

    def on_message_begin(self) -> None:
        """A head begins: expect the rest soon. (Between requests uvicorn's own deadline holds.)"""
        super().on_message_begin()
        _met(self._head)
        self._head = self._deadline(IDLE)
        self._head_bytes, self._in_head = 0, True

    def data_received(self, data: bytes) -> None:
        """Take what has come, as long as a head is no longer than it may be."""
        super().data_received(data)
        self._head_bytes += len(data)
        if self._in_head and self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(431, "The request's head is too long: send shorter headers")

    def on_headers_complete(self) -> None:
        """The head is whole; its body has a deadline of its own."""
        _met(self._head)
        self._in_head = False
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """The client does not read: expect it to go on soon."""
        super().pause_writing()
        _met(self._reading)
        self._reading = self._deadline(UNREAD)

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        _met(self._reading)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        _met(self._head)
        _met(self._reading)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Say of what is not HTTP that it is not, as any other problem is said."""
        self._refuse(400, "This is no valid HTTP request: send HTTP/1.1")

    def _refuse(self, status: int, detail: str) -> None:
        refusal = problem(status, detail, _CLOSE)
        head = b"".join(name + b": " + value + b"\r\n" for name, value in refusal.raw_headers)
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + bytes(refusal.body))
        self.transport.close()

    def _deadline(self, seconds: float) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, self.transport.abort)


def _met(deadline: asyncio.TimerHandle | None) -> None:
    if deadline:
        deadline.cancel()
