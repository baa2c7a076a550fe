"""The HTTP service under load: real clients of a real `citewell serve`, over loopback.

Throughput is set against as many threads that call the service directly, in one run. What HTTP adds
to an answer is what the client waits beyond the time that the answer itself says it took.
"""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.bootstrap import Figure
from eval.confidence import percentile
from eval.progress import Progress
from eval.speed import citewell
from rag.errors import CitewellError
from rag.service import open_service
from rag.settings import PREFIX, Settings

CLIENTS = 64

_PACKAGES = str(Path(__file__).resolve().parent.parent)
_KEY = "a-key-of-the-load-test"
_RATE_LIMIT = 60
_PAUSE = 0.1  # of a client that was refused; one that tries again at once tells more of itself


@dataclass(slots=True)
class _Heard:
    """What clients heard: how many answers in time, the seconds of each answer and each refusal,
    and what HTTP added to an answer."""

    in_time: int = 0
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    added: list[float] = field(default_factory=list)


def measure_load(
    articles: Sequence[str], questions: Sequence[str], seconds: float, progress: Progress
) -> dict[str, Figure]:
    """The figures of the HTTP service, over a library of `articles` in a temporary folder.

    Each of the two that are set against each other takes `seconds`, the others a third of that.
    Raises CitewellError where a request fails that should not.
    """
    with TemporaryDirectory(prefix="citewell-load-") as folder:
        library = Path(folder)
        direct = _direct(library, articles, questions, seconds)
        progress("Serving", 1, 4)
        with _served(library) as port:
            alone = asyncio.run(_ask(port, questions, 1, seconds / 3))
            progress("Serving", 2, 4)
            crowd = asyncio.run(_ask(port, questions, CLIENTS, seconds))
            progress("Serving", 3, 4)
        with _served(library, API_KEYS=_KEY, RATE_LIMIT=str(_RATE_LIMIT)) as port:
            limited = asyncio.run(_ask(port, questions, CLIENTS, seconds / 3))
            progress("Serving", 4, 4)
    ratio = crowd.in_time / direct if direct else None
    return {
        "http_throughput_ratio": Figure(ratio, crowd.in_time if direct else 0),
        "http_p99_ms": Figure(_ms(99, crowd.answered), len(crowd.answered)),
        "http_refused_p99_ms": Figure(_ms(99, limited.refused), len(limited.refused)),
        "http_overhead_p50_ms": Figure(_ms(50, alone.added), len(alone.added)),
    }


def _direct(
    library: Path, articles: Sequence[str], questions: Sequence[str], seconds: float
) -> int:
    """How many answers as many threads as there are clients get from the service itself."""
    service = open_service(Settings(data=library, model="extractive", embeddings="bundled"))
    try:
        for number, text in enumerate(articles):
            service.put(f"{number}.txt", text.encode())
        service.load()
        numbers = count()
        ends = time.perf_counter() + seconds

        def ask() -> int:
            answers = 0
            while time.perf_counter() < ends:
                service.ask(questions[next(numbers) % len(questions)])
                answers += time.perf_counter() < ends
            return answers

        with ThreadPoolExecutor(CLIENTS) as threads:
            return sum(one.result() for one in [threads.submit(ask) for _ in range(CLIENTS)])
    finally:
        service.close()


@contextmanager
def _served(library: Path, **settings: str) -> Iterator[int]:
    """A server of its own process; gives its port."""
    wanted = {"DATA": str(library), "MODEL": "extractive", "EMBEDDINGS": "bundled", **settings}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with subprocess.Popen(
        [*citewell(), "serve", "--port", "0"],
        cwd=library,
        env={**kept, **{PREFIX + n: value for n, value in wanted.items()}, "PYTHONPATH": _PACKAGES},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout
            port = process.stdout.readline().rpartition(":")[2].strip()
            if not port.isdecimal():
                raise CitewellError("The server did not start: see whether `citewell serve` works")
            yield int(port)
        finally:
            process.terminate()


async def _ask(port: int, questions: Sequence[str], clients: int, seconds: float) -> _Heard:
    """Have so many clients ask one question after another for so long."""
    heard = _Heard()
    numbers = count()
    ends = time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            asked = False
            while not asked or time.perf_counter() < ends:
                question = questions[next(numbers) % len(questions)]
                await _exchange(reader, writer, question, heard, ends)
                asked = True
        finally:
            writer.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(client())
    return heard


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    question: str,
    heard: _Heard,
    ends: float,
) -> None:
    """Ask once and note what came of it, and whether it came before the end."""
    begun = time.perf_counter()
    writer.write(_request(question))
    status, body = await _response(reader)
    took = time.perf_counter() - begun
    if status in (429, 503):
        heard.refused.append(took)
        await asyncio.sleep(_PAUSE)
    elif status != 200:
        raise CitewellError(f"A question was answered with {status}: see what the server logs")
    else:
        heard.in_time += begun + took <= ends
        heard.answered.append(took)
        heard.added.append(took - json.loads(body)["timings_ms"]["total"] / 1000)


def _request(question: str) -> bytes:
    body = json.dumps({"question": question}).encode()
    head = (
        "POST /v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {_KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(
        int(line.partition(":")[2])
        for line in head.split("\r\n")
        if line.startswith("content-length:")
    )
    return int(head.split(" ", 2)[1]), await reader.readexactly(length)


def _ms(q: float, seconds: Sequence[float]) -> float | None:
    found = percentile(seconds, q)
    return None if found is None else 1000 * found
