"""Sentences: exact spans in any text, and the borders that a reader would draw."""

import re
import textwrap
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.records import SentenceKind
from rag.segmentation import MAX_SENTENCE, flat, split

# What articles are made of, and what breaks code that reads them.
LINE_BREAKS = ["\n", "\n\n", "\r\n", "\r", "\x85", "\u2028", "\u2029", "\v", "\f", "\x1c"]
SPACES = [" ", "  ", "\t", "\xa0", "\u3000", "\u200b", "\u200d", "\u202e", "\ufeff"]
QUOTATION = ["“", "”", "‘", "’", '"', "'", "«", "»", "(", ")", "[", "]", "<", ">"]
PUNCTUATION = [".", "?!", "...", "…", "。", "？", ":", ";", ",", "—", "–", "-", "&", "$", "*", "_"]
MARKERS = ["# ", "### ", "- ", "* ", "• ", "1. ", "23) ", "> ", "> > ", "---", "```", "```py", "|"]
WORDS = [
    "Kim",
    "jong",
    "0",
    "2024",
    "3.5",
    "Mr. ",
    "U.S. ",
    "No. ",
    "e\u0301",
    "🎉",
    "👩‍👩‍👧",
    "İ",
    "ﬁ",
]
SCRIPTS = ["中文", "שלום", "مرحبا", "Путин", "กรุงเทพ"]
LINES = [
    "The parade began at noon. ",
    "He said, “We came. We saw.” ",
    "title: x\n",
    "| a | b |\n",
    "Share this article\n",
    "LEAVE A REPLY\n",
    "https://example.org/2025/05/09/a-\n",
    "www.example.org",
]
LONG = ["w" * (MAX_SENTENCE + 7), "word " * 250]
PIECES = [
    *LINE_BREAKS,
    *SPACES,
    *QUOTATION,
    *PUNCTUATION,
    *MARKERS,
    *WORDS,
    *SCRIPTS,
    *LINES,
    *LONG,
]

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=40).map("".join)
any_text = given(texts)

MARKER_LINE = re.compile(r"\ufeff?(?:#{1,6}|[-*+•‣·–—]|\d{1,3}[.)]|>|\s)*")


def sentences(text: str, *kinds: SentenceKind) -> list[str]:
    """The sentences of `text`, of all kinds or of these."""
    return [text[s.start : s.end] for s in split(text) if not kinds or s.kind in kinds]


def kinds(text: str) -> list[tuple[SentenceKind, str]]:
    return [(s.kind, text[s.start : s.end]) for s in split(text)]


def prose(text: str) -> list[str]:
    """Like `sentences` for a text that is all prose."""
    assert {s.kind for s in split(text)} <= {"prose"}
    return sentences(text)


def of_seed(seeds: Path, number: str) -> str:
    (path,) = seeds.glob(f"{number}_*.txt")
    return path.read_bytes().decode()


# --- for any text


@any_text
def test_sentences_stand_in_order_without_overlap_and_none_is_empty(text: str) -> None:
    borders = [border for s in split(text) for border in (s.start, s.end)]
    assert borders == sorted(borders)
    assert all(0 <= s.start < s.end <= len(text) for s in split(text))


@any_text
@example("a" * MAX_SENTENCE)
@example("a" * (MAX_SENTENCE + 1))
@example(("a" * (MAX_SENTENCE - 1) + " ") * 3)
def test_no_sentence_is_longer_than_the_limit(text: str) -> None:
    assert all(s.end - s.start <= MAX_SENTENCE for s in split(text))


@any_text
def test_no_sentence_has_white_space_around_it(text: str) -> None:
    assert [s for s in sentences(text) if s != s.strip()] == []


@any_text
@example("- ")
@example("# \n> \n- - -\n1. ")
@example("\ufeff")
def test_nothing_is_left_out_but_white_space_and_markers(text: str) -> None:
    at = 0
    left = ""
    for sentence in split(text):
        left += text[at : sentence.start] + "\n"
        at = sentence.end
    left += text[at:]
    assert [line for line in left.splitlines() if not MARKER_LINE.fullmatch(line)] == []


@any_text
def test_no_word_is_cut_unless_it_alone_is_too_long(text: str) -> None:
    found = split(text)
    for sentence, following in pairwise(found):
        inside_a_word = (
            sentence.end == following.start
            and text[sentence.end - 1].isalnum()
            and text[following.start].isalnum()
        )
        whole = text[sentence.start : sentence.end]
        assert not inside_a_word or (len(whole) == MAX_SENTENCE and len(whole.split()) == 1)


@any_text
def test_the_same_text_is_cut_the_same_way_every_time(text: str) -> None:
    assert split(text) == split(text)


@settings(max_examples=50)
@given(st.text(alphabet=" \n\r\t\x85\u2028\xa0", max_size=20))
def test_white_space_has_no_sentences(text: str) -> None:
    assert split(text) == []


@given(
    st.lists(st.sampled_from([*LINES, *WORDS, *MARKERS, "\n", "\n\n"]), max_size=25).map("".join)
)
def test_windows_line_endings_change_no_sentence(text: str) -> None:
    unix = [(kind, flat(sentence)) for kind, sentence in kinds(text)]
    windows = [(kind, flat(sentence)) for kind, sentence in kinds(text.replace("\n", "\r\n"))]
    assert windows == unix


def test_the_sentences_of_an_endless_paragraph_are_whole() -> None:
    paragraph = "It rained all day, said Mr. Lee. " * 3000
    assert set(prose(paragraph)) == {"It rained all day, said Mr. Lee."}
    assert len(prose(paragraph)) == 3000


def test_a_long_file_that_opens_like_front_matter_is_read_at_once() -> None:
    text = "---\r\n" + "name: value\r\n" * 60 + "The parade began."
    assert sentences(text)[0] == "---"
    assert flat(text).endswith(flat(sentences(text)[-1]))


# --- sentences in a paragraph


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Putin met Gen. Kim in the U.S. Embassy on Monday.", "Then he left."],
        ["They stayed at No. 5 Main St. on Jan. 5.", "Mrs. Lee came with Dr. Ko."],
        ["J. K. Rowling met George W. Bush.", "John F. Kennedy did not."],
        ["He lives in the U.S.", "They met at 5 p.m. on Friday."],
        ["Some arms, e.g. drones, i.e. flying ones, were shown.", "Acme Inc. made them."],
        ["Sales rose 3.5 percent to $4.2 billion.", "Version 2.0 came out at 10:30 a.m. today."],
        ["Why?", "Because!", "Really?!", "He waited... and left."],
        ["今天天气很好。", "我们去公园。", "你呢？"],
        ["Путин приехал.", "Он уехал."],
    ],
    ids=lambda expected: expected[0][:25],
)
def test_abbreviations_initials_and_numbers_end_no_sentence(expected: list[str]) -> None:
    # Chinese has no space between sentences.
    joint = "" if expected[0].endswith("。") else " "
    assert prose(joint.join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["He sang in Trinity-St. Paul's church.", "It rained."],
        ["A pro-Gen. Kim rally began on the post-Jan. 6 anniversary.", "It ended."],
        ["A non-U.S. Army force came.", "It left."],
        ["It lies near Trinity—St. Paul's and (St. Mary's aside) the harbour.", "It is old."],
        ["*St. Paul's* church is old.", "It is “St. Paul's” to all.", "(St. Mary's too.)"],
        ["He met the vice-president.", "Then he chose plan-B.", "It was a co-op.", "It failed."],
    ],
    ids=lambda expected: expected[0][:25],
)
def test_an_abbreviation_ends_no_sentence_where_it_stands_after_a_hyphen_or_bracket(
    expected: list[str],
) -> None:
    assert prose(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["They came in May.", "Lindqvist fell ill.", "“They told me.” Nobody else did."],
        ["It is a work of art.", "Nobody paid.", "In May 1950 it was sold."],
    ],
    ids=lambda expected: expected[0][:25],
)
def test_a_word_that_looks_like_an_abbreviation_ends_its_sentence(expected: list[str]) -> None:
    assert prose(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ['He said, "We came. We saw. We won."', "Then he left."],
        ["“We came. We saw. We won,” he said.", "Then he left."],
        ["«Merci. Au revoir,» dit-il.", "Il partit."],
        ["He called it a ‘game.’", "Others laughed."],
        ["It was “ironic.”", "Nobody laughed."],
    ],
    ids=lambda expected: expected[0][:25],
)
def test_quoted_speech_with_full_stops_inside_stays_in_its_sentence(expected: list[str]) -> None:
    assert prose(" ".join(expected)) == expected


@pytest.mark.parametrize("apostrophe", ["'", "’"])
def test_apostrophes_swallow_no_border(apostrophe: str) -> None:
    expected = [
        f"China{apostrophe}s parade began.",
        f"The soldiers{apostrophe} boots shone.",
        f"Kim{apostrophe}s guests don{apostrophe}t talk.",
        "It ended.",
    ]
    assert prose(" ".join(expected)) == expected


def test_an_apostrophe_that_opens_like_a_quotation_does_not_reach_the_next_one() -> None:
    expected = ["It began in the ‘90s.", "China’s parade ended.", "It rained."]
    assert prose(" ".join(expected)) == expected


def test_a_quotation_mark_that_is_never_closed_does_not_join_the_rest() -> None:
    text = 'He said, "We came. Then he left. ' + "The parade went on and on. " * 80
    assert len(sentences(text)) > 80


def test_a_sentence_past_the_limit_is_cut_between_words() -> None:
    text = "words " * 400 + "end."
    found = prose(text)
    assert len(found) == 3
    assert " ".join(found) == text
    assert {s.split()[-1] for s in found[:-1]} == {"words"}


@pytest.mark.parametrize("space", ["\xa0", "\u3000", "\t"])
def test_a_sentence_past_the_limit_is_cut_at_white_space_of_any_kind(space: str) -> None:
    text = f"words{space}" * 400 + "end."
    assert {s.split()[-1] for s in prose(text)} == {"words", "end."}


def test_a_word_past_the_limit_is_cut_where_it_must_be() -> None:
    text = "w" * (2 * MAX_SENTENCE + 5)
    assert [len(s) for s in sentences(text)] == [MAX_SENTENCE, MAX_SENTENCE, 5]


def test_stray_punctuation_is_no_sentence_of_its_own() -> None:
    assert prose("It ended. ... Then rain. ! He left.") == [
        "It ended.",
        "... Then rain.",
        "! He left.",
    ]


# --- lines


def test_one_line_without_punctuation_can_be_quoted() -> None:
    assert kinds("The parade of 2024 in Moscow") == [("prose", "The parade of 2024 in Moscow")]


def test_a_list_of_short_lines_without_punctuation_can_be_quoted() -> None:
    text = "Apples\nBananas\nCherries\nDates\n"
    assert prose(text) == ["Apples", "Bananas", "Cherries", "Dates"]


def test_one_or_two_short_lines_above_a_paragraph_are_headings_and_more_are_not() -> None:
    paragraph = "The parade began."
    for lines in (["Victory Day"], ["Victory Day", "Rain in Moscow"]):
        text = "\n\n".join([*lines, paragraph])
        assert kinds(text) == [*(("heading", line) for line in lines), ("prose", paragraph)]
    lines = ["Apples", "Bananas", "Cherries"]
    assert prose("\n\n".join([*lines, paragraph])) == [*lines, paragraph]


def test_a_quotation_below_a_colon_or_comma_goes_with_the_words_above_it() -> None:
    for mark in ":,":
        assert len(prose(f"Mr. Putin said{mark}\n“We came. We saw.”\nThen he left.")) == 2


def test_lines_of_keys_and_values_can_be_quoted_one_by_one() -> None:
    text = "Name: Kim Jong Un\nBorn: 1984\nCity: Pyongyang"
    assert prose(text) == ["Name: Kim Jong Un", "Born: 1984", "City: Pyongyang"]


def test_files_with_windows_line_endings_are_cut_as_others_are() -> None:
    text = "One.\r\nTwo.\r\n\r\n- first\r\n- second goes\r\n  on\r\n\r\n# Head\r\n\r\nEnd.\r\n"
    assert kinds(text) == [
        ("prose", "One."),
        ("prose", "Two."),
        ("item", "first"),
        ("item", "second goes\r\n  on"),
        ("heading", "Head"),
        ("prose", "End."),
    ]


@pytest.mark.parametrize("width", [60, 72, 78, 79, 90, 113])
@pytest.mark.parametrize("number", ["000", "001", "002", "004"])
def test_an_article_has_the_same_sentences_however_it_is_wrapped(
    seeds: Path, number: str, width: int
) -> None:
    paragraphs = [line for line in of_seed(seeds, number).splitlines() if line.endswith((".", "”"))]
    wrapped = (textwrap.fill(line, width, break_on_hyphens=False) for line in paragraphs)
    assert [flat(s) for s in prose("\n\n".join(wrapped))] == prose("\n\n".join(paragraphs))


def test_a_wrapped_line_that_begins_with_a_dash_goes_on_with_its_sentence() -> None:
    text = (
        "The celebration came a week after Putin thanked the leader for sending troops\n"
        "to support his forces in the region of Kursk and along the rest of the border\n"
        "— the first official confirmation of such a deployment by either of the two\n"
        "governments since the war began.\n"
    )
    assert prose(text) == [text.rstrip()]


# --- markdown


def test_markdown_headings_lists_and_quotations_lose_their_markers() -> None:
    text = (
        "# Victory Day\n\nThe parade began. It rained.\n\n## Guests\n\n"
        "- one\n- two goes\n  on here\n\n* star\n1. first\n2) second\n\n> Quoted line.\n"
    )
    assert kinds(text) == [
        ("heading", "Victory Day"),
        ("prose", "The parade began."),
        ("prose", "It rained."),
        ("heading", "Guests"),
        ("item", "one"),
        ("item", "two goes\n  on here"),
        ("item", "star"),
        ("item", "first"),
        ("item", "second"),
        ("prose", "Quoted line."),
    ]


def test_an_underlined_heading_is_a_heading() -> None:
    assert kinds("Victory Day\n===========\n\nThe parade began.") == [
        ("heading", "Victory Day"),
        ("aside", "==========="),
        ("prose", "The parade began."),
    ]


def test_a_table_can_be_quoted_row_by_row() -> None:
    text = "| Leader | Country |\n|---|---|\n| Robert Fico | Slovakia |\n"
    assert kinds(text) == [
        ("item", "| Leader | Country |"),
        ("aside", "|---|---|"),
        ("item", "| Robert Fico | Slovakia |"),
    ]


@pytest.mark.parametrize("end", ["---", "..."])
@pytest.mark.parametrize("before", ["", "\ufeff"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_front_matter_is_one_aside(line_break: str, before: str, end: str) -> None:
    matter = line_break.join([f"{before}---", "title: X", "date: 2025-05-09", end])
    assert kinds(f"{matter}{line_break}{line_break}The parade began.") == [
        ("aside", matter),
        ("prose", "The parade began."),
    ]


def test_a_byte_order_mark_is_in_no_sentence() -> None:
    assert kinds("\ufeffThe parade began.") == [("prose", "The parade began.")]
    assert kinds("\ufeff# Victory Day\n\nThe parade began.") == [
        ("heading", "Victory Day"),
        ("prose", "The parade began."),
    ]


@pytest.mark.parametrize("rule", ["---", "***", "* * *", "___", "====", "```", "```py", "~~~"])
def test_rules_and_fences_are_asides_and_what_they_hold_can_be_quoted(rule: str) -> None:
    assert kinds(f"The parade began.\n\n{rule}\n\nIt ended.") == [
        ("prose", "The parade began."),
        ("aside", rule),
        ("prose", "It ended."),
    ]


def test_a_rule_on_the_first_line_begins_no_front_matter_unless_another_ends_it() -> None:
    assert kinds("---\n\nThe parade began.") == [("aside", "---"), ("prose", "The parade began.")]


def test_what_stands_between_two_rules_is_no_front_matter() -> None:
    assert kinds("---\n\nThe parade began: it was noon.\n\n---\n\nIt ended.") == [
        ("aside", "---"),
        ("prose", "The parade began: it was noon."),
        ("aside", "---"),
        ("prose", "It ended."),
    ]


# --- boilerplate


@pytest.mark.parametrize(
    "line",
    [
        "LEAVE A REPLY",
        "Please enter your comment!",
        "Your email address will not be published.",
        "All rights reserved.",
        "Privacy policy",
        "This site uses cookies.",
        "Share this article",
        "Read more: https://example.org/c",
        "Subscribe to our newsletter",
        "12 comments",
        "© 2024 The Times. All rights reserved.",
        "Original url:",
        "Source: https://example.org/c",
        "0",
        "https://example.org/a/b?c=d#e",
        "<https://example.org/>",
        "www.example.org/a",
    ],
)
def test_what_web_pages_leave_behind_is_an_aside(line: str) -> None:
    assert kinds(f"The parade ended.\n\n{line}\n") == [
        ("prose", "The parade ended."),
        ("aside", line),
    ]


def test_a_url_wrapped_over_two_lines_is_an_aside_and_no_more() -> None:
    text = "He left.\nhttps://example.org/a-long-\nname-a89028\nNext came rain.\n"
    assert sentences(text, "aside") == ["https://example.org/a-long-", "name-a89028"]
    assert sentences(text, "prose") == ["He left.", "Next came rain."]


def test_a_line_of_one_word_below_a_whole_url_can_be_quoted() -> None:
    assert sentences("He left.\nhttps://example.org/a\nRain.\n", "prose") == ["He left.", "Rain."]


def test_a_url_inside_a_sentence_stays_there() -> None:
    expected = ["See https://example.org/a.b.c for more.", "It is free."]
    assert prose(" ".join(expected)) == expected


def test_a_long_sentence_that_opens_like_boilerplate_can_be_quoted() -> None:
    text = (
        "Related stories of soldiers who had fought in the war were told for hours at the "
        "luncheon that followed the parade."
    )
    assert prose(text) == [text]


@pytest.mark.parametrize(
    "sentence",
    [
        "Terms of service were changed in May.",
        "Privacy policy breaches cost the bank 4 million.",
        "Please enter your PIN, said the machine.",
        "All rights reserved for members end in June.",
        "Your email is read by the company.",
    ],
)
def test_a_sentence_with_its_full_stop_that_opens_like_boilerplate_can_be_quoted(
    sentence: str,
) -> None:
    assert prose(sentence) == [sentence]
    assert sentences(sentence.rstrip("."), "aside") == [sentence.rstrip(".")]


# --- the five articles


def test_hard_wrapped_lines_are_joined(seeds: Path) -> None:
    found = sentences(of_seed(seeds, "003"), "prose")
    assert len(found) == 11
    assert all(s.endswith((".", "”")) for s in found)
    assert "North Korean leader Kim Jong\nUn for sending his troops" in found[1]
    assert found[5] == (
        "Kim was also absent\n"
        "from the more than two dozen foreign leaders who attended the event in Moscow."
    )


def test_the_urls_below_an_article_are_asides(seeds: Path) -> None:
    asides = sentences(of_seed(seeds, "003"), "aside")
    assert asides[0] == "Original url:"
    assert asides[2] == "parade-a89028"
    assert len(asides) == 6


def test_a_comment_form_is_an_aside(seeds: Path) -> None:
    text = of_seed(seeds, "002")
    assert sentences(text, "aside") == [
        "0",
        "LEAVE A REPLY",
        "Please enter your comment!",
        "Please enter your name here",
    ]
    assert sentences(text, "heading") == [text.splitlines()[0]]


def test_headings_and_bullets_are_told_from_prose(seeds: Path) -> None:
    text = of_seed(seeds, "001")
    assert sentences(text, "heading") == [
        "Why are Putin and Kim Jong-un attending Beijing’s parade?",
        "World leaders to Beijing’s Victory Day parade",
        "Hong Lei’s views on Kim’s visit and China–Russia ties",
        "China to show its military power at Tiananmen",
        "Key details about the Ukraine-Russia war",
    ]
    assert sentences(text, "item") == [
        "Aleksandr Lukashenko, President of Belarus",
        "Masoud Pezashkian, President of Iran",
        "Prabowo Subianto, President of Indonesia",
        "Woo Won-shik, Speaker of South Korea’s National Assembly",
        "Aleksandar Vucic, President of Serbia",
    ]


def test_a_quotation_goes_with_the_words_above_that_announce_it(seeds: Path) -> None:
    quotations = [s for s in sentences(of_seed(seeds, "001")) if "\n“" in s]
    assert [(s.split()[0], s.split()[-1]) for s in quotations] == [
        ("When", "Russia.”"),
        ("He", "justice.”"),
    ]


def test_every_line_of_prose_ends_a_sentence(seeds: Path) -> None:
    text = of_seed(seeds, "004")
    ends = {s.end for s in split(text)}
    assert all(at in ends for at, character in enumerate(text) if character == "\n")
    assert "U.S. global supremacy" in "".join(sentences(text))
    assert all(s.endswith((".", ".”")) for s in prose(text))
