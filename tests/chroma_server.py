"""A real Chroma server, to be stopped and started again."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx


class Chroma:
    """`chroma run` on a free port, with its data in `folder`."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1"]
        self._process = subprocess.Popen(
            [*command, "--port", str(self._port), "--path", str(self._folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(600):
            try:
                httpx.get(self.url + "/api/v2/heartbeat", trust_env=False)
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError("chroma does not start")

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def running(folder: Path) -> Iterator[Chroma]:
    """A server that runs, unless it is stopped meanwhile."""
    chroma = Chroma(folder)
    chroma.start()
    try:
        yield chroma
    finally:
        chroma.stop()


@contextmanager
def away(chroma: Chroma) -> Iterator[None]:
    chroma.stop()
    try:
        yield
    finally:
        chroma.start()
