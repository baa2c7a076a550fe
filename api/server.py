"""Serves the application with uvicorn until the process is asked to end."""

import asyncio
import logging
import socket
from contextlib import closing

import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.connections import Connection
from api.context import Context
from api.listening import url
from api.logs import log_as_json
from rag.errors import IndexAway
from rag.service import open_service
from rag.settings import Settings

log = logging.getLogger(__name__)

GRACE = 10
"""Seconds that requests under way have to finish when the process is asked to end; what needs
longer is told so in the last of them."""

KEEP_ALIVE = 75
"""Seconds that a connection may be idle between two requests."""


def run(settings: Settings, listener: socket.socket) -> None:
    """Open the service that `settings` name, load its models, and serve it on `listener`.

    Says on standard output where, once it does; an index that is away may come back meanwhile.
    Raises SettingsError, LibraryError and ModelError.
    """
    log_as_json()
    with closing(open_service(settings)) as service:
        try:
            service.load()
        except IndexAway as error:
            log.warning("Not ready to answer yet: %s", error)
        app = create_app(service, settings.api_keys, settings.rate_limit, settings.cors_origins)
        Server(app).run(sockets=[listener])


class Server(uvicorn.Server):
    """Says where it serves once it does, and ends what is under way in good time."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._context: Context = app.state.context

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        for listener in sockets or []:
            print(f"Citewell serves on {url(listener)}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what is under way finish, or fail where that takes too long."""
        asyncio.get_running_loop().call_later(GRACE - 1, self._dismiss)
        await super().shutdown(sockets)

    def _dismiss(self) -> None:
        self._context.asking.dismiss()
        self._context.writing.dismiss()
