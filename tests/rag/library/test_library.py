"""The library on a real SQLite file: what went in comes out, whole or not at all."""

import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.chunking import encoder_input
from rag.encoders import TokenVectors
from rag.errors import LibraryBusy, LibraryError, UnknownSource
from rag.library import Encoding, Library
from rag.records import Article, Chunk
from tests.fakes import WordTokens, another_writer, article, encoded, token_id

MADE_WITH = {"embeddings": "words", "chunking": "sentences"}

HARBOUR = "Harbours\n\nThe harbour was opened in 1856. Ships call there daily.\n"
CASTLE = "Castles\n\nThe castle burned down. Its café remained.\n"
LONG = "\n\n".join(f"Paragraph {n} tells of ships. " * 20 for n in range(8))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "library", MADE_WITH)
    yield library
    library.close()


@pytest.fixture(scope="module")
def shared_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """One for all examples of a property; each replaces what the one before put in."""
    library = Library(tmp_path_factory.mktemp("shared"), MADE_WITH)
    yield library
    library.close()


def put(library: Library, source: str, text: str, root: str | None = None) -> Article:
    new = article(source, text)
    library.put(new, root, encoded(new))
    return new


def chunk_ids(library: Library) -> list[int]:
    return [id_ for id_, _, _ in library.vectors()]


PIECES = [
    "The harbour opened. ",
    "Ships call “daily”! ",
    "\n\n",
    "\n- an item\n",
    "# A heading\n",
    "http://example.org/a\n",
    "naïve 日本語。",
    "😀 e\u0301\u200b ",
    "\r\n\x1c\x85\u2028",
    LONG,
]


def texts() -> st.SearchStrategy[str]:
    """Texts of every kind: prose with structure, and any characters at all."""
    prose = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
    anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    return st.one_of(prose, anything).filter(lambda text: any(map(str.isalnum, text)))


@given(text=texts())
@hypothesis_settings(max_examples=60)
def test_an_article_comes_back_exactly_as_it_was_put(shared_library: Library, text: str) -> None:
    new = article("a.txt", text)
    parts = encoded(new)
    shared_library.put(new, "/articles", parts)

    assert shared_library.article("a.txt") == new
    assert shared_library.chunks_of("a.txt") == [part for part, _ in parts]
    facts = shared_library.sources()
    assert [(f.source, f.characters, f.chunks) for f in facts] == [("a.txt", len(text), len(parts))]

    searchable = [(part, encoding) for part, encoding in parts if encoding]
    stored = shared_library.chunks(chunk_ids(shared_library))
    for (part, encoding), found in zip(searchable, stored, strict=True):
        assert found.text == text[part.start : part.end]
        assert (found.start, found.end, found.sentences) == (part.start, part.end, part.sentences)
        assert found.line == text[: part.start].count("\n") + 1
        assert (found.source, found.title, found.sha256) == ("a.txt", new.title, new.sha256)
        assert found.token_counts.tolist() == encoding.token_counts.tolist()
        assert len(found.tokens) == len(encoding.tokens.vectors)
    for (_, encoding), (_, source, vector) in zip(
        searchable, shared_library.vectors(), strict=True
    ):
        assert source == "a.txt"
        assert vector.tolist() == encoding.vector.tolist()


def test_token_directions_survive_their_storage_in_8_bits(library: Library) -> None:
    new = article("a.txt", "One sentence.")
    vectors = np.random.default_rng(7).normal(size=(500, 96)).astype(np.float32)
    vectors[0] = np.eye(96)[3]
    tokens = TokenVectors(vectors, np.arange(500, dtype=np.uint16), np.arange(500, dtype=np.int32))
    encoding = Encoding(np.ones(3, np.float32), tokens, np.array([0, 500], dtype=np.int32))
    library.put(new, None, [(part, encoding) for part, _ in encoded(new)])

    stored = library.chunks(chunk_ids(library))[0].tokens.astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(stored, axis=1)
    assert np.all((vectors * stored).sum(axis=1) / norms > 0.999)


def test_a_replaced_article_leaves_nothing_of_the_old(library: Library) -> None:
    put(library, "a.txt", HARBOUR)
    put(library, "b.txt", CASTLE)
    before = chunk_ids(library)
    new = put(library, "a.txt", "Bridges\n\nThe bridge was closed in 1900.\n")

    assert library.article("a.txt") == new
    assert [facts.source for facts in library.sources()] == ["a.txt", "b.txt"]
    assert library.matching(["harbour", "ships", "1856"], 10) == []
    assert library.token_frequencies([token_id("harbour"), token_id("bridge")]) == [0, 1]
    gone = set(before) - set(chunk_ids(library))
    assert len(gone) == 1
    assert library.chunks(list(gone)) == []
    assert library.vectors(list(gone)) == []


def test_a_removed_article_is_gone_whole_and_others_stay(library: Library) -> None:
    put(library, "a.txt", HARBOUR)
    kept = put(library, "b.txt", CASTLE)
    library.remove("a.txt")

    with pytest.raises(UnknownSource, match=r"a\.txt.*citewell sources"):
        library.article("a.txt")
    assert library.chunks_of("a.txt") == []
    assert library.article("b.txt") == kept
    assert {chunk.source for chunk in library.chunks(range(1, 100))} == {"b.txt"}
    assert library.matching(["harbour"], 10) == []
    assert library.count() == len(chunk_ids(library)) == 1


def test_removing_an_unknown_source_changes_nothing(library: Library) -> None:
    put(library, "a.txt", HARBOUR)
    before = chunk_ids(library)
    with pytest.raises(UnknownSource, match=r"b\.txt"):
        library.remove("b.txt")
    assert chunk_ids(library) == before


@given(
    steps=st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([HARBOUR, CASTLE, LONG, ""])), max_size=12
    )
)
@hypothesis_settings(max_examples=20)
def test_token_frequencies_always_equal_a_recount(
    shared_library: Library, steps: list[tuple[str, str]]
) -> None:
    for source, text in steps:
        if text:
            put(shared_library, source + ".txt", text)
        elif source + ".txt" in shared_library.origins():
            shared_library.remove(source + ".txt")

    recount: Counter[int] = Counter()
    for facts in shared_library.sources():
        text = shared_library.article(facts.source).text
        for part in filter(lambda part: part.searchable, shared_library.chunks_of(facts.source)):
            (tokens,) = WordTokens().encode([encoder_input(text, part)[0]])
            recount.update(set(tokens.ids.tolist()))
    words = (HARBOUR + CASTLE + LONG).replace(".", "").split()
    ids = sorted({token_id(word) for word in words} | set(recount))
    assert shared_library.token_frequencies(ids) == [recount[id_] for id_ in ids]


def test_token_frequencies_come_in_the_order_asked(library: Library) -> None:
    put(library, "a.txt", HARBOUR)
    put(library, "b.txt", "Ports\n\nThe harbour of Bregenz is older.\n")
    asked = [token_id(word) for word in ("ships", "nowhere", "harbour", "ships")]
    assert library.token_frequencies(asked) == [1, 0, 2, 1]


@pytest.mark.parametrize("word", ["harbour", "harbours", "HARBOUR", "opening", "ship", "1856"])
def test_words_are_found_by_their_stem(library: Library, word: str) -> None:
    put(library, "a.txt", HARBOUR)
    put(library, "b.txt", CASTLE)
    assert library.matching([word], 10) == chunk_ids(library)[:1]


def test_words_are_found_without_their_accents(library: Library) -> None:
    put(library, "b.txt", CASTLE)
    assert library.matching(["cafe"], 10) == library.matching(["café"], 10) == chunk_ids(library)


def test_chunks_with_more_of_the_words_come_first(library: Library) -> None:
    for source, text in [("a", "The castle."), ("b", "The harbour castle."), ("c", "The moat.")]:
        put(library, source + ".txt", text + " A long sentence about nothing much follows here.")
    first, second, _ = chunk_ids(library)
    assert library.matching(["harbour", "castle"], 10) == [second, first]
    assert library.matching(["harbour", "castle"], 1) == [second]


def test_words_are_looked_for_only_in_the_sources_named(library: Library) -> None:
    put(library, "a.txt", HARBOUR)
    put(library, "b.txt", HARBOUR)
    assert library.matching(["harbour"], 10, ["b.txt"]) == chunk_ids(library)[1:]
    assert library.matching(["harbour"], 10, []) == []


@pytest.mark.parametrize(
    "word", [*"*^-:;_()'\"\\", '""', "", "\u200b", "AND", "OR", "NOT", "NEAR", "NEAR(", "body:"]
)
def test_the_full_text_syntax_in_a_question_is_harmless(library: Library, word: str) -> None:
    put(library, "a.txt", HARBOUR)
    assert library.matching([word], 10) == []
    assert library.matching([word, "harbour"], 10) == chunk_ids(library)


def test_no_words_match_nothing(library: Library) -> None:
    put(library, "a.txt", HARBOUR)
    assert library.matching([], 10) == []


def test_chunk_ids_are_never_used_twice(library: Library) -> None:
    put(library, "a.txt", LONG)
    used = chunk_ids(library)
    library.remove("a.txt")
    library.close()
    reopened = Library(library.folder, MADE_WITH)
    put(reopened, "a.txt", LONG)
    again = chunk_ids(reopened)
    reopened.close()
    assert len(again) == len(used) > 1
    assert min(again) > max(used)


def test_the_index_has_yet_to_learn_and_forget_what_changed(library: Library) -> None:
    put(library, "a.txt", HARBOUR)
    learnt = library.index_changes()
    assert (learnt.add, learnt.delete) == (tuple(chunk_ids(library)), ())
    library.index_was_told(learnt, "told")
    assert len(library.index_changes()) == 0

    put(library, "a.txt", CASTLE)
    assert library.index_changes().add == tuple(chunk_ids(library))
    assert library.index_changes().delete == learnt.add


def test_a_change_made_while_the_index_was_told_of_another_is_kept(library: Library) -> None:
    put(library, "a.txt", HARBOUR)
    told = library.index_changes()
    library.remove("a.txt")
    library.index_was_told(told, "told")
    assert library.index_changes().delete == told.add


def broken(new: Article) -> list[tuple[Chunk, Encoding | None]]:
    """An article's chunks, of which the last cannot be stored."""
    *good, (last, encoding) = encoded(new)
    assert encoding
    tokens = TokenVectors(np.ones(3, np.float32), encoding.tokens.ids, encoding.tokens.starts)
    return [*good, (last, Encoding(encoding.vector, tokens, encoding.token_counts))]


def too_long(new: Article) -> list[tuple[Chunk, Encoding | None]]:
    """An article's chunks with vectors of another dimension."""
    return [
        (part, e and Encoding(np.ones(999, np.float32), e.tokens, e.token_counts))
        for part, e in encoded(new)
    ]


@pytest.mark.parametrize(
    ("spoilt", "error"),
    [(broken, ValueError), (too_long, LibraryError)],
    ids=["broken", "too_long"],
)
def test_a_write_that_fails_in_the_middle_leaves_the_old_article_whole(
    library: Library,
    spoilt: Callable[[Article], list[tuple[Chunk, Encoding | None]]],
    error: type[Exception],
) -> None:
    old = put(library, "a.txt", HARBOUR, root="/articles")
    ids, changes = chunk_ids(library), library.index_changes()
    new = article("a.txt", LONG)
    assert len(encoded(new)) > 2
    with pytest.raises(error):
        library.put(new, "/elsewhere", spoilt(new))

    assert library.article("a.txt") == old
    assert library.origins() == {"a.txt": (old.sha256, "/articles")}
    assert chunk_ids(library) == library.matching(["harbour"], 10) == ids
    assert library.matching(["paragraph"], 10) == []
    assert library.token_frequencies([token_id("harbour"), token_id("paragraph")]) == [1, 0]
    assert library.index_changes() == changes
    library.put(new, None, encoded(new))
    assert library.article("a.txt") == new


def test_vectors_of_another_length_name_the_way_out(library: Library) -> None:
    put(library, "a.txt", HARBOUR)
    new = article("b.txt", CASTLE)
    with pytest.raises(LibraryError, match=r"999 long.*24: .*CITEWELL_DATA"):
        library.put(new, None, too_long(new))


def test_a_second_process_that_would_write_is_told_who_writes(library: Library) -> None:
    old = put(library, "a.txt", HARBOUR)
    with another_writer(library.folder) as pid:
        with pytest.raises(LibraryBusy, match=rf"pid {pid}\b.*try again"):
            put(library, "a.txt", CASTLE)
        assert library.article("a.txt") == old
        reader = Library(library.folder, MADE_WITH)
        assert reader.article("a.txt") == old
        reader.close()
    # The other process was killed: its lock is gone with it.
    put(library, "a.txt", CASTLE)
    assert library.article("a.txt").text == CASTLE


def test_writing_may_be_nested_and_lets_go_at_the_end(library: Library) -> None:
    with library.writing(), library.writing():
        put(library, "a.txt", HARBOUR)
    other = Library(library.folder, MADE_WITH)
    put(other, "a.txt", CASTLE)
    other.close()
    assert library.article("a.txt").text == CASTLE


def noise(file: Path) -> None:
    file.write_bytes(b"no database" * 1000)


def half(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("damage", [noise, half, a_directory])
def test_a_damaged_file_is_an_error_that_names_the_next_step(
    library: Library, damage: Callable[[Path], None]
) -> None:
    for n in range(5):
        put(library, f"{n}.txt", LONG)
    library.close()
    for left_over in library.folder.glob("library.sqlite3-*"):
        left_over.unlink()
    damage(library.folder / "library.sqlite3")
    with pytest.raises(LibraryError, match=r"library\.sqlite3 .*(citewell import|check the disk)"):
        Library(library.folder, MADE_WITH).vectors()


def test_a_file_in_the_folders_place_is_an_error_that_names_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "library").write_text("a file")
    with pytest.raises(LibraryError, match=r"cannot be made .*CITEWELL_DATA"):
        Library(tmp_path / "library", MADE_WITH)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_an_error(library: Library) -> None:
    library.close()
    for file in library.folder.iterdir():
        file.chmod(0o400)
    library.folder.chmod(0o500)
    try:
        with pytest.raises(LibraryError, match="check"):
            put(Library(library.folder, MADE_WITH), "a.txt", HARBOUR)
        with pytest.raises(LibraryError, match=r"cannot be made .*CITEWELL_DATA"):
            Library(library.folder / "inside", MADE_WITH)
    finally:
        library.folder.chmod(0o700)


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({**MADE_WITH, "chunking": "pages"}, "chunking 'sentences', not 'pages'"),
        ({**MADE_WITH, "judge": "new"}, "judge None, not 'new'"),
    ],
)
def test_a_library_made_with_other_settings_is_not_opened(
    library: Library, other: dict[str, str], named: str
) -> None:
    with pytest.raises(LibraryError, match=f"{named}: go back to that, or .*CITEWELL_DATA"):
        Library(library.folder, other)


def test_a_library_keeps_its_id_and_has_no_others(library: Library, tmp_path: Path) -> None:
    known = library.id
    library.close()
    again, other = Library(library.folder, MADE_WITH), Library(tmp_path / "other", MADE_WITH)
    assert again.id == known != other.id
    again.close()
    other.close()


def test_many_readers_see_each_article_whole_while_one_writes(library: Library) -> None:
    versions = [article("a.txt", HARBOUR), article("a.txt", LONG)]
    parts = [encoded(version) for version in versions]
    lengths = {v.sha256: len(p) for v, p in zip(versions, parts, strict=True)}
    library.put(versions[0], None, parts[0])
    written = threading.Event()
    seen: list[set[str]] = []

    def read() -> None:
        versions_seen = set()
        while not written.is_set():
            assert library.article("a.txt") in versions
            chunks = library.chunks(range(1, 10_000))
            (sha256,) = {chunk.sha256 for chunk in chunks}
            assert len(chunks) == lengths[sha256]
            (facts,) = library.sources()
            assert facts.chunks == lengths[facts.sha256]
            versions_seen.add(sha256)
        seen.append(versions_seen)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for at in range(40):
            library.put(versions[at % 2], None, parts[at % 2])
    finally:
        written.set()
        for reader in readers:
            reader.join()
    assert len(seen) == 3, "a reader failed"
    assert set.union(*seen) == set(lengths)


def of_schema_1(folder: Path) -> None:
    """Turn a library into what the first release left."""
    with sqlite3.connect(folder / "library.sqlite3") as db:
        db.execute("ALTER TABLE articles DROP COLUMN stamp")
        db.execute("DELETE FROM meta WHERE key = 'chunks'")
        db.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    db.close()


def test_a_library_of_the_first_schema_is_brought_up_to_date(library: Library) -> None:
    kept = put(library, "a.txt", LONG)
    ids = chunk_ids(library)
    library.close()
    of_schema_1(library.folder)
    migrated = Library(library.folder, MADE_WITH)
    assert migrated.article("a.txt") == kept
    assert (migrated.count(), migrated.chunk_ids()) == (len(ids), ids)
    assert migrated.stamps() == {}
    put(migrated, "b.txt", CASTLE)
    assert migrated.count() == len(chunk_ids(migrated)) == len(ids) + 1
    migrated.close()
    again = Library(library.folder, MADE_WITH)
    assert again.count() == len(ids) + 1
    again.close()


def test_a_library_made_with_other_settings_keeps_its_old_schema(library: Library) -> None:
    put(library, "a.txt", LONG)
    library.close()
    of_schema_1(library.folder)
    with pytest.raises(LibraryError, match="was made with chunking"):
        Library(library.folder, {**MADE_WITH, "chunking": "pages"})
    with closing(sqlite3.connect(library.folder / "library.sqlite3")) as db:
        assert db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchall() == [("1",)]
        assert "stamp" not in [name for _, name, *_ in db.execute("PRAGMA table_info(articles)")]


def test_a_migration_waits_for_no_writer_and_changes_nothing_then(library: Library) -> None:
    put(library, "a.txt", LONG)
    library.close()
    of_schema_1(library.folder)
    with another_writer(library.folder), pytest.raises(LibraryBusy):
        Library(library.folder, MADE_WITH)
    Library(library.folder, MADE_WITH).close()


def test_a_library_of_an_unknown_schema_names_the_command_that_rebuilds_it(
    library: Library,
) -> None:
    library.close()
    with sqlite3.connect(library.folder / "library.sqlite3") as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    db.close()
    with pytest.raises(LibraryError, match=r"schema '99'.*citewell ingest FOLDER"):
        Library(library.folder, MADE_WITH)


@given(steps=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([LONG, CASTLE, ""]))))
@hypothesis_settings(max_examples=20)
def test_the_count_is_always_that_of_the_chunks(
    shared_library: Library, steps: list[tuple[str, str]]
) -> None:
    for source, text in steps:
        if text:
            put(shared_library, source + ".txt", text)
        elif source + ".txt" in shared_library.origins():
            shared_library.remove(source + ".txt")
    assert shared_library.count() == len(chunk_ids(shared_library))
    assert shared_library.chunk_ids() == chunk_ids(shared_library)


def test_a_file_damaged_in_its_middle_is_found_by_a_check(library: Library) -> None:
    for n in range(30):
        put(library, f"{n}.txt", LONG)
    library.check()
    library.close()
    file = library.folder / "library.sqlite3"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 50_000] = b"x" * 50_000
    file.write_bytes(content)
    with pytest.raises(LibraryError, match=r"is damaged .*citewell import.*ingest your articles"):
        Library(library.folder, MADE_WITH).check()


def test_in_a_large_library_words_that_are_everywhere_do_not_decide(library: Library) -> None:
    many = article("many.txt", "\n\n".join(f"## Row {n}\n\nThe ship." for n in range(8100)))
    library.put(many, None, encoded(many))
    assert library.count() > 8000
    put(library, "a.txt", HARBOUR)
    asked = ["ship", "harbour", "nowhere"]
    assert library.matching(asked, 10) == chunk_ids(library)[-1:]
    assert len(library.matching(["ship"], 10)) == 10
