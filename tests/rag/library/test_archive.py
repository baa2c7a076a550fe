"""A library exported to one file, and brought back."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.errors import CitewellError, InputError, LibraryError
from rag.library import Library, export, restore
from rag.vectors import VectorIndex
from tests.place import MADE_WITH, Place

TEXTS = {f"{n}.txt": f"Castle {n}\n\nIt burned down in {1700 + n}." for n in range(5)}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    for name, text in TEXTS.items():
        place.write(name, text)
    place.ingest()
    yield place
    place.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Library]:
    empty = Library(tmp_path / "empty", MADE_WITH)
    yield empty
    empty.close()


def test_what_was_exported_comes_back_the_same(place: Place, tmp_path: Path) -> None:
    before = {*tmp_path.iterdir()}
    export(place.library, tmp_path / "backup.zip")
    assert {*tmp_path.iterdir()} - before == {tmp_path / "backup.zip"}
    (tmp_path / "new").mkdir()
    new = Place(tmp_path / "new")
    assert restore(new.library, tmp_path / "backup.zip") == len(TEXTS)
    new.index.level()
    assert new.content() == place.content()
    assert new.library.id != place.library.id
    assert new.embeddings.encoded == []
    new.assert_level()
    assert sorted(new.ingest(place.articles).unchanged) == sorted(TEXTS)
    new.close()


def test_an_export_is_of_one_moment_and_replaces_the_one_before(
    place: Place, empty: Library, tmp_path: Path
) -> None:
    export(place.library, tmp_path / "backup.zip")
    place.write("0.txt", "Castle 0 was built again.")
    place.ingest()
    export(place.library, tmp_path / "backup.zip")
    restore(empty, tmp_path / "backup.zip")
    assert "again" in empty.article("0.txt").text


def test_a_library_that_has_articles_is_not_overwritten(place: Place, tmp_path: Path) -> None:
    export(place.library, tmp_path / "backup.zip")
    before = place.content()
    with pytest.raises(InputError, match=r"has articles.*CITEWELL_DATA=… citewell import"):
        restore(place.library, tmp_path / "backup.zip")
    assert place.content() == before


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def other(path: Path) -> None:
    path.write_bytes(b"neither this nor that" * 100)


def changed(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["library.sqlite3"] = parts["library.sqlite3"].replace(b"burned", b"BURNED")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def without_manifest(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("library.sqlite3", b"")


def of_other_embeddings(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts["manifest.json"]) | {"embeddings": "others"}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("library.sqlite3", parts["library.sqlite3"])


def of_a_damaged_database(path: Path) -> None:
    """Such as an export made of a library that was damaged by then."""
    with zipfile.ZipFile(path) as archive:
        database = bytearray(archive.read("library.sqlite3"))
        manifest = json.loads(archive.read("manifest.json"))
    spoil(database)
    manifest["sha256"] = hashlib.sha256(database).hexdigest()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("library.sqlite3", database)


def spoil(database: bytearray) -> None:
    """Overwrite pages of a SQLite file that opening it and listing its articles do not read."""
    at = len(database) // 2
    database[at:] = b"x" * (len(database) - at)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "damaged or no exported library"),
        (other, "damaged or no exported library"),
        (changed, "its hash is another"),
        (without_manifest, "damaged or no exported library"),
        (of_other_embeddings, "embeddings 'others'"),
        (of_a_damaged_database, r"library in backup.zip is damaged: take another backup"),
        (Path.unlink, "cannot be read"),
    ],
)
def test_what_is_not_whole_or_does_not_fit_changes_nothing(
    place: Place, empty: Library, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    backup = tmp_path / "backup.zip"
    export(place.library, backup)
    damage(backup)
    with pytest.raises(CitewellError, match=said):
        restore(empty, backup)
    assert empty.is_empty()
    assert VectorIndex(empty).count == 0
    assert not list(empty.folder.glob(".citewell-*"))


def test_a_byte_that_is_another_is_found_or_means_nothing(place: Place, tmp_path: Path) -> None:
    backup = tmp_path / "backup.zip"
    export(place.library, backup)
    whole = backup.read_bytes()
    said: list[str] = []
    for at in range(len(whole) // 10, len(whole) * 9 // 10, len(whole) // 80):
        backup.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        (tmp_path / str(at)).mkdir()
        new = Place(tmp_path / str(at))
        try:
            restore(new.library, backup)
        except InputError as error:
            said.append(str(error))
            assert new.library.is_empty()
        else:  # it filled up the last byte of a packed block
            new.index.level()
            assert new.content() == place.content()
        new.close()
    assert len(said) > 60
    assert all("damaged or no exported library" in one for one in said)


def test_a_place_that_cannot_be_written_is_named(place: Place, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        export(place.library, tmp_path / "missing" / "backup.zip")


def test_the_library_itself_is_no_place_for_its_export(place: Place) -> None:
    folder = place.library.folder
    before = sorted(folder.rglob("*"))
    for path in (folder / "library.sqlite3", folder / "chroma" / "backup.zip", folder / "new.zip"):
        with pytest.raises(InputError, match="lies in the library itself: name another place"):
            export(place.library, path)
    assert sorted(folder.rglob("*")) == before
    place.assert_level()


def test_what_is_no_file_is_not_replaced_by_an_export(place: Place, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "pipe", tmp_path / "folder"):
        with pytest.raises(InputError, match="is no file that can be replaced"):
            export(place.library, path)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "folder").is_dir()


def test_a_damaged_library_is_not_exported_over_a_whole_one(place: Place, tmp_path: Path) -> None:
    backup = tmp_path / "backup.zip"
    export(place.library, backup)
    whole = backup.read_bytes()
    place.close()
    file = place.library.folder / "library.sqlite3"
    content = bytearray(file.read_bytes())
    spoil(content)
    file.write_bytes(content)
    before = {*tmp_path.iterdir()}
    damaged = Library(place.library.folder, MADE_WITH)
    with pytest.raises(LibraryError, match="is damaged"):
        export(damaged, backup)
    damaged.close()
    assert backup.read_bytes() == whole
    assert {*tmp_path.iterdir()} == before
