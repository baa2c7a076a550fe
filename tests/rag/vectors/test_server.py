"""The index on a real Chroma server: the same results, and what happens when it goes away."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from rag.errors import IndexAway, LibraryError
from rag.library import export, restore
from rag.vectors.server import Server
from tests.chroma_server import Chroma, away, running
from tests.place import Place

TEXTS = {
    f"{n}.txt": f"Castle {n} stands by the river. It has {n} towers and a lantern.\n\n"
    f"The harbour of castle {n} was dug in {1800 + n}."
    for n in range(12)
}


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chroma]:
    with running(tmp_path_factory.mktemp("chroma")) as chroma:
        yield chroma


@pytest.fixture
def place(chroma: Chroma, tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path, chroma.url)
    for name, text in TEXTS.items():
        place.write(name, text)
    place.ingest()
    yield place
    place.close()


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """A server that knows nothing of Chroma; gives its address."""
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def vector(place: Place, text: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(place.embeddings.embed_query(text), dtype=np.float32)


def test_results_are_those_of_the_embedded_index(place: Place, tmp_path: Path) -> None:
    (tmp_path / "embedded").mkdir()
    embedded = Place(tmp_path / "embedded")
    embedded.ingest(place.articles)
    assert not (place.library.folder / "chroma").exists()
    for question in ("the river", "Who dug the harbour of castle 7?", "lantern"):
        for sources in (None, ["3.txt", "5.txt"]):
            found = [
                [
                    (chunk.source, chunk.start)
                    for id_ in one.index.nearest(vector(one, question), 10, sources)
                    for chunk in one.library.chunks([id_])
                ]
                for one in (place, embedded)
            ]
            assert found[0] == found[1]
    place.assert_level()
    embedded.close()


def test_changes_reach_the_server_and_other_libraries_are_apart(
    place: Place, chroma: Chroma, tmp_path: Path
) -> None:
    (tmp_path / "second").mkdir()
    second = Place(tmp_path / "second", chroma.url)
    second.write("z.txt", "Nothing but a meadow.")
    second.ingest()
    place.write("0.txt", "The castle burned down.")
    (place.articles / "1.txt").unlink()
    place.ingest(prune=True)
    for one in (place, second):
        one.assert_level()
    again = Place(tmp_path, chroma.url)
    again.assert_level()
    again.close()
    second.close()


def test_away_it_is_an_error_that_names_it_and_back_it_is_used_again(
    place: Place, chroma: Chroma
) -> None:
    before = place.index.nearest(vector(place, "lantern"), 5)
    with (
        away(chroma),
        pytest.raises(IndexAway, match=rf"{chroma.url} is out of reach.*start it"),
    ):
        place.index.nearest(vector(place, "lantern"), 5)
    assert place.index.nearest(vector(place, "lantern"), 5) == before


def test_one_that_never_answers_is_out_of_reach(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        server = Server(url, place.library, read_seconds=0.2)
        with pytest.raises(IndexAway, match=rf"{url} is out of reach \(timed out\)"):
            server.open(place.library.index_version()[0])


def test_an_address_that_cannot_be_one_is_named(place: Place) -> None:
    with pytest.raises(IndexAway, match=r"http://localhost:port is out of reach.*CHROMA_URL"):
        Server("http://localhost:port", place.library).open("")


def test_one_that_is_no_chroma_server_is_out_of_reach_and_not_cited_at_length(
    place: Place, tmp_path: Path
) -> None:
    with web_server(tmp_path) as url, pytest.raises(IndexAway) as raised:
        Server(url, place.library).open(place.library.index_version()[0])
    assert f"{url} is out of reach" in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
    assert len(str(raised.value)) < 500


def test_a_library_opened_while_it_is_away_works_when_it_is_back(
    place: Place, chroma: Chroma, tmp_path: Path
) -> None:
    with away(chroma):
        opened = Place(tmp_path, chroma.url)
        with pytest.raises(LibraryError, match="out of reach"):
            opened.retriever.search("lantern")
    assert opened.retriever.search("lantern")
    opened.close()


def test_a_write_that_it_did_not_hear_of_is_found_and_made_level_later(
    place: Place, chroma: Chroma, caplog: pytest.LogCaptureFixture
) -> None:
    with away(chroma):
        place.write("0.txt", "A lighthouse was built in 1860.")
        assert place.ingest().changed == ["0.txt"]
        assert "what is in the library is safe" in caplog.text
    assert "1860" in place.library.article("0.txt").text
    lighthouse = vector(place, "A lighthouse was built in 1860.")
    (nearest,) = place.library.chunks(place.index.nearest(lighthouse, 1))
    assert nearest.source == "0.txt"
    assert place.ingest().unchanged
    assert len(place.library.index_changes()) == 0
    place.assert_level()


def test_a_server_that_lost_everything_is_filled_again(place: Place, chroma: Chroma) -> None:
    import chromadb

    host, port = chroma.url.removeprefix("http://").split(":")
    client = chromadb.HttpClient(host, int(port))
    for collection in client.list_collections():
        client.delete_collection(collection.name)
    encoded = len(place.embeddings.encoded)
    assert place.index.nearest(vector(place, "lantern"), 5)
    place.assert_level()
    assert len(place.embeddings.encoded) == encoded


def test_an_imported_library_has_a_collection_of_its_own(
    place: Place, chroma: Chroma, tmp_path: Path
) -> None:
    export(place.library, tmp_path / "backup.zip")
    (tmp_path / "copy").mkdir()
    copy = Place(tmp_path / "copy", chroma.url)
    copy.index.level()
    restore(copy.library, tmp_path / "backup.zip")
    copy.index.level()
    copy.ingestion.remove(["0.txt"])
    for one in (place, copy):
        one.assert_level()
    copy.close()
