"""The vector index on a real Chroma: it finds what exact search finds, and can always be remade."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rag.encoders import Floats
from rag.library import Encoding, Library
from rag.records import Chunk
from rag.vectors import VectorIndex
from tests.fakes import WordTokens, another_writer, article, encoded

DIMENSION = 48
SOURCES = [f"{n}.txt" for n in range(20)]


@dataclass
class Indexed:
    """A library of random unit vectors and its index."""

    library: Library
    index: VectorIndex

    @classmethod
    def open(cls, folder: Path) -> "Indexed":
        library = Library(folder, {"vectors": "random"})
        return cls(library, VectorIndex(library))

    def close(self) -> None:
        self.index.close()
        self.library.close()

    def put(self, source: str, vectors: Floats) -> None:
        """An article of as many chunks as there are vectors."""
        new = article(source, "A sentence.")
        ((part, _),) = encoded(new)
        (tokens,) = WordTokens().encode(["A sentence."])
        counts = np.array([0, 2], dtype=np.int32)
        chunks: list[tuple[Chunk, Encoding | None]] = [
            (part, Encoding(vector, tokens, counts)) for vector in vectors
        ]
        self.library.put(new, None, chunks)

    def ids(self, *sources: str) -> list[int]:
        """The ids of the sources' chunks, or of all."""
        return [id_ for id_, s, _ in self.library.vectors() if not sources or s in sources]

    def exactly(self, vector: Floats, count: int, *sources: str) -> list[int]:
        """The nearest by exact search."""
        among = [(id_, v) for id_, s, v in self.library.vectors() if not sources or s in sources]
        order = np.argsort(-(np.stack([v for _, v in among]) @ vector), kind="stable")
        return [among[at][0] for at in order[:count]]

    def vector(self, id_: int) -> Floats:
        return self.library.vectors([id_])[0][2]

    def assert_level(self) -> None:
        """Asked for everything, the index gives just what the library has."""
        ids = self.ids()
        assert self.index.count == len(ids)
        assert sorted(self.index.nearest(unit(1)[0], len(ids) + 10)) == ids
        for id_ in ids[:3]:
            assert self.index.nearest(self.vector(id_), 1) == [id_]
        assert self.index.problems() == []


def unit(count: int, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture(scope="module")
def two_thousand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexed]:
    """2,000 vectors in 20 articles; to read from, not to change."""
    many = Indexed.open(tmp_path_factory.mktemp("many") / "library")
    for seed, source in enumerate(SOURCES):
        many.put(source, unit(100, seed))
    many.index.level()
    yield many
    many.close()


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Indexed]:
    few = Indexed.open(tmp_path / "library")
    few.put("a.txt", unit(6, seed=1))
    few.put("b.txt", unit(4, seed=2))
    yield few
    few.close()


def recall(indexed: Indexed, *sources: str) -> float:
    """Of the 30 nearest by exact search, the share that the index finds."""
    found = [
        set(indexed.index.nearest(question, 30, sources or None))
        & set(indexed.exactly(question, 30, *sources))
        for question in unit(50, seed=99)
    ]
    return sum(map(len, found)) / (30 * len(found))


def test_the_index_finds_what_exact_search_finds(two_thousand: Indexed) -> None:
    assert recall(two_thousand) >= 0.98


@pytest.mark.parametrize("sources", [SOURCES[:1], SOURCES[3:9]])
def test_among_some_sources_it_finds_what_exact_search_finds(
    two_thousand: Indexed, sources: list[str]
) -> None:
    assert recall(two_thousand, *sources) >= 0.98
    among = set(two_thousand.ids(*sources))
    assert among.issuperset(two_thousand.index.nearest(unit(1)[0], 500, sources))


def test_the_nearest_come_first(few: Indexed) -> None:
    for question in unit(10, seed=3):
        assert few.index.nearest(question, 10) == few.exactly(question, 10)
        assert few.index.nearest(question, 3, ["b.txt"]) == few.exactly(question, 3, "b.txt")


def test_asked_for_more_than_there_are_it_gives_all(few: Indexed) -> None:
    assert sorted(few.index.nearest(unit(1)[0], 1000)) == few.ids()


def test_an_empty_index_gives_nothing(tmp_path: Path) -> None:
    empty = Indexed.open(tmp_path / "library")
    assert empty.index.nearest(unit(1)[0], 10) == []
    assert empty.index.count == 0
    empty.close()


def test_a_source_that_is_not_there_has_nothing(few: Indexed) -> None:
    assert few.index.nearest(unit(1)[0], 10, ["c.txt"]) == []


def test_deleted_chunks_never_come_back(few: Indexed) -> None:
    few.index.level()
    gone = [few.vector(id_) for id_ in few.ids("a.txt")]
    few.library.remove("a.txt")
    few.index.level()
    few.assert_level()
    for vector in gone:
        assert sorted(few.index.nearest(vector, 10)) == few.ids("b.txt")
    few.close()
    again = Indexed.open(few.library.folder)
    for vector in gone:
        assert sorted(again.index.nearest(vector, 10)) == again.ids("b.txt")
    again.close()


def test_a_replaced_article_is_found_by_its_new_vectors_alone(few: Indexed) -> None:
    few.index.level()
    few.put("a.txt", unit(3, seed=4))
    few.index.level()
    few.assert_level()
    assert few.index.nearest(unit(3, seed=4)[1], 1) == [few.ids("a.txt")[1]]


def test_no_chunk_is_lost_when_all_articles_change_at_once(tmp_path: Path) -> None:
    alone = Indexed.open(tmp_path / "library")
    for seed in range(6):
        alone.put("a.txt", unit(60, seed))
        alone.index.level()
        alone.put("a.txt", unit(210, seed + 50))
        alone.index.level()
        alone.assert_level()
    alone.close()


def test_recall_survives_many_deletions(tmp_path: Path) -> None:
    worn = Indexed.open(tmp_path / "library")
    for seed in range(8):
        worn.put("a.txt", unit(150, seed))
        worn.put(f"{seed}.txt", unit(10, seed + 50))
        worn.index.level()
    worn.library.remove("a.txt")
    worn.index.level()
    assert recall(worn) >= 0.98
    worn.assert_level()
    worn.close()


def test_what_changed_while_the_index_was_closed_is_there_when_it_opens(few: Indexed) -> None:
    few.index.level()
    few.index.close()
    few.library.remove("b.txt")
    few.put("c.txt", unit(2, seed=5))
    few.put("d.txt", unit(1, seed=6))
    few.library.remove("d.txt")
    few.close()
    again = Indexed.open(few.library.folder)
    again.assert_level()
    assert len(again.ids("a.txt", "c.txt")) == again.index.count == 8
    again.close()


def folder_gone(chroma: Path) -> None:
    shutil.rmtree(chroma)


def folder_empty(chroma: Path) -> None:
    shutil.rmtree(chroma)
    chroma.mkdir()


def a_file_in_its_place(chroma: Path) -> None:
    shutil.rmtree(chroma)
    chroma.write_bytes(b"a file")


def files_emptied(chroma: Path) -> None:
    for file in filter(Path.is_file, chroma.rglob("*")):
        file.write_bytes(b"")


def noise_in_all_files(chroma: Path) -> None:
    for file in filter(Path.is_file, chroma.rglob("*")):
        file.write_bytes(b"neither this nor that" * 500)


def catalogue_cut_in_half(chroma: Path) -> None:
    (catalogue,) = chroma.rglob("chroma.sqlite3")
    content = catalogue.read_bytes()
    catalogue.write_bytes(content[: len(content) // 2])


DAMAGES = [
    folder_gone,
    folder_empty,
    a_file_in_its_place,
    files_emptied,
    noise_in_all_files,
    catalogue_cut_in_half,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_made_again_from_the_library(
    few: Indexed, damage: Callable[[Path], None]
) -> None:
    few.assert_level()
    few.close()
    damage(few.library.folder / "chroma")
    again = Indexed.open(few.library.folder)
    again.assert_level()
    again.close()
    once_more = Indexed.open(few.library.folder)
    once_more.assert_level()
    once_more.close()


def graph_gone(chroma: Path) -> None:
    for folder in filter(Path.is_dir, chroma.iterdir()):
        shutil.rmtree(folder)


def graph_cut_short(chroma: Path) -> None:
    (graph,) = chroma.rglob("data_level0.bin")
    graph.write_bytes(graph.read_bytes()[:5000])  # loaded, this ends the process


def noise_in_the_graph(chroma: Path) -> None:
    (header,) = chroma.rglob("header.bin")
    header.write_bytes(b"noise" * 20)


@pytest.mark.parametrize("damage", [graph_gone, graph_cut_short, noise_in_the_graph])
def test_an_index_that_lost_its_graph_is_made_again_from_the_library(
    two_thousand: Indexed, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    shutil.copytree(two_thousand.library.folder, tmp_path / "library")
    damage(tmp_path / "library" / "chroma")
    damaged = Indexed.open(tmp_path / "library")
    assert recall(damaged) >= 0.98
    damaged.close()


def test_the_index_of_another_library_is_made_anew(few: Indexed, tmp_path: Path) -> None:
    few.index.level()
    few.close()
    other = Indexed.open(tmp_path / "other")
    other.put("x.txt", unit(10, seed=8))
    other.index.level()
    other.close()
    shutil.rmtree(few.library.folder / "chroma")
    shutil.copytree(tmp_path / "other" / "chroma", few.library.folder / "chroma")
    again = Indexed.open(few.library.folder)
    assert again.index.count == 10 == len(again.ids())
    again.assert_level()
    again.close()


def test_an_index_that_holds_too_few_is_made_anew(few: Indexed) -> None:
    few.index.level()
    few.put("c.txt", unit(2, seed=5))
    few.library.index_was_told(few.library.index_changes(), "told")  # which is not true
    few.close()
    again = Indexed.open(few.library.folder)
    again.assert_level()
    again.close()


def test_an_index_that_holds_too_many_is_made_anew(few: Indexed) -> None:
    few.index.level()
    few.library.remove("b.txt")
    few.library.index_was_told(few.library.index_changes(), "told")  # which is not true
    few.index.level()
    few.assert_level()


def test_an_index_of_another_state_of_the_library_is_made_anew(few: Indexed) -> None:
    few.index.level()
    few.close()
    backup = few.library.folder / "library.sqlite3"
    saved = backup.read_bytes()
    later = Indexed.open(few.library.folder)
    later.put("a.txt", unit(6, seed=9))  # as many as before, so that counts do not tell
    later.index.level()
    later.close()
    backup.write_bytes(saved)
    restored = Indexed.open(few.library.folder)
    restored.assert_level()
    restored.close()


def test_closed_and_opened_again_nothing_is_different(two_thousand: Indexed) -> None:
    question = unit(1, seed=7)[0]
    before = two_thousand.index.nearest(question, 50)
    two_thousand.index.close()
    assert two_thousand.index.nearest(question, 50) == before
    assert two_thousand.index.count == 2000


def test_while_another_process_writes_what_the_index_lacks_is_found_all_the_same(
    few: Indexed,
) -> None:
    few.index.level()
    few.put("c.txt", unit(2, seed=5))
    few.library.remove("a.txt")
    few.index.close()
    with another_writer(few.library.folder):
        assert sorted(few.index.nearest(unit(1)[0], 20)) == few.ids("b.txt", "c.txt")
        assert few.index.nearest(few.vector(few.ids("c.txt")[1]), 1) == few.ids("c.txt")[1:]
        assert few.index.nearest(unit(1)[0], 20, ["a.txt"]) == []
        few.index.level()
        assert len(few.library.index_changes())
    few.index.level()
    few.assert_level()


def test_an_index_that_somebody_is_just_making_is_no_problem(few: Indexed) -> None:
    with another_writer(few.library.folder):
        assert few.index.problems() == []
    writing, looked = threading.Event(), threading.Event()

    def write() -> None:
        with few.library.writing():
            writing.set()
            looked.wait(timeout=30)

    writer = threading.Thread(target=write)
    writer.start()
    writing.wait(timeout=30)
    try:
        assert few.index.problems() == []
    finally:
        looked.set()
        writer.join()
    few.assert_level()


def test_a_first_question_while_a_thread_ingests_holds_up_neither(few: Indexed) -> None:
    writing, answered = threading.Event(), threading.Event()
    found: list[int] = []

    def ingest() -> None:
        with few.library.writing():
            writing.set()
            answered.wait(timeout=1)  # a question may be answered now, or wait for its turn
            few.put("c.txt", unit(2, seed=5))
            few.index.level()

    def ask() -> None:
        writing.wait(timeout=10)
        found.extend(few.index.nearest(unit(1)[0], 3))
        answered.set()

    threads = [threading.Thread(target=work, daemon=True) for work in (ingest, ask)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=5)
    if any(thread.is_alive() for thread in threads):
        few.index = VectorIndex(few.library)  # the stuck one cannot be closed
        pytest.fail("the question and the ingesting wait for each other")
    assert len(found) == 3
    few.assert_level()


def test_questions_are_answered_while_the_index_changes(few: Indexed) -> None:
    few.index.level()
    kept = few.ids("b.txt")
    nearest = few.vector(kept[0])
    done = threading.Event()
    asked: list[int] = []

    def ask() -> None:
        count = 0
        while not done.is_set():
            assert few.index.nearest(nearest, 1) == kept[:1]
            count += 1
        asked.append(count)

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for seed in range(15):
            few.put("a.txt", unit(5, seed + 20))
            few.index.level()
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert len(asked) == 3, "a reader failed"
    assert min(asked) > 0
    few.assert_level()


def test_dead_vectors_are_gone_from_the_files_when_they_are_many(few: Indexed) -> None:
    few.index.level()
    gone = [few.vector(id_).tobytes() for id_ in few.ids("a.txt")]
    few.library.remove("a.txt")
    few.index.level()
    files = [path for path in (few.library.folder / "chroma").rglob("*") if path.is_file()]
    assert any(path.name == "data_level0.bin" for path in files)
    for path in files:
        content = path.read_bytes()
        assert b"a.txt" not in content
        assert not any(vector in content for vector in gone)


def test_in_a_large_index_a_few_changes_wait_and_are_found_all_the_same(
    two_thousand: Indexed, tmp_path: Path
) -> None:
    shutil.copytree(two_thousand.library.folder, tmp_path / "library")
    large = Indexed.open(tmp_path / "library")
    large.index.level()
    state = large.library.index_changes().state
    large.put("new.txt", unit(5, seed=77))
    gone = large.ids(SOURCES[0])
    large.index.level()
    assert large.library.index_changes().state == state
    assert large.index.problems() == []
    assert large.index.count == 2005
    assert large.index.nearest(unit(5, seed=77)[2], 1) == [large.ids("new.txt")[2]]
    assert recall(large) >= 0.98
    large.library.remove(SOURCES[0])
    vector = unit(100, seed=0)[3]
    assert not {*gone} & {*large.index.nearest(vector, 50)}
    large.index.level()
    assert len(large.library.index_changes()) == 0
    assert large.index.problems() == []
    large.close()


def test_more_sources_may_be_named_than_chroma_takes_at_once(few: Indexed) -> None:
    many = [f"none-{n}.txt" for n in range(45_000)]
    for question in unit(3, seed=3):
        assert few.index.nearest(question, 3, ["b.txt", *many]) == few.exactly(question, 3, "b.txt")
        assert few.index.nearest(question, 4, [*many, "a.txt", "b.txt"]) == few.exactly(question, 4)


def test_a_folder_that_cannot_hold_an_index_leaves_exact_search(
    few: Indexed, caplog: pytest.LogCaptureFixture
) -> None:
    (few.library.folder / "chroma").symlink_to(few.library.folder / "no" / "where")
    for question in unit(5, seed=3):
        assert few.index.nearest(question, 10) == few.exactly(question, 10)
        assert few.index.nearest(question, 3, ["b.txt"]) == few.exactly(question, 3, "b.txt")
    assert "cannot be written" in caplog.text
    assert few.index.problems() != []
