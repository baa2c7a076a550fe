"""An ingest that is killed, again and again, and questions while articles come, change and go."""

import os
import random
import signal
import threading
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

from rag.chunking import chunk
from tests.fakes import article
from tests.place import Ingester, Place, assert_quotes_exact, ingester

KILLS = 50
SECONDS = 4
"""How long questions are asked while articles change."""

QUESTIONS = ("Where is the lantern?", "Who keeps the castle of meadow 3?", "river bridge harbour")


def text(n: int, version: int) -> str:
    """An article of several chunks of which some stay the same from version to version."""
    rooms = "\n\n".join(
        f"Room {room} of castle {n} lies by the river. " * 9 + f"It has number {room * (n + 1)}."
        for room in range(4)
    )
    return f"Castle {n}\n\nIts lantern was lit {version} times.\n\n{rooms}\n"


class Versions:
    """Writes articles and knows every text that was ever written, by SHA-256."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts: dict[str, str] = {}

    def write(self, n: int, version: int) -> None:
        content = text(n, version)
        self.texts[sha256(content.encode()).hexdigest()] = content
        partial = self.folder / f"{n}.partial"
        partial.write_bytes(content.encode())
        partial.replace(self.folder / f"{n}.txt")


def assert_whole(place: Place, versions: Versions) -> None:
    """Every article is one of its versions with just the chunks of that; the index is level."""
    for source in place.sources():
        kept = place.library.article(source)
        assert versions.texts[kept.sha256] == kept.text
        assert place.library.chunks_of(source) == chunk(article(source, kept.text))
    for question in QUESTIONS:
        found = place.retriever.search(question)
        assert found or not place.sources()
        assert_quotes_exact(found, versions.texts)
    place.assert_level()


def killed(starter: Ingester, pause: float) -> bool:
    """Whether the ingest was still under way after `pause` seconds, and so was killed."""
    pid = starter.start(prune=True)
    time.sleep(pause)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    code = starter.ended()
    assert code in (0, -signal.SIGKILL)
    return code != 0


@pytest.mark.timeout(1200)  # some 40 s where nothing else runs
def test_killed_at_any_moment_nothing_is_lost_or_half_done(tmp_path: Path) -> None:
    draw = random.Random(6)
    place = Place(tmp_path)
    versions = Versions(place.articles)
    with ingester(tmp_path) as starter:
        for n in range(8):
            versions.write(n, 0)
        begun = time.perf_counter()
        starter.start()
        assert starter.ended() == 0
        usual = time.perf_counter() - begun
        kills = trial = 0
        while kills < KILLS:
            trial += 1
            for n in draw.sample(range(12), 5):
                versions.write(n, trial)
            (place.articles / f"{draw.randrange(12)}.txt").unlink(missing_ok=True)
            if killed(starter, draw.uniform(0, usual)):
                kills += 1
            else:
                usual *= 0.8
            opened = Place(tmp_path)
            assert_whole(opened, versions)
            opened.close()
        starter.start(prune=True)
        assert starter.ended() == 0
    (tmp_path / "other").mkdir()
    never_interrupted = Place(tmp_path / "other")
    never_interrupted.ingest(place.articles)
    assert place.content() == never_interrupted.content()
    assert_whole(place, versions)
    states = list((place.library.folder / "chroma").iterdir())
    assert len(states) == 1
    place.close()
    never_interrupted.close()


def test_interrupted_by_the_user_it_ends_in_order_and_goes_on_later(tmp_path: Path) -> None:
    place = Place(tmp_path)
    versions = Versions(place.articles)
    for n in range(30):
        versions.write(n, 0)
    with ingester(tmp_path) as starter:
        pid = starter.start()
        while not place.sources():
            time.sleep(0.01)
        os.kill(pid, signal.SIGINT)
        starter.ended()
        assert_whole(place, versions)
        starter.start()
        assert starter.ended() == 0
    assert len(place.sources()) == 30
    assert_whole(place, versions)
    place.close()


def test_questions_are_answered_while_another_process_ingests(tmp_path: Path) -> None:
    place = Place(tmp_path)
    versions = Versions(place.articles)
    for n in range(10):
        versions.write(n, 0)
    place.ingest()
    done = threading.Event()
    asked: list[int] = []

    def ask() -> None:
        count = 0
        while not done.is_set():
            found = place.retriever.search(QUESTIONS[count % len(QUESTIONS)])
            assert found
            assert_quotes_exact(found, versions.texts)
            count += 1
        asked.append(count)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    with ingester(tmp_path) as starter:
        for thread in threads:
            thread.start()
        try:
            draw, version, until = random.Random(3), 0, time.monotonic() + SECONDS
            while time.monotonic() < until or version < 3:
                version += 1
                for n in draw.sample(range(14), 4):
                    versions.write(n, version)
                (place.articles / f"{draw.randrange(10, 14)}.txt").unlink(missing_ok=True)
                starter.start(prune=True)
                assert starter.ended() == 0
        finally:
            done.set()
            for thread in threads:
                thread.join()
    assert len(asked) == len(threads), "a reader failed"
    assert min(asked) > 0
    assert_whole(place, versions)
    place.close()


def test_what_another_process_adds_is_found_without_opening_anew(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("a.txt", "The harbour was opened in 1856.")
    place.ingest()
    assert {p.source for p in place.retriever.search("lighthouse")} == {"a.txt"}
    place.write("b.txt", "The lighthouse was built in 1860.")
    with ingester(tmp_path) as starter:
        starter.start()
        assert starter.ended() == 0
    vector = place.embeddings.embed_query("The lighthouse was built in 1860.")
    (nearest,) = place.library.chunks(place.index.nearest(vector, 1))  # type: ignore[arg-type]
    assert nearest.source == "b.txt"
    assert place.retriever.search("lighthouse")[0].source == "b.txt"
    (place.articles / "b.txt").unlink()
    with ingester(tmp_path) as starter:
        starter.start(prune=True)
        assert starter.ended() == 0
    assert {p.source for p in place.retriever.search("lighthouse")} == {"a.txt"}
    place.close()


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
