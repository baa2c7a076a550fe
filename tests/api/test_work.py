"""What becomes of calls when the process is asked to end."""

import asyncio
import threading
import time

import pytest

from api.work import LAST, Caller, Desk
from rag.errors import Abandoned


def test_whoever_waits_for_a_call_that_does_not_end_is_told_so_when_the_process_ends() -> None:
    begun, end = threading.Event(), threading.Event()
    desk = Desk("test", 1, 1)
    caller = Caller()

    def call() -> None:
        begun.set()
        end.wait(60)

    async def receive() -> dict[str, str]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def serve() -> float:
        served = asyncio.create_task(desk.serve(call, caller, receive))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        dismissed = time.monotonic()
        desk.dismiss()
        with pytest.raises(Abandoned):
            await served
        return time.monotonic() - dismissed

    try:
        assert asyncio.run(serve()) < 30 * LAST
    finally:
        end.set()
    assert caller.gone()
