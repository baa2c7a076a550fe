"""`citewell serve`, as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

import api
from api.listening import listen, url
from rag.encoders import Encoders
from rag.errors import InputError, SettingsError
from rag.service import open_service
from rag.settings import Settings
from tests.api.serving import problem
from tests.chroma_server import Chroma


def serve(folder: Path, *options: str, **settings: str) -> "subprocess.Popen[str]":
    """Start `citewell serve` over the library in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CITEWELL_")}
    path = [str(Path(api.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-c", "from rag.cli import main; main()", "serve", *options],
        cwd=folder,
        env={**kept, "PYTHONPATH": os.pathsep.join(path), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("asked_to_end", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_serves_and_ends_when_asked_to(
    tmp_path: Path, asked_to_end: signal.Signals
) -> None:
    with serve(tmp_path, "--port", "0", CITEWELL_API_KEYS="a-key, another") as process:
        try:
            assert process.stdout
            said = process.stdout.readline().split()
            assert said[:-1] == ["Citewell", "serves", "on"]
            with httpx.Client(base_url=said[-1], timeout=60, trust_env=False) as client:
                assert client.get("/readyz").json() == {"status": "ready", "articles": 0}
                assert client.get("/v1/sources").status_code == 401
                with_key = client.get("/v1/sources", headers={"authorization": "Bearer another"})
                assert with_key.json() == {"sources": []}
                process.send_signal(asked_to_end)  # with a connection still open
                rest, diagnostics = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, rest) == (0, "")
    lines = [json.loads(line) for line in diagnostics.splitlines()]
    assert [(line["route"], line["status"]) for line in lines if "route" in line] == [
        ("/readyz", 200),
        ("none", 401),
        ("/v1/sources", 200),
    ]


def test_it_serves_while_its_chroma_server_is_away_and_answers_when_that_is_back(
    encoders: Encoders, tmp_path: Path
) -> None:
    chroma = Chroma(tmp_path / "chroma")
    settings = Settings(data=tmp_path / ".citewell", chroma_url=chroma.url)
    try:
        chroma.start()
        with closing(open_service(settings, encoders)) as service:
            service.put("lindau.txt", b"The harbour of Lindau was opened in 1856.\n")
        chroma.stop()
        with serve(tmp_path, "--port", "0", CITEWELL_CHROMA_URL=chroma.url) as process:
            try:
                assert process.stdout
                address = process.stdout.readline().split()[-1]
                with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
                    assert "index" in problem(client.get("/readyz"), 503)["detail"]
                    chroma.start()
                    assert client.get("/readyz").json() == {"status": "ready", "articles": 1}
                    asked = {"question": "When was the harbour of Lindau opened?"}
                    assert client.post("/v1/ask", json=asked).json()["status"] == "answered"
                process.terminate()
                _, diagnostics = process.communicate(timeout=60)
            finally:
                process.kill()
    finally:
        chroma.stop()
    first = json.loads(diagnostics.splitlines()[0])
    assert (first["level"], first["logger"]) == ("warning", "api.server")
    assert f"The Chroma server at {chroma.url} is out of reach" in first["message"]


def test_a_taken_port_is_one_line_that_names_another(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serve(tmp_path, "--port", str(port)) as process:
            said, diagnostics = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert diagnostics == f"citewell: Port {port} is in use: try --port {port + 1}\n"


def test_the_command_line_can_know_the_command_without_loading_the_server() -> None:
    loads = "import sys, api.command; print({'fastapi', 'uvicorn', 'rag.service'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", loads],
        cwd=Path(api.__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
def test_other_machines_are_let_in_only_where_keys_are_set(host: str) -> None:
    with pytest.raises(SettingsError, match="CITEWELL_API_KEYS"):
        listen(host, 0, beyond_loopback=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_loopback_needs_no_keys(host: str) -> None:
    with listen(host, 0, beyond_loopback=False) as listener:
        socket.create_connection(listener.getsockname()[:2]).close()


def test_with_keys_any_address_of_this_machine_will_do() -> None:
    with listen("0.0.0.0", 0, beyond_loopback=True) as listener:
        assert url(listener) == f"http://0.0.0.0:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("192.0.2.1", "not an address of this machine"),  # TEST-NET-1 (RFC 5737)
        ("no host", "not an address"),
        ("a" * 100, "not an address"),
    ],
)
def test_an_address_that_cannot_be_had_is_named(host: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        listen(host, 0, beyond_loopback=True)
    assert host in str(raised.value)
