"""Files -> library -> index, with real SQLite and Chroma and encoders that are fast and count."""

import os
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from rag import reading
from rag.chunking import chunk, encoder_input
from rag.encoders import TOKEN_DIMENSION
from rag.errors import InputError, LibraryBusy, UnknownSource
from tests.fakes import DIMENSION, WordTokens, another_writer, article, token_id
from tests.place import Place


class Kept(Place):
    """A place, and what its library must hold."""

    def dump(self) -> list[str]:
        """Everything that is in the library's file."""
        with sqlite3.connect(self.library.folder / "library.sqlite3") as connection:
            return list(connection.iterdump())

    def assert_holds_just(self, texts: dict[str, str]) -> None:
        """The library, its words and token counts, and the index know these articles alone."""
        assert self.sources() == sorted(texts)
        parts = {source: chunk(article(source, text)) for source, text in texts.items()}
        for source, text in texts.items():
            assert self.library.article(source) == article(source, text)
            assert self.library.chunks_of(source) == parts[source]

        vectors = self.library.vectors()
        ids = [id_ for id_, _, _ in vectors]
        searchable = {source: [p for p in parts[source] if p.searchable] for source in texts}
        assert Counter(source for _, source, _ in vectors) == Counter(
            {source: len(found) for source, found in searchable.items() if found}
        )
        question = np.array(self.embeddings.embed_query("anything"), dtype=np.float32)
        assert self.index.count == self.library.count() == len(ids)
        assert sorted(self.index.nearest(question, len(ids) + 10)) == ids
        assert self.index.problems() == []

        inputs = [encoder_input(texts[s], part)[0] for s in texts for part in searchable[s]]
        recount = Counter(
            token for tokens in WordTokens().encode(inputs) for token in set(tokens.ids.tolist())
        )
        known = sorted({token_id(word) for word in WORDS} | set(recount))
        assert self.library.token_frequencies(known) == [recount[token] for token in known]
        for word in WORDS:
            within = Counter(
                source
                for source in texts
                for part in searchable[source]
                if word in f"{part.context} {texts[source][part.start : part.end]}".lower()
            )
            found = self.library.chunks(self.library.matching([word], 1000))
            assert Counter(stored.source for stored in found) == within


WORDS = ["harbour", "castle", "lantern", "meadow", "river"]
TEXTS = [
    "The harbour was opened in 1856.\n",
    "Castles\n\nThe castle burned down. A lantern fell.\n\nhttp://example.org/castle\n",
    "# Meadow\n\n" + "The meadow lies by the river. It is green in spring. " * 60,
    "# Only a heading\n",
    "River\n\n"
    + "\n\n".join(f"Bridge {n} crosses the river near the castle." * 8 for n in range(9)),
]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Kept]:
    place = Kept(tmp_path)
    yield place
    place.close()


def inputs(name: str, text: str | None) -> set[str]:
    """What encoders read of an article of this text, if there is one."""
    parts = chunk(article(name, text)) if text is not None else []
    return {encoder_input(text or "", part)[0] for part in parts if part.searchable}


class AnyOrder(RuleBasedStateMachine):
    """Files come, change and go; the library holds what was ingested last, and nothing else."""

    names = st.sampled_from(["a.txt", "b.md", "deep/c.txt"])

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.place = Kept(self.folder)
        self.on_disk: dict[str, str] = {}
        self.ingested: dict[str, str] = {}
        self.put_last: set[str] = set()

    def teardown(self) -> None:
        self.place.close()
        shutil.rmtree(self.folder)

    @rule(name=names, text=st.sampled_from(TEXTS))
    def write(self, name: str, text: str) -> None:
        self.place.write(name, text)
        self.on_disk[name] = text

    @rule(name=names)
    def delete(self, name: str) -> None:
        (self.place.articles / name).unlink(missing_ok=True)
        self.on_disk.pop(name, None)

    @rule(prune=st.booleans())
    def ingest(self, prune: bool) -> None:
        encoded_before = len(self.place.embeddings.encoded)
        report = self.place.ingest(prune=prune)
        before, self.ingested = self.ingested, {**self.ingested, **self.on_disk}
        assert sorted(report.added) == sorted(self.on_disk.keys() - before.keys())
        changed = [n for n, t in self.on_disk.items() if n in before and before[n] != t]
        assert sorted(report.changed) == sorted(changed)
        unchanged = [n for n, t in self.on_disk.items() if before.get(n) == t]
        assert sorted(report.unchanged) == sorted(unchanged)
        encoded = len(self.place.embeddings.encoded) - encoded_before
        assert encoded == sum(
            len(inputs(name, self.on_disk[name]) - inputs(name, before.get(name)))
            for name in [*report.added, *report.changed]
        )
        self.put_last -= self.on_disk.keys()
        gone = before.keys() - self.on_disk.keys() - self.put_last if prune else set()
        assert sorted(report.removed) == sorted(gone)
        for name in gone:
            del self.ingested[name]

    @rule(name=names)
    def remove(self, name: str) -> None:
        if name in self.ingested:
            self.place.ingestion.remove([name])
            del self.ingested[name]
            self.put_last.discard(name)
        else:
            with pytest.raises(UnknownSource):
                self.place.ingestion.remove([name])

    @rule(name=names, text=st.sampled_from(TEXTS))
    def put(self, name: str, text: str) -> None:
        """As over HTTP: an article of no folder, which pruning leaves alone until it has one."""
        if name in self.on_disk:
            self.place.ingestion.put(article(name, text))
            self.ingested[name] = text
            self.put_last.add(name)

    @rule()
    def reopen(self) -> None:
        self.place.close()

    @invariant()
    def holds_just_what_was_ingested(self) -> None:
        self.place.assert_holds_just(self.ingested)


def test_in_any_order_exactly_the_chunks_of_what_is_there_remain() -> None:
    run_state_machine_as_test(
        AnyOrder, settings=hypothesis_settings(max_examples=12, stateful_step_count=10)
    )


def test_ingesting_twice_changes_nothing(place: Kept) -> None:
    for n, text in enumerate(TEXTS):
        place.write(f"{n}.md", text)
    time.sleep(2.1)  # so that they are no longer fresh, and known by their looks
    first = place.ingest()
    assert len(first.added) == len(TEXTS)
    before, encoded = place.dump(), len(place.embeddings.encoded)
    question = np.array(place.embeddings.embed_query("the river castle"), dtype=np.float32)
    nearest = place.index.nearest(question, 20)

    again = place.ingest(prune=True)
    assert sorted(again.unchanged) == sorted(first.added)
    assert (again.added, again.changed, again.removed, again.failed) == ([], [], [], [])
    assert place.dump() == before
    assert len(place.embeddings.encoded) == encoded
    assert place.index.nearest(question, 20) == nearest


def test_only_what_changed_is_encoded(place: Kept) -> None:
    for name in ("a.txt", "b.txt"):
        place.write(name, TEXTS[0])
    place.ingest()
    place.embeddings.encoded.clear()
    place.write("a.txt", "The lantern is lit.")
    place.write("c.txt", "The castle stands.")
    report = place.ingest()
    assert (report.added, report.changed, report.unchanged) == (["c.txt"], ["a.txt"], ["b.txt"])
    assert len(place.embeddings.encoded) == 2
    assert "The lantern is lit." in place.embeddings.encoded[0]


def test_a_reopened_library_is_not_encoded_again(place: Kept) -> None:
    place.write("a.txt", TEXTS[2])
    place.ingest()
    place.close()
    shutil.rmtree(place.library.folder / "chroma")
    place.embeddings.encoded.clear()
    assert place.ingest().unchanged == ["a.txt"]
    place.assert_holds_just({"a.txt": TEXTS[2]})
    assert place.embeddings.encoded == []


def test_bad_files_are_reported_and_the_rest_go_in(place: Kept) -> None:
    place.write("a.txt", TEXTS[0])
    place.write("b.txt", "").write_bytes(b"\x93\xfa \xe9")
    place.write("c.txt", " \n\n")
    place.write("d.txt", "").write_bytes(b"text\0text")
    place.write("e.txt", TEXTS[1])
    report = place.ingest()
    assert report.added == ["a.txt", "e.txt"]
    reasons = {Path(path).name: reason for path, reason in report.failed}
    assert sorted(reasons) == ["b.txt", "c.txt", "d.txt"]
    assert "UTF-8" in reasons["b.txt"]
    assert "empty" in reasons["c.txt"]
    for name, reason in reasons.items():
        assert name in reason
        assert "\n" not in reason
    place.assert_holds_just({"a.txt": TEXTS[0], "e.txt": TEXTS[1]})


def test_a_file_whose_name_is_not_utf8_does_not_keep_others_out(place: Kept) -> None:
    place.write("a.txt", TEXTS[0])
    place.write("z.txt", TEXTS[1])
    try:
        with open(os.fsencode(place.articles) + b"/caf\xe9.txt", "wb") as file:
            file.write(b"The meadow is green.")
    except OSError:
        pytest.skip("this file system takes no such names")
    report = place.ingest()
    assert {"a.txt", "z.txt"} <= set(report.added)
    assert len(report.added) + len(report.failed) == 3


def test_a_file_that_turned_bad_keeps_its_old_article_even_when_pruning(place: Kept) -> None:
    path = place.write("a.txt", TEXTS[0])
    place.ingest()
    path.write_bytes(b"\xff\xfe\x00")
    report = place.ingest(prune=True)
    assert [Path(failed).name for failed, _ in report.failed] == ["a.txt"]
    assert report.removed == []
    place.assert_holds_just({"a.txt": TEXTS[0]})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_keeps_its_old_article_even_when_pruning(place: Kept) -> None:
    path = place.write("a.txt", TEXTS[0])
    place.ingest()
    path.chmod(0)
    report = place.ingest(prune=True)
    assert "cannot be read" in report.failed[0][1]
    place.assert_holds_just({"a.txt": TEXTS[0]})


def test_what_was_in_a_folder_that_cannot_be_searched_stays_even_when_pruning(place: Kept) -> None:
    place.write("a.txt", TEXTS[0])
    place.write("deep/b.txt", TEXTS[1])
    place.ingest()
    a = next(file for file in reading.find([place.articles]) if file.source == "a.txt")
    unseen = reading.File(place.articles / "deep", "deep/", place.articles)
    report = place.ingestion.ingest([a, unseen], [place.articles])
    assert [path for path, _ in report.failed] == [str(place.articles / "deep")]
    assert report.removed == []
    place.assert_holds_just({"a.txt": TEXTS[0], "deep/b.txt": TEXTS[1]})


def test_pruning_removes_only_what_left_that_folder(place: Kept, tmp_path: Path) -> None:
    place.write("a.txt", TEXTS[0])
    place.write("deep/b.txt", TEXTS[1])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "c.txt").write_text(TEXTS[2])
    place.ingest(place.articles, elsewhere)
    place.ingestion.put(article("d.txt", TEXTS[4]))
    (elsewhere / "c.txt").unlink()
    (place.articles / "deep" / "b.txt").unlink()

    assert place.ingest().removed == []
    assert place.ingest(prune=True).removed == ["deep/b.txt"]
    place.assert_holds_just({"a.txt": TEXTS[0], "c.txt": TEXTS[2], "d.txt": TEXTS[4]})
    assert place.ingest(elsewhere, prune=True).removed == ["c.txt"]
    place.assert_holds_just({"a.txt": TEXTS[0], "d.txt": TEXTS[4]})


def test_pruning_an_emptied_folder_removes_all_that_came_from_it(place: Kept) -> None:
    path = place.write("a.txt", TEXTS[0])
    place.ingest()
    path.unlink()
    assert place.ingest(prune=True).removed == ["a.txt"]
    place.assert_holds_just({})


def test_pruning_means_the_folder_by_whatever_path_it_is_named(place: Kept, tmp_path: Path) -> None:
    path = place.write("a.txt", TEXTS[0])
    place.ingest()
    path.unlink()
    (tmp_path / "link").symlink_to(place.articles)
    assert place.ingest(tmp_path / "link", prune=True).removed == ["a.txt"]


def test_files_moved_to_another_folder_are_its_from_then_on(place: Kept, tmp_path: Path) -> None:
    place.write("a.txt", TEXTS[0])
    place.ingest()
    moved = tmp_path / "moved"
    place.articles.rename(moved)
    place.articles.mkdir()
    place.embeddings.encoded.clear()

    assert place.ingest(moved).unchanged == ["a.txt"]
    assert place.embeddings.encoded == []
    assert place.ingest(place.articles, prune=True).removed == []
    (moved / "a.txt").unlink()
    assert place.ingest(moved, prune=True).removed == ["a.txt"]


def test_one_file_may_be_ingested_by_itself(place: Kept) -> None:
    place.write("a.txt", TEXTS[0])
    alone = place.write("deep/b.txt", TEXTS[1])
    assert place.ingest(alone).added == ["b.txt"]
    place.assert_holds_just({"b.txt": TEXTS[1]})


def long_text(n: int) -> str:
    """Long enough for three such articles to be encoded together."""
    return f"Article {n}\n\n" + "\n\n".join(
        f"In room {room}, {' '.join(f'w{n}x{room}x{k}' for k in range(80))}, is a lantern."
        for room in range(30)
    )


@pytest.mark.parametrize("interrupted_at", [1, 3, 5, 7])
def test_interrupted_it_leaves_articles_whole_and_the_next_run_goes_on(
    place: Kept, interrupted_at: int
) -> None:
    old = {f"{n}.txt": long_text(n + 100) for n in range(2)}
    for name, text in old.items():
        place.write(name, text)
    place.ingest()
    new = {f"{n}.txt": long_text(n) for n in range(7)}
    for name, text in new.items():
        place.write(name, text)
    files = reading.find([place.articles])

    def interrupt(done: int, total: int) -> None:
        assert total == 7
        if done == interrupted_at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.ingestion.ingest(files, progress=interrupt)
    left = {name: place.library.article(name).text for name in place.sources()}
    assert {**old, **left} == left
    assert all(text in (old.get(name), new[name]) for name, text in left.items())
    finished = [name for name, text in left.items() if text == new[name]]
    assert finished == [f"{n}.txt" for n in range(interrupted_at)]
    for name, text in left.items():
        assert place.library.chunks_of(name) == chunk(article(name, text))

    place.close()
    place.embeddings.encoded.clear()
    report = place.ingest()
    assert sorted(report.unchanged) == sorted(finished)
    place.assert_holds_just(new)


def test_interrupted_before_the_index_was_told_it_is_level_at_the_next_question(
    place: Kept,
) -> None:
    for n in range(4):
        place.write(f"{n}.txt", long_text(n))

    def interrupt(done: int, _: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.ingestion.ingest(reading.find([place.articles]), progress=interrupt)
    assert place.library.index_changes().add
    place.close()
    place.assert_holds_just({f"{n}.txt": long_text(n) for n in range(4)})


def test_progress_is_told_after_each_file(place: Kept) -> None:
    for n in range(3):
        place.write(f"{n}.txt", TEXTS[0])
    place.write("1.txt", "")
    told: list[tuple[int, int]] = []
    for _ in range(2):
        told.clear()
        files = reading.find([place.articles])
        place.ingestion.ingest(files, progress=lambda done, total: told.append((done, total)))
        assert told == [(1, 3), (2, 3), (3, 3)]


def test_every_chunk_is_encoded_with_the_title_that_says_what_it_is_about(place: Kept) -> None:
    place.write("a.txt", "The castle of Lindau\n\n" + "It has a lantern.\n\n" * 200)
    place.ingest()
    assert len(place.embeddings.encoded) > 2
    assert all("The castle of Lindau" in text for text in place.embeddings.encoded)


def test_tokens_are_counted_to_the_sentence_they_stand_in(place: Kept) -> None:
    place.write("the_old_castle.txt", "The castle burned. Only a lantern is left.")
    place.ingest()
    (stored,) = place.library.chunks(place.library.matching(["castle"], 10))
    assert stored.context == "the old castle"
    assert stored.token_counts.tolist() == [3, 3, 5]
    assert stored.tokens.shape == (11, TOKEN_DIMENSION)
    assert place.library.vectors()[0][2].shape == (DIMENSION,)


def test_while_another_process_writes_nothing_is_touched(place: Kept) -> None:
    place.write("a.txt", TEXTS[0])
    place.ingest()
    place.write("a.txt", TEXTS[1])
    with another_writer(place.library.folder) as pid:
        with pytest.raises(LibraryBusy, match=str(pid)):
            place.ingest()
        with pytest.raises(LibraryBusy):
            place.ingestion.remove(["a.txt"])
    place.assert_holds_just({"a.txt": TEXTS[0]})


def test_two_files_of_one_name_are_an_error_that_names_both(place: Kept, tmp_path: Path) -> None:
    place.write("a.txt", TEXTS[0])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").write_text(TEXTS[1])
    with pytest.raises(InputError, match=r"articles/a\.txt and .*other/a\.txt"):
        place.ingest(place.articles, tmp_path / "other")
    assert place.sources() == []
