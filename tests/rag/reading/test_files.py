"""Files: which are articles, what each says of itself, and what a user is told of the others."""

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.errors import InputError
from rag.reading import MAX_BYTES, File, article, content, find, matching, read

TEXT = "The parade began at noon. It rained."
TYPES = ".txt, .md, .html, .htm, .pdf and .docx files"


def write(path: Path, text: str | bytes = TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(action: Callable[[], object]) -> str:
    """What the user is told: one line that says what is wrong and, after a colon, what to do."""
    with pytest.raises(InputError) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message
    assert ": " in message
    return message


def names(*paths: Path) -> list[str]:
    return [file.source for file in find(paths)]


# --- find


def test_a_folder_is_searched_whole_in_order(tmp_path: Path) -> None:
    for name in ["b.txt", "a.md", "sub/deep/c.TXT", "sub/a.txt"]:
        write(tmp_path / name)
    assert names(tmp_path) == ["a.md", "b.txt", "sub/a.txt", "sub/deep/c.TXT"]


def test_hidden_files_and_other_types_in_a_folder_are_left_out(tmp_path: Path) -> None:
    for name in ["a.txt", ".b.txt", ".git/c.txt", "d.jpg", "e", "f.txt~", ".txt", "g.txt.bak"]:
        write(tmp_path / name)
    assert names(tmp_path) == ["a.txt"]


def test_a_single_file_goes_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "sub" / "a.txt")
    assert find([path]) == [File(path, "a.txt", path.parent)]


def test_a_folder_is_the_same_however_its_path_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "articles" / "a.txt")
    monkeypatch.chdir(tmp_path / "articles")
    ways = [Path("."), Path("../articles"), tmp_path / "articles" / ".." / "articles"]
    assert [find([way]) for way in ways] == [find([tmp_path / "articles"])] * 3


@pytest.mark.parametrize(
    "name",
    ["two words.txt", "naïve 日本 🎉.md", "a..b.txt", "..a.txt"[1:], "line\nbreak.txt", "[a]*.txt"],
)
def test_a_file_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "sub" / name)
    assert names(path) == [name]
    assert read(find([path])[0]).text == TEXT


def test_a_file_named_twice_is_found_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    assert names(path, tmp_path, path) == ["a.txt"]


def test_a_folder_named_like_an_article_is_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "x.txt" / "a.txt")
    assert names(tmp_path) == ["x.txt/a.txt"]
    assert names(tmp_path / "x.txt") == ["a.txt"]


def test_symbolic_links_that_loop_end(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "itself.txt").symlink_to(tmp_path / "itself.txt")
    (tmp_path / "nowhere.txt").symlink_to(tmp_path / "gone.txt")
    assert names(tmp_path) == ["a.txt", "itself.txt", "nowhere.txt"]
    assert str(tmp_path / "itself.txt") in refusal(lambda: find([tmp_path / "itself.txt"]))
    a, itself, nowhere = find([tmp_path])
    assert read(a).text == TEXT
    assert "symbolic links" in refusal(lambda: read(itself))
    assert "no such file" in refusal(lambda: read(nowhere))


def test_a_pipe_and_a_socket_are_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "s.txt"))
        pipe, sock = find([tmp_path])
        assert str(tmp_path / "pipe.txt") in refusal(lambda: read(pipe))
        assert str(tmp_path / "s.txt") in refusal(lambda: read(sock))
        for path in (pipe.path, sock.path):
            assert "pipe or device" in refusal(lambda path=path: find([path]))  # type: ignore[misc]


def test_a_link_to_an_article_goes_by_its_own_name(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "a.txt")
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "link.txt").symlink_to(tmp_path / "elsewhere" / "a.txt")
    assert names(tmp_path / "articles") == ["link.txt"]


@pytest.mark.parametrize("path", ["gone", "gone/a.txt", "gone.txt", "x" * 300, "a\0b"])
def test_a_path_that_is_missing_is_named(tmp_path: Path, path: str) -> None:
    named = str(tmp_path / path).replace("\0", "\\x00")
    assert named in refusal(lambda: find([tmp_path / path]))


def test_a_path_below_a_file_is_missing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt") / "b.txt"
    assert str(path) in refusal(lambda: find([path]))


def test_a_folder_without_articles_is_refused_unless_it_may_be_empty(tmp_path: Path) -> None:
    write(tmp_path / "a.jpg")
    message = refusal(lambda: find([tmp_path]))
    assert str(tmp_path) in message
    assert TYPES in message
    assert find([tmp_path], empty_folders=True) == []


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.txt~", ".txt"])
def test_a_file_of_another_type_is_refused_with_the_types_that_can_be_read(
    tmp_path: Path, name: str
) -> None:
    path = write(tmp_path / name)
    message = refusal(lambda: find([path]))
    assert str(path) in message
    assert TYPES in message


def test_two_files_of_one_name_are_refused_and_both_are_named(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one" / "a.txt"), write(tmp_path / "two" / "a.txt")
    for paths in ([one, two], [one.parent, two.parent], [one.parent, two]):
        message = refusal(lambda paths=paths: find(paths))  # type: ignore[misc]
        assert str(one) in message
        assert str(two) in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_named_and_the_rest_is_found(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    locked = write(tmp_path / "locked" / "b.txt").parent
    locked.chmod(0)
    try:
        for path in (locked, locked / "b.txt"):
            assert str(locked) in refusal(lambda path=path: find([path]))  # type: ignore[misc]
        assert names(tmp_path) == ["a.txt", "locked/"]
        assert str(locked) in refusal(lambda: read(find([tmp_path])[1]))
    finally:
        locked.chmod(0o700)


# --- matching


SOURCES = ["a.txt", "news/b.txt", "news/old/c.md", "[d].txt"]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["a.txt"], ["a.txt"]),
        (["news/*"], ["news/b.txt", "news/old/c.md"]),
        (["*.md", "a.*"], ["a.txt", "news/old/c.md"]),
        (["?.txt"], ["a.txt"]),
        (["[d].txt"], ["[d].txt"]),
        (["[ab].txt"], ["a.txt"]),
        (["*", "a.txt"], SOURCES),
        ([], []),
    ],
)
def test_globs_name_sources_each_once_in_the_library_s_order(
    patterns: list[str], expected: list[str]
) -> None:
    assert matching(SOURCES, patterns) == expected


@pytest.mark.parametrize("pattern", ["b.txt", "A.txt", "", "a.txt/", "[", "../a.txt"])
def test_a_glob_that_names_nothing_is_named(pattern: str) -> None:
    assert repr(pattern) in refusal(lambda: matching(SOURCES, ["*.md", pattern]))


@given(st.lists(st.text(min_size=1), unique=True))
def test_every_source_is_named_by_its_own_name_and_by_a_star(sources: list[str]) -> None:
    assert matching(sources, sources) == sources
    assert not sources or matching(sources, ["*"]) == sources


# --- content


def test_a_file_that_left_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gone.txt"
    assert str(path) in refusal(lambda: read(File(path, "gone.txt", tmp_path)))


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    os.truncate(path, MAX_BYTES + 1)
    message = refusal(lambda: content(find([path])[0]))
    assert str(path) in message
    assert "20 MB" in message


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    os.truncate(path, MAX_BYTES)
    assert len(content(find([path])[0])) == MAX_BYTES


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")
    path.chmod(0)
    message = refusal(lambda: read(find([path])[0]))
    assert str(path) in message
    assert "permission denied" in message


@pytest.mark.parametrize(
    ("bytes_", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        ("\ufeff\u2028\u200b".encode(), "is empty"),
        (b"... --- !!!", "is empty"),
        (b"\1\0\2", "binary"),
        (TEXT.encode("utf-16")[:-1], "damaged UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (b"\x93\xfa \xe9", "not UTF-8 text"),
        (b"\xed\xa0\x80 a lone surrogate", "not UTF-8 text"),
        (TEXT.encode()[:-1] + "é".encode()[:1], "not UTF-8 text"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(
    tmp_path: Path, bytes_: bytes, reason: str
) -> None:
    path = write(tmp_path / "a.txt", bytes_)
    message = refusal(lambda: read(find([path])[0]))
    assert message.startswith(str(path))
    assert reason in message


def test_an_article_from_elsewhere_is_refused_by_its_source() -> None:
    assert refusal(lambda: article("news/a.txt", b"")).startswith("news/a.txt is empty")
    assert TYPES in refusal(lambda: article("news/a.jpg", TEXT.encode()))


def test_a_name_that_is_not_unicode_is_refused() -> None:
    # The library and every answer are UTF-8; such a name could be neither stored nor shown.
    name = os.fsdecode(b"caf\xe9.txt")
    assert "rename" in refusal(lambda: article(name, TEXT.encode()))


# --- article


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
@example("\ufeffBegin\r\nand\rend\n\n")
def test_the_text_is_the_file_decoded_and_unchanged(text: str) -> None:
    text += "a"
    found = article("a.txt", text.encode())
    assert found.text == text
    assert found.sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("suffix", [".txt", ".md", ".MD"])
def test_text_and_markdown_are_read_alike(suffix: str) -> None:
    text = "# Victory Day\r\n\r\nThe parade began.\r\n"
    found = article(f"a{suffix}", text.encode())
    assert (found.text, found.title) == (text, "Victory Day")


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8")))
@example("---\r\ntitle:\r\ndate: 2025-05-09\r\n---\r\nThe parade began.")
@example('---\ntitle: "\u2028"\n---\nThe parade began.')
def test_every_article_has_a_title_of_one_line_and_fair_length(text: str) -> None:
    title = article("0.txt", (text + "a").encode()).title
    assert 0 < len(title) <= 160
    assert title == " ".join(title.split())


def test_a_long_gap_of_blank_lines_is_read_at_once() -> None:
    text = "The parade began." + "\n" * 300_000 + "It rained."
    assert article("a.txt", text.encode()).date is None


@pytest.mark.parametrize(
    ("source", "text", "title"),
    [
        ("victory-day_parade.txt", TEXT, "victory day parade"),
        ("news/Parade 2024.md", TEXT, "Parade 2024"),
        ("000_8e5a7804937815d9.txt", TEXT, "The parade began at noon."),
        ("a1.txt", TEXT, "The parade began at noon."),
        ("12.txt", TEXT, "The parade began at noon."),
        ("parade.txt", "# Victory Day\n\n" + TEXT, "Victory Day"),
        ("parade.txt", "Victory Day in Moscow\n\n" + TEXT, "Victory Day in Moscow"),
        ("parade.txt", "0\n\nShare this article\n\n# Victory Day\n\n" + TEXT, "Victory Day"),
        ("parade.txt", "---\ntitle: Victory Day\n---\n\n# Other\n\n" + TEXT, "Victory Day"),
        ("parade.txt", "---\r\ntitle: 'Victory Day'\r\n---\r\n" + TEXT, "Victory Day"),
        ("parade.txt", '\ufeff---\r\nTitle: "Victory Day"\r\n---\r\n' + TEXT, "Victory Day"),
        ("parade.txt", "---\ntitle: What’s “new”: all\n---\n" + TEXT, "What’s “new”: all"),
        ("parade.txt", '---\ntitle: ""\n---\n' + TEXT, "parade"),
        ("parade.txt", "---\r\ntitle:\r\ndate: 2025-05-09\r\n---\r\n" + TEXT, "parade"),
        ("parade.txt", "---\nsubtitle: Rain\n---\n" + TEXT, "parade"),
        ("parade.txt", "---\ntitle: >-\n  Victory\n  Day\n---\n" + TEXT, "parade"),
        ("parade.txt", "---\ntitle: |\n  Victory Day\n---\n" + TEXT, "parade"),
        ("0.txt", "https://example.org/a", "0.txt"),
        ("0.txt", "The parade\nbegan at noon\nand ended.", "The parade began at noon and ended."),
        ("0.txt", "word " * 60 + "end.", "word " * 30 + "word…"),
    ],
)
def test_the_title_is_what_the_article_says_or_its_name_or_its_opening(
    source: str, text: str, title: str
) -> None:
    assert article(source, text.encode()).title == title


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("---\ndate: 2025-05-09\n---\n" + TEXT, "2025-05-09"),
        ("---\r\ntitle: X\r\nDate: '2025-05-09'\r\n---\r\n" + TEXT, "2025-05-09"),
        ("---\ndate: 2025-05-09 10:00:00 +0200\n---\n" + TEXT, "2025-05-09"),
        ("---\ndate: 2025-05-09T10:00:00Z\n---\n" + TEXT, "2025-05-09"),
        ("---\ndate: 2025-02-30\n---\n" + TEXT, None),
        ("---\ndate: yesterday\n---\n" + TEXT, None),
        (
            f"---\ndate: May 9, 2025\n---\n{TEXT}\nhttps://example.org/2025/05/09/parade",
            "2025-05-09",
        ),
        ("date: 2025-05-09\n" + TEXT, None),
        (TEXT + "\nhttps://example.org/2025/05/09/parade\n", "2025-05-09"),
        (TEXT + "\n\n<https://example.org/2025/5/9/>", "2025-05-09"),
        (TEXT + "\r\nhttp://example.org/news/2025-05-09-parade\r\n", "2025-05-09"),
        (TEXT + "\nSource: https://example.org/2025/05/09/parade", "2025-05-09"),
        (TEXT + "\nOriginal url:\nhttps://example.org/2025/05/09/a-\nparade", "2025-05-09"),
        (TEXT + "\nhttps://example.org/a\nhttps://example.org/2025/05/09/a", "2025-05-09"),
        (TEXT + "\nhttps://a.org/2025/05/09/a\nhttps://a.org/2024/01/02/a", "2025-05-09"),
        (TEXT + "\nhttps://example.org/2025/13/09/parade", None),
        (TEXT + "\nhttps://example.org/2025/02/30/parade", None),
        (TEXT + "\nhttps://example.org/1025/05/09/parade", None),
        (TEXT + "\nhttps://example.org/2025/05/091", None),
        (TEXT + "\nhttps://example.org/2025/05/", None),
        (TEXT + " See https://example.org/2025/05/09/parade for more.", None),
        (TEXT + "\nhttps://example.org/2025/05/09/parade tells more about it.", None),
        (TEXT + "\nRead https://example.org/2025/05/09/parade", None),
        (TEXT + " It was the 9th of May 2025-05-09.", None),
        (TEXT, None),
    ],
)
def test_the_date_is_what_the_front_matter_or_a_url_of_its_own_line_says(
    text: str, date: str | None
) -> None:
    assert article("a.txt", text.encode()).date == date


def test_the_five_articles_say_what_they_are(seeds: Path) -> None:
    found = {file.source[:3]: read(file) for file in find([seeds])}
    assert [(number, seed.date) for number, seed in found.items()] == [
        ("000", None),
        ("001", None),
        ("002", None),
        ("003", "2025-05-09"),
        ("004", None),
    ]
    assert found["002"].title == (
        "Russian and Chinese Officials Attend North Korea’s Military Parade Alongside Kim Jong Un"
    )
    assert found["003"].title.startswith("Russian President Vladimir Putin on Friday greeted a ")
    assert found["003"].title.endswith("…")


def test_the_five_articles_are_kept_unchanged(seeds: Path) -> None:
    for file in find([seeds]):
        assert read(file).text.encode() == file.path.read_bytes()
