"""Chunks: they cover an article in order, and what is encoded leads back to exact offsets."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag import reading
from rag.chunking import TARGET, chunk, encoder_input
from rag.records import Article, Chunk, Sentence
from rag.segmentation import flat, split

SENTENCES = [
    "The parade began at noon. ",
    "It rained! ",
    "“We came. We saw,” he said. ",
    "Mr. Kim of the U.S. left\nlate, so they say. ",
    "今天天气很好。",
    "👩\u200d👧 e\u0301\u200b\ufeff. ",
    "A long sentence, " + "and so on, " * 30 + "that ends. ",
    "w" * 1300 + " ",
]
BLOCKS = [
    "\n",
    "\n\n",
    "\r\n\r\n",
    "\n\n# Guests\n\n",
    "\n\n#      Weather\n",
    "\nWhat it means\n",
    "\n- an item",
    "\n   23) another",
    "\n> quoted ",
    "\n---\n",
    "\nLEAVE A REPLY\n",
    "\nhttps://example.org/a\n",
]

structured = st.lists(st.sampled_from(SENTENCES + BLOCKS), max_size=40).map("".join)
texts = structured | st.text(max_size=60)
targets = st.sampled_from([1, 40, 300, TARGET])


def article(text: str, title: str = "Victory Day") -> Article:
    return Article(source="a.txt", title=title, date=None, text=text, sha256="")


def of_seed(seeds: Path, number: str) -> Article:
    (path,) = seeds.glob(f"{number}_*.txt")
    return reading.article(path.name, path.read_bytes())


def holding(chunks: list[Chunk], text: str, words: str) -> Chunk:
    """The one chunk with `words` in it."""
    (found,) = [c for c in chunks if words in text[c.start : c.end]]
    return found


# --- for any text


@given(texts, targets)
def test_every_character_that_is_not_white_space_lies_in_exactly_one_chunk(
    text: str, target: int
) -> None:
    at = 0
    for found in chunk(article(text), target):
        assert at <= found.start < found.end
        assert not text[at : found.start].strip()
        at = found.end
    assert not text[at:].strip()


@given(texts, targets)
def test_the_sentences_of_the_chunks_are_those_of_the_text(text: str, target: int) -> None:
    assert [s for c in chunk(article(text), target) for s in c.sentences] == split(text)


@given(texts, targets)
def test_a_chunk_reaches_from_before_its_first_sentence_to_the_end_of_its_last(
    text: str, target: int
) -> None:
    for found in chunk(article(text), target):
        assert found.start <= found.sentences[0].start
        assert found.end == found.sentences[-1].end


@given(texts, targets)
@example("# Guests\n\n" + "a" * 30 + ".", 40)
def test_no_chunk_is_longer_than_the_target_unless_it_is_one_sentence(
    text: str, target: int
) -> None:
    too_long = [c for c in chunk(article(text), target) if c.end - c.start > target]
    assert [c for c in too_long if len(c.sentences) > 1] == []


@given(texts, targets)
def test_asides_stand_apart_and_are_not_searched(text: str, target: int) -> None:
    for found in chunk(article(text), target):
        kinds = {s.kind for s in found.sentences}
        assert kinds == {"aside"} or "aside" not in kinds
        assert found.searchable == bool(kinds & {"prose", "item"})


@given(texts, st.sampled_from(["Victory Day", "It rained!", "Cut off…", ""]), targets)
def test_the_context_is_the_title_and_a_heading_that_stands_above(
    text: str, title: str, target: int
) -> None:
    headings = [(s.start, flat(text[s.start : s.end])) for s in split(text) if s.kind == "heading"]
    for found in chunk(article(text, title), target):
        above = [heading for start, heading in headings if start < found.start]
        allowed = {"", title, *above} | {f"{title} – {heading}" for heading in above}
        assert found.context in allowed


@given(texts, st.sampled_from(["Victory Day", "The parade began at noon.", ""]))
def test_the_context_does_not_repeat_what_the_chunk_says(text: str, title: str) -> None:
    for found in chunk(article(text, title)):
        assert not found.context or found.context not in flat(text[found.start : found.end])


@given(texts, targets)
def test_what_is_encoded_is_one_line_of_context_and_the_flattened_sentences_at_their_starts(
    text: str, target: int
) -> None:
    for found in chunk(article(text), target):
        encoded, starts = encoder_input(text, found)
        flattened = [flat(text[s.start : s.end]) for s in found.sentences]
        assert encoded[: starts[0]] == (found.context + "\n" if found.context else "")
        assert encoded[starts[0] :] == "".join(sentence + " " for sentence in flattened)
        ends = [*starts[1:], len(encoded)]
        assert [encoded[a:b] for a, b in zip(starts, ends, strict=True)] == [
            sentence + " " for sentence in flattened
        ]


@given(texts, targets)
def test_the_same_article_is_cut_the_same_way_every_time(text: str, target: int) -> None:
    assert chunk(article(text), target) == chunk(article(text), target)


def test_an_article_of_white_space_has_no_chunks() -> None:
    assert chunk(article(" \n\r\n\u2028 ")) == []


# --- what belongs together


def test_short_paragraphs_go_together_and_long_ones_apart() -> None:
    short = "One sentence here.\n\nAnother one there.\n\n"
    long = ("The parade began at noon. " * 42).strip()
    text = f"{short}{long}\n\n{short}"
    found = chunk(article(text))
    assert [text[c.start : c.end] for c in found] == [short.strip(), long, short.strip()]


def test_a_paragraph_past_the_target_is_cut_into_parts_of_about_the_same_size() -> None:
    text = "The parade began at noon. " * 50
    lengths = [c.end - c.start for c in chunk(article(text))]
    assert len(lengths) == 2
    assert max(lengths) - min(lengths) <= len("The parade began at noon. ")


def test_a_heading_begins_a_chunk_and_is_context_for_those_after_it() -> None:
    paragraph = ("The parade began at noon. " * 40).strip()
    text = f"Opening words.\n\n## Weather\n\n{paragraph}\n\n{paragraph}\n\n## Guests\n\nKim came.\n"
    found = chunk(article(text))
    assert [text[c.start :].splitlines()[0] for c in found][1] == "## Weather"
    assert [c.context for c in found] == [
        "Victory Day",
        "Victory Day",
        "Victory Day – Weather",
        "Victory Day",
    ]
    encoded, _ = encoder_input(text, found[-1])
    assert encoded == "Victory Day\nGuests Kim came. "


def test_of_two_headings_the_nearer_one_is_context() -> None:
    paragraph = ("The parade began at noon. " * 40).strip()
    found = chunk(article(f"# Moscow\n\n## Weather\n\n{paragraph}\n\n{paragraph}\n"))
    assert [c.context for c in found] == ["Victory Day", "Victory Day – Weather"]


def test_a_title_that_is_the_first_line_is_not_said_twice() -> None:
    text = "Victory Day\n\nThe parade began.\n"
    (found,) = chunk(article(text))
    assert found.context == ""
    assert encoder_input(text, found) == ("Victory Day The parade began. ", [0, 12])


def test_a_title_cut_short_is_not_said_again_beside_the_sentence_it_was_cut_from() -> None:
    (found,) = chunk(article("The parade began at noon.", title="The parade…"))
    assert found.context == ""


def test_an_article_of_headings_alone_has_nothing_to_search() -> None:
    (found,) = chunk(article("# Victory Day\n\n## Guests\n"))
    assert not found.searchable


def test_a_sentence_past_the_target_is_a_chunk_of_its_own() -> None:
    text = "Short. " + "word " * 100 + "end. Short again."
    found = chunk(article(text), target=200)
    assert [len(c.sentences) for c in found] == [1, 1, 1]
    assert found[1].end - found[1].start == 504


# --- the five articles


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_chunks_of_an_article_are_neither_too_long_nor_crumbs(seeds: Path, number: str) -> None:
    found = of_seed(seeds, number)
    lengths = [c.end - c.start for c in chunk(found) if c.searchable]
    assert max(lengths) <= TARGET
    assert sum(lengths) / len(lengths) > TARGET / 3


def test_leaders_listed_in_bullets_are_encoded_below_their_heading(seeds: Path) -> None:
    found = of_seed(seeds, "001")
    leaders = holding(chunk(found), found.text, "Woo Won-shik")
    encoded, starts = encoder_input(found.text, leaders)
    assert encoded[starts[0] :].startswith("World leaders to Beijing’s Victory Day parade ")
    assert " Prabowo Subianto, President of Indonesia Woo Won-shik, " in encoded


def test_every_chunk_of_an_article_tells_which_parade_it_is_about(seeds: Path) -> None:
    found = of_seed(seeds, "004")
    first, *others = [c for c in chunk(found) if c.searchable]
    assert first.context == ""
    assert others
    assert {c.context for c in others} == {found.title}
    assert "military parade in Beijing" in found.title


def test_a_comment_form_and_bare_urls_are_kept_and_not_searched(seeds: Path) -> None:
    for number, words in [("002", "LEAVE A REPLY"), ("003", "https://t.me/mod_russia_en/18030")]:
        found = of_seed(seeds, number)
        assert not holding(chunk(found), found.text, words).searchable


def test_hard_wrapped_sentences_are_encoded_on_one_line(seeds: Path) -> None:
    found = of_seed(seeds, "003")
    wrapped = holding(chunk(found), found.text, "Kim Jong\nUn")
    encoded, starts = encoder_input(found.text, wrapped)
    assert "Kim Jong Un for sending" in encoded[starts[0] :]
    assert "\n" not in encoded[starts[0] :]


def test_a_chunk_can_be_searched_when_it_holds_prose_or_an_item() -> None:
    def of(*sentences: Sentence) -> Chunk:
        return Chunk(0, 9, sentences, "")

    assert of(Sentence(0, 4, "heading"), Sentence(5, 9, "prose")).searchable
    assert of(Sentence(0, 9, "item")).searchable
    assert not of(Sentence(0, 9, "heading")).searchable
    assert not of(Sentence(0, 9, "aside")).searchable
