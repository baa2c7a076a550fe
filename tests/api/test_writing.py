"""PUT and DELETE /v1/sources: one article at a time, whole, and under a name of the library."""

import hashlib
import threading
import unicodedata
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from rag.reading import MAX_BYTES
from rag.service import Service
from tests.api.serving import client_of, problem
from tests.fakes import another_writer

OLD = b"The harbour of Lindau was opened in 1856.\n"
NEW = b"The harbour of Lindau was opened in 1912.\n"
QUESTION = {"question": "When was the harbour of Lindau opened?"}


@pytest.fixture
def writable(service: Service) -> Iterator[httpx.Client]:
    """A client of an empty library."""
    with client_of(service) as client:
        yield client


def test_an_article_is_put_replaced_and_taken_out(writable: httpx.Client) -> None:
    put = writable.put("/v1/sources/towns/lindau.txt", content=OLD)
    assert put.status_code == 201
    facts = put.json()
    assert facts["source"] == "towns/lindau.txt"
    assert facts["sha256"] == hashlib.sha256(OLD).hexdigest()
    assert writable.get("/v1/sources").json() == {"sources": [facts]}
    assert "1856" in writable.post("/v1/ask", json=QUESTION).json()["answer"]

    again = writable.put("/v1/sources/towns/lindau.txt", content=OLD)
    assert (again.status_code, again.json()) == (200, facts)
    replaced = writable.put("/v1/sources/towns/lindau.txt", content=NEW)
    assert replaced.status_code == 200
    assert writable.get("/v1/sources/towns/lindau.txt/text").content == NEW
    assert "1912" in writable.post("/v1/ask", json=QUESTION).json()["answer"]

    gone = writable.delete("/v1/sources/towns/lindau.txt")
    assert (gone.status_code, gone.content) == (204, b"")
    problem(writable.delete("/v1/sources/towns/lindau.txt"), 404)
    assert writable.get("/v1/sources").json() == {"sources": []}


def test_only_the_article_of_that_very_name_is_taken_out(writable: httpx.Client) -> None:
    for name in ("a.txt", "b.txt"):
        writable.put(f"/v1/sources/{name}", content=OLD)
    problem(writable.delete("/v1/sources/*.txt"), 404)
    writable.put("/v1/sources/*.txt", content=NEW)
    assert writable.delete("/v1/sources/*.txt").status_code == 204
    listed = writable.get("/v1/sources").json()["sources"]
    assert [facts["source"] for facts in listed] == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../up.txt",
        "a/../../up.txt",
        "./a.txt",
        "/etc/passwd.txt",
        "a//b.txt",
        "a\\b.txt",
        "C:\\a.txt",
        "a\0.txt",
        "a\t.txt",
        "a\x7f.txt",
        "a\u202etxt.txt",
        "a\ufffd.txt",
        "x" * 252 + ".txt",
        "a/" * 500 + "b.txt",
    ],
)
def test_a_name_that_is_none_of_the_librarys_is_refused(
    writable: httpx.Client, service: Service, name: str
) -> None:
    # http.client sends a path as it is: httpx would resolve the dots before anyone sees them.
    connection = HTTPConnection(writable.base_url.host, writable.base_url.port or 0)
    connection.request("PUT", "/v1/sources/" + quote(name, safe="/."), body=OLD)
    response = connection.getresponse()
    found = httpx.Response(response.status, headers=response.getheaders(), content=response.read())
    connection.close()
    assert "name" in problem(found, 400)["detail"]
    assert service.sources() == []


def test_a_name_is_kept_in_the_form_that_keyboards_type(writable: httpx.Client) -> None:
    composed = unicodedata.normalize("NFC", "Überlingen.txt")
    decomposed = quote(unicodedata.normalize("NFD", composed))
    assert writable.put(f"/v1/sources/{decomposed}", content=OLD).json()["source"] == composed
    assert writable.put(f"/v1/sources/{quote(composed)}", content=OLD).status_code == 200


def test_an_article_is_had_and_taken_out_by_whichever_form_it_was_put(
    writable: httpx.Client,
) -> None:
    put = "/v1/sources/" + quote(unicodedata.normalize("NFD", "Überlingen/Häfen.txt"))
    facts = writable.put(put, content=OLD).json()
    assert writable.get(put).json() == facts
    assert writable.get(f"{put}/text").content == OLD
    assert writable.delete(put).status_code == 204
    problem(writable.get(put), 404)
    assert writable.get("/v1/sources").json() == {"sources": []}


def test_an_article_from_a_folder_is_had_by_any_name_that_a_file_may_have(
    writable: httpx.Client, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from" / "lin\ndau.txt").write_bytes(OLD)
    service.ingest([tmp_path / "from"])
    assert writable.get("/v1/sources/lin%0Adau.txt/text").content == OLD
    assert writable.delete("/v1/sources/lin%0Adau.txt").status_code == 204


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.exe", OLD, "a.exe"),
        ("a", OLD, "read"),
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n", "empty"),
        ("a.txt", b"\x7fELF\0\0\1", "a program"),
    ],
)
def test_what_is_no_article_is_refused_with_the_reason(
    writable: httpx.Client, service: Service, name: str, content: bytes, said: str
) -> None:
    assert said in problem(writable.put(f"/v1/sources/{name}", content=content), 400)["detail"]
    assert service.sources() == []


@pytest.mark.parametrize("announced", [True, False])
def test_an_article_may_be_as_large_as_a_file(writable: httpx.Client, announced: bool) -> None:
    body = b"x" * (MAX_BYTES + 1)
    pieces = (body[at : at + 1_000_000] for at in range(0, len(body), 1_000_000))
    response = writable.put("/v1/sources/a.txt", content=body if announced else pieces)
    assert "20 MB" in problem(response, 413)["detail"]
    above_others = b"The harbour is old. " * 60_000
    assert len(above_others) > 1_000_000
    # Its size is fine; its type is not, which is found without encoding a megabyte.
    assert (
        "a.exe" in problem(writable.put("/v1/sources/a.exe", content=above_others), 400)["detail"]
    )


def test_while_another_process_writes_it_is_worth_another_try(
    writable: httpx.Client, tmp_path: Path
) -> None:
    with another_writer(tmp_path / "library"):
        for response in (
            writable.put("/v1/sources/a.txt", content=OLD),
            writable.delete("/v1/sources/a.txt"),
        ):
            assert str(tmp_path) not in str(problem(response, 503))
            assert int(response.headers["retry-after"]) > 0


def test_whoever_asks_meanwhile_hears_the_old_article_or_the_new_one(
    writable: httpx.Client,
) -> None:
    versions = {hashlib.sha256(text).hexdigest(): text.decode() for text in (OLD, NEW)}
    writable.put("/v1/sources/lindau.txt", content=OLD)
    done = threading.Event()

    def write() -> None:
        for content in [NEW, OLD] * 6:
            writable.put("/v1/sources/lindau.txt", content=content)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    heard = 0
    while not done.is_set():
        answer = writable.post("/v1/ask", json=QUESTION).json()
        for cited in answer["citations"]:
            heard += 1
            assert versions[cited["sha256"]][cited["start"] : cited["end"]] == cited["quote"]
    writer.join()
    assert heard
