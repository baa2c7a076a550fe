"""The process that `rag.reading.parser` starts: a file on standard input, one line of JSON back."""

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from typing import BinaryIO

from rag.reading.contents import Unreadable

MAX_MEMORY = 2_000_000_000
"""Bytes of address space."""


def main() -> None:
    """Read files until standard input ends. Past its time or memory for one, the process ends."""
    cpu_seconds = float(sys.argv[1])
    # Not every system can limit memory.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    # What a parser prints is no reply.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    while request := sys.stdin.buffer.readline():
        reader, size = request.decode().split()
        content = sys.stdin.buffer.read(int(size))
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)  # its signal ends the process
        reply = _reply(reader, content)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(reply, replies)


def _reply(reader: str, content: bytes) -> dict[str, object]:
    try:
        return asdict(importlib.import_module(f"rag.reading.{reader}").read(content))
    except Unreadable as error:
        return {"unreadable": str(error)}
    # A damaged file can raise anything in a parser. It is the file's doing, and reported as that.
    except Exception as error:
        return {"unreadable": f"is damaged ({type(error).__name__}): save or download it again"}


def _send(reply: dict[str, object], replies: BinaryIO) -> None:
    replies.write(json.dumps(reply).encode() + b"\n")
    replies.flush()


if __name__ == "__main__":
    main()
