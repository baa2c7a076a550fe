"""Parsers of others, in a child process: whatever a file does to them, it ends, and only they do.

The child is started when the first such file is met, reads one file after another, and ends with
this process. What it may use of time and memory is set in `rag.reading.child`.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from functools import cache

from rag.reading.contents import Contents, Unreadable
from rag.reading.sniffing import DOCX, HTML, PDF

CPU_SECONDS = 60
"""Of the parser's own computing time for one file; a busy machine is not held against it."""

_READERS = {HTML: "html", PDF: "pdf", DOCX: "docx"}


def parsed(kind: str, content: bytes) -> Contents:
    """What a page, PDF or Word document holds. Raises Unreadable."""
    return _parser().read(_READERS[kind], content)


@cache
def _parser() -> "Parser":
    parser = Parser()
    atexit.register(parser.close)
    return parser


class Parser:
    """A child process that parses files, one at a time, within `cpu_seconds` each."""

    def __init__(self, cpu_seconds: float = CPU_SECONDS) -> None:
        self._cpu_seconds = cpu_seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, reader: str, content: bytes) -> Contents:
        """What the module `rag.reading.<reader>` makes of `content`. Raises Unreadable."""
        with self._lock:
            try:
                reply = self._ask(reader, content)
            except BaseException:
                self._end()  # in mid-word: it could not be understood any more
                raise
        if "unreadable" in reply:
            raise Unreadable(reply["unreadable"])
        return Contents(reply["text"] or "", reply["title"], reply["date"])

    def close(self) -> None:
        """End the child process."""
        with self._lock:
            self._end()

    def _ask(self, reader: str, content: bytes) -> dict[str, str | None]:
        child = self._child = self._child or self._started()
        assert child.stdin
        assert child.stdout
        try:
            child.stdin.write(f"{reader} {len(content)}\n".encode() + content)
            child.stdin.flush()
            line = child.stdout.readline()
        except BrokenPipeError:
            line = b""
        if line.endswith(b"\n"):
            reply: dict[str, str | None] = json.loads(line)
            return reply
        raise Unreadable(
            f"cannot be read in {self._cpu_seconds:g} s or breaks its parser: save it as text"
        )

    def _started(self) -> subprocess.Popen[bytes]:
        """Finds modules where this process does; a terminal's Ctrl-C goes to this process alone."""
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "rag.reading.child", str(self._cpu_seconds)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _end(self) -> None:
        if self._child:
            self._child.kill()
            self._child.communicate()
            self._child = None
