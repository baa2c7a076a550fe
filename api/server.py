"""Serves the application with uvicorn until the process is asked to end."""

import logging
import socket
from contextlib import closing

import uvicorn

from api.app import create_app
from api.listening import url
from rag.service import open_service
from rag.settings import Settings

GRACE = 10
"""Seconds that requests under way have to finish when the process is asked to end."""


def run(settings: Settings, listener: socket.socket) -> None:
    """Open the service that `settings` name, load its models, and serve it on `listener`.

    Says on standard output where, once it does. Raises SettingsError, LibraryError and ModelError.
    """
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    with closing(open_service(settings)) as service:
        service.load()
        config = uvicorn.Config(
            create_app(service, settings.api_keys),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        _Server(config).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says where it serves once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            print(f"Citewell serves on {url(listener)}", flush=True)
