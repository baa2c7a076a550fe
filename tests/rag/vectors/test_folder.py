"""States of the index as folders: only what is whole is sealed, only what is sealed is opened."""

import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from rag.encoders import Floats
from rag.errors import LibraryError
from rag.vectors.folder import Folder
from rag.vectors.opened import Unusable


def unit(count: int, dimension: int) -> Floats:
    vectors = np.random.default_rng(1).normal(size=(count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def written(folder: Folder, state: str, vectors: Floats) -> None:
    rows = [(at, "a.txt", vector) for at, vector in enumerate(vectors)]
    with folder.writing(None, state, 0) as opened:
        for at in range(0, len(rows), 500):
            opened.learn(rows[at : at + 500])


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """No file may grow beyond this: as on a full disk, writing fails, and Chroma goes on."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def graph(root: Path) -> dict[Path, tuple[int, bytes]]:
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in root.glob("*/*/*")}


def test_a_graph_that_could_not_be_written_whole_is_not_sealed(tmp_path: Path) -> None:
    vectors = unit(1500, 384)
    with files_at_most(2_200_000), pytest.raises(LibraryError, match="cannot be written"):
        written(Folder(tmp_path), "one", vectors)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("count", [1, 2, 3, 150])
def test_opening_and_asking_changes_no_file_of_the_graph(tmp_path: Path, count: int) -> None:
    folder = Folder(tmp_path)
    vectors = unit(count, 24)
    rows = [(at, "a.txt", vector) for at, vector in enumerate(vectors)]
    with folder.writing(None, "one", 0) as opened:
        opened.learn(rows)
        opened.learn(rows[:1])
    del opened
    before = graph(tmp_path)
    assert before
    for _ in range(2):
        found = folder.open("one").nearest(vectors[0], count, None)
        assert sorted(id_ for _, id_ in found) == list(range(count))
    assert graph(tmp_path) == before


@pytest.mark.parametrize("name", ["data_level0.bin", "link_lists.bin", "length.bin", "header.bin"])
@pytest.mark.parametrize("damage", ["short", "noise", "gone"])
def test_a_graph_that_is_not_as_sealed_is_not_opened(
    tmp_path: Path, name: str, damage: str
) -> None:
    written(Folder(tmp_path), "one", unit(150, 24))
    (path,) = tmp_path.rglob(name)
    content = path.read_bytes()
    match damage:
        case "short":
            path.write_bytes(content[: len(content) // 2])
        case "noise":
            path.write_bytes(b"x" * len(content))
        case _:
            path.unlink()
    with pytest.raises(Unusable):
        Folder(tmp_path).open("one")


def test_a_copy_with_other_times_is_as_good(tmp_path: Path) -> None:
    vectors = unit(150, 24)
    written(Folder(tmp_path / "a"), "one", vectors)
    shutil.copytree(tmp_path / "a", tmp_path / "b", copy_function=shutil.copyfile)
    assert Folder(tmp_path / "b").open("one").count() == 150


def test_what_another_version_of_chroma_made_is_not_opened(tmp_path: Path) -> None:
    written(Folder(tmp_path), "one", unit(3, 24))
    seal = tmp_path / "one" / "sealed.json"
    seal.write_text(seal.read_text().replace('"chroma": "', '"chroma": "0.'))
    with pytest.raises(Unusable, match=r"Chroma 0\..* made it"):
        Folder(tmp_path).open("one")
