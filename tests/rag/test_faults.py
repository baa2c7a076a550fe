"""What can fail around an ingest: disk, files, clock. Nothing is lost, each is named."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag import ingestion, reading
from rag.errors import LibraryError
from tests.place import Place


def text(n: int, size: int = 40) -> str:
    return f"Castle {n}\n\n" + "\n\n".join(
        f"Room {room} of castle {n} lies by the river. " * 8 for room in range(size)
    )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own at `folder`."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def make_read_only(disk: Path) -> None:
    """The disk is busy until Chroma's threads have closed its files, moments after its client."""
    command = ["mount", "-o", "remount,ro", str(disk)]
    for _ in range(500):
        if not subprocess.run(command, capture_output=True).returncode:
            return
        time.sleep(0.02)
    subprocess.run(command, check=True)


def test_on_a_full_disk_articles_stay_whole_and_room_is_all_it_needs(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 3):
        place = Place(disk)
        elsewhere = tmp_path / "articles"
        elsewhere.mkdir()
        for n in range(30):
            (elsewhere / f"{n}.txt").write_text(text(n))
        with pytest.raises(LibraryError, match="is full: make room"):
            place.ingest(elsewhere)
        kept = place.sources()
        assert 0 < len(kept) < 30
        for source in kept:
            assert place.library.article(source).text == (elsewhere / source).read_text()
        assert place.retriever.search("Where does castle 0 lie?")
        subprocess.run(["mount", "-o", "remount,size=200m", str(disk)], check=True)
        assert len(place.ingest(elsewhere).added) == 30 - len(kept)
        place.index.level()
        place.assert_level()
        place.close()


def test_an_article_that_a_disk_has_no_room_for_is_left_out(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 3):
        place = Place(disk)
        place.write("small.txt", text(1, 2))
        place.ingest()
        (tmp_path / "large.txt").write_text(text(2, 2000))
        with pytest.raises(LibraryError, match="is full: make room"):
            place.ingest(tmp_path / "large.txt")
        assert place.sources() == ["small.txt"]
        place.assert_level()
        place.close()


def test_a_library_that_is_removed_while_it_is_in_use_is_missed_by_every_thread(
    place: Place,
) -> None:
    place.write("a.txt", text(1, 2))
    place.ingest()
    shutil.rmtree(place.library.folder)

    def ask() -> None:
        with pytest.raises(LibraryError, match="was removed or replaced while it is in use"):
            place.library.sources()

    ask()
    with ThreadPoolExecutor() as threads:
        threads.submit(ask).result()
    assert not (place.library.folder / "library.sqlite3").exists()


def test_files_that_change_while_they_are_read_are_named_and_go_in_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("a.txt", text(1, 2))
    path = place.write("b.txt", text(2, 2))
    read = reading.content

    def restless(file: reading.File) -> bytes:
        content = read(file)
        if file.path == path:
            path.write_bytes(path.read_bytes() + b" More of it.")
        return content

    monkeypatch.setattr(reading, "content", restless)
    report = place.ingest()
    assert report.added == ["a.txt"]
    ((named, reason),) = report.failed
    assert named == str(path)
    assert "changes while it is read" in reason
    monkeypatch.undo()
    assert place.ingest().added == ["b.txt"]
    assert place.library.article("b.txt").text == path.read_text()


def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files as they are read from now on."""
    names: list[str] = []
    read = reading.content

    def noted(file: reading.File) -> bytes:
        names.append(file.path.name)
        return read(file)

    monkeypatch.setattr(reading, "content", noted)
    return names


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are trusted at once, as if they had lain there for seconds."""
    monkeypatch.setattr(ingestion, "_TICK", 0)


@pytest.mark.usefixtures("patient")
def test_a_file_that_looks_the_same_is_not_opened(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("a.txt", text(1, 1))
    place.ingest()
    names = opened(monkeypatch)
    assert place.ingest().unchanged == ["a.txt"]
    assert names == []
    path = place.articles / "a.txt"
    os.utime(path)
    assert place.ingest().unchanged == ["a.txt"]
    assert place.ingest().unchanged == ["a.txt"]
    assert names == ["a.txt"]


@pytest.mark.usefixtures("patient")
def test_a_change_that_keeps_size_and_time_is_seen(place: Place) -> None:
    path = place.write("a.txt", "The castle was built in 1856.")
    place.ingest()
    times = path.stat()
    path.write_text("The castle was built in 1857.")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert place.ingest().changed == ["a.txt"]
    assert "1857" in place.library.article("a.txt").text


def test_a_file_changed_moments_ago_is_read_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("a.txt", text(1, 1))
    place.ingest()
    names = opened(monkeypatch)
    assert place.ingest().unchanged == ["a.txt"]
    assert names == ["a.txt"]


@pytest.mark.usefixtures("patient")
def test_when_the_clock_was_set_back_files_from_the_future_are_read_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.write("a.txt", "The castle was built in 1856.")
    tomorrow = path.stat().st_mtime_ns + 86_400 * 10**9
    os.utime(path, ns=(tomorrow, tomorrow))
    place.ingest()
    names = opened(monkeypatch)
    assert place.ingest().unchanged == ["a.txt"]
    assert names == ["a.txt"]
    path.write_text("The castle was built in 1857.")  # its time is before the one that is known
    assert place.ingest().changed == ["a.txt"]


def test_a_folder_that_may_only_be_read_is_named(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, 20):
        place = Place(disk)
        place.write("a.txt", text(1, 2))
        place.ingest()
        place.close()
        make_read_only(disk)
        with pytest.raises(LibraryError, match="check"):
            Place(disk).ingest()
