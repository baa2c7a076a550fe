"""`citewell serve`."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from types import FrameType


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8000,
) -> None:
    """Answer questions over HTTP; /docs shows how."""
    import signal
    from contextlib import closing

    # uvicorn finishes what is under way and then raises the signal again: it comes here too.
    for asked_to_end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked_to_end, _end)

    from api.listening import listen
    from rag.settings import load_settings

    settings = load_settings()
    with closing(listen(host, port, beyond_loopback=bool(settings.api_keys))) as listener:
        from api.server import run

        run(settings, listener)


def _end(signal: int, frame: "FrameType | None") -> None:
    raise SystemExit(0)
