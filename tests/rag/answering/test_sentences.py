"""What a model writes, cut as it comes: the same pieces however it is fed, and nothing lost."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.answering.said import Said, read
from rag.answering.sentences import Cutter


def cut(*parts: str) -> list[str]:
    cutter = Cutter()
    return [piece for part in parts for piece in cutter.feed(part)] + cutter.end()


def said(text: str) -> list[str]:
    """The texts that are read in what is cut."""
    return [found.text for found in map(read, cut(text)) if found.text]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It opened in 1856. It is 3.5 m deep.", ["It opened in 1856.", "It is 3.5 m deep."]),
        ("Mr. Smith came on Jan. 5. He left.", ["Mr. Smith came on Jan. 5.", "He left."]),
        ("J. K. Rowling spoke. So did he.", ["J. K. Rowling spoke.", "So did he."]),
        ("The U.S. Navy came. It left.", ["The U.S. Navy came.", "It left."]),
        ("At 10 a.m. on Friday it began.", ["At 10 a.m. on Friday it began."]),
        ("He said: “It is so.” They left.", ["He said: “It is so.”", "They left."]),
        ('"Really?" he asked. Yes!', ['"Really?" he asked.', "Yes!"]),
        ("It cost $4.5 million... or more.", ["It cost $4.5 million... or more."]),
        ("1. Putin came.\n2. Xi came\n3) Kim left", ["Putin came.", "Xi came.", "Kim left."]),
        ("- One came. Two came.\n* Three came", ["One came.", "Two came.", "Three came."]),
        ("**Kim** saw *many* `guests`. __So__ it was.", ["Kim saw many guests.", "So it was."]),
        ("# Answer\n\nIt opened.", ["Answer", "It opened."]),
        ("```markdown\nIt opened.\n```\n", ["It opened."]),
        ("> It opened.\n> It closed.", ["It opened.", "It closed."]),
        ("It was opened\nin the year 1856.", ["It was opened in the year 1856."]),
        ("It was opened.\n\nin 1856", ["It was opened.", "in 1856"]),
        ("习近平来了。普京也来了。", ["习近平来了。", "普京也来了。"]),
        ("<think>Hmm. It did. [1]</think>\n\nIt opened.", ["It opened."]),
        ("<think>It did. It never", []),
        ("It opened. [1] <think>Did it? It did.</think> It closed.", ["It opened.", "It closed."]),
        ("It opened. <thinking>It\ndid.</thinking>It closed.", ["It opened.", "It closed."]),
        ("<reasoning>It did. </reasoning>\nIt opened.", ["It opened."]),
        ("It opened. [THINK]It did. So[/THINK] It closed.", ["It opened.", "It closed."]),
        ("So it did\u00a0so</think>It opened. It closed.", ["It opened.", "It closed."]),
        ("<|channel|>analysis<|message|>It did. So.<|end|><|channel|>final<|message|>It opened.",
         ["It opened."]),
        ("<p>It opened.</p><p>It closed.</p>", ["It opened.", "It closed."]),
        ("It opened.<br/>It closed.<br>", ["It opened.", "It closed."]),
        ("It opened. [1]<|im_end|>", ["It opened."]),
        ("It opened. <b>It</b> closed.", ["It opened.", "It closed."]),
        ("It opened\u200b in 18\u202e56.", ["It opened in 1856."]),
        ("snake_case * 2 * 3 stays.", ["snake_case * 2 * 3 stays."]),
        ("---\n\n…", []),
    ],
)  # fmt: skip
def test_a_text_is_cut_into_its_sentences(text: str, sentences: list[str]) -> None:
    assert said(text) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ('She said: "It is deep. [1] No ship sinks." [2] He left.',
         ['She said: "It is deep. No ship sinks."', "He left."]),
        ("“It is deep. It is wide. It is old,” she said. He left.",
         ["“It is deep. It is wide. It is old,” she said.", "He left."]),
        ("„Es ist tief. Es ist breit.” He left.", ["„Es ist tief. Es ist breit.”", "He left."]),
        ("«It is deep. It is old.» He left.", ["«It is deep. It is old.»", "He left."]),
        ('It is 6" deep. He measured 7". She left.',
         ['It is 6" deep.', 'He measured 7".', "She left."]),
        ('It is deep," she said. He left.', ['It is deep," she said.', "He left."]),
        ('She said: "It is deep. It is old.\nHe left. She stayed.',
         ['She said: "It is deep. It is old.', "He left.", "She stayed."]),
    ],
)  # fmt: skip
def test_a_quotation_is_not_cut_up_to_its_end_or_the_end_of_its_line(
    text: str, sentences: list[str]
) -> None:
    assert said(text) == sentences


def test_a_quotation_without_end_does_not_hold_up_all_that_follows() -> None:
    found = said('She said: "' + "It is deep. " * 100 + "He left. She stayed.")
    assert found[-2:] == ["He left.", "She stayed."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It opened [1]. It closed. [2] It is old.[3]", [(1,), (2,), (3,)]),
        ("It opened [1, 2]. It closed. [3][1] It is old. [2] [4]", [(1, 2), (3, 1), (2, 4)]),
        ("It opened. [1, 2] It closed. [3][1, 4] It is old.", [(1, 2), (3, 1, 4), ()]),
        ("It opened【1】. It closed【2†source】。It is old【3:0】.", [(1,), (2,), (3,)]),
        ("It opened [1-3]. It closed [2–3; 5].", [(1, 2, 3), (2, 3, 5)]),
        ("It opened [Passage 1]. It closed [^2]. It is old [1 and 2].", [(1,), (2,), (1, 2)]),
        ("It opened [1](https://a.example/x). It closed [0].", [(1,), (0,)]),
        ("- It opened [1]\n- It closed. [2]\n", [(1,), (2,)]),
        ("It opened [**1**]. It closed [`2`]. It is old [_3_][\u200b4].", [(1,), (2,), (3, 4)]),
        ("It opened. [99999999999] It closed [1-99999].", [(99999999999,), tuple(range(1, 22))]),
        (
            "It opened [[1]]. It closed [[2]](https://a.example/x). It is old \\[3\\].",
            [(1,), (2,), (3,)],
        ),
        ("It opened (1). It closed. (2) It is old (3, 4).", [(1,), (2,), (3, 4)]),
        ("It opened.<sup>1</sup> It closed <sup>2</sup>.", [(1,), (2,)]),
        ("It opened [source: 1]. It closed [2, p. 14]. It is old [3](a.txt).", [(1,), (2,), (3,)]),
        ("It opened.[1]It closed.[2][3]It is old.", [(1,), (2, 3), ()]),
        ("It opened. [1](https://a.example/x) It closed.", [(1,), ()]),
        ("It opened [sic]. It closed [x].", [(), ()]),
    ],
)
def test_markers_belong_to_their_sentence(text: str, expected: list[tuple[int, ...]]) -> None:
    assert [read(piece).numbers for piece in cut(text)] == expected


@pytest.mark.parametrize(
    ("piece", "text"),
    [
        ("It opened [1] in 1856 [2, 3].", "It opened in 1856."),
        ("It opened in 1856 【1†source】 .", "It opened in 1856."),
        ("It opened in 1856 ([1]).", "It opened in 1856."),
        ("It opened (see [1]) in 1856.", "It opened in 1856."),
        ("It opened in 1856 ([1], [2]).", "It opened in 1856."),
        ("It opened in 1856. (Sources: [1]; [3])", "It opened in 1856."),
        ("It opened in 1856 [**1**][`2`] [\u200b3].", "It opened in 1856."),
        ("It opened in [1856](https://a.example/x).", "It opened in 1856."),
        ("It opened <script type='a'>alert(1)</script>in 1856.", "It opened in 1856."),
        ('<p class="a">It <em>opened</em> in<br>1856</p>.</s>', "It opened in 1856."),
        ("It opened<|eot_id|> in 1856. [/INST]", "It opened in 1856."),
        ("It opened <!-- in 1857 --> in 1856.", "It opened in 1856."),
        ("[The harbour](https://a.example/x_(y)) opened.", "The harbour opened."),
        ('![The harbour](a.png "A harbour") opened.', "The harbour opened."),
        ("Depth <9 m and width >3 m.", "Depth <9 m and width >3 m."),
        ("A < b and c> d.", "A < b and c> d."),
        ("The plan for [2031] failed. [4]", "The plan for 2031 failed."),
        ("It opened in 1856. [2031]", "It opened in 1856."),
        ("It opened in 1856 [harbour_5e.txt].", "It opened in 1856."),
        ("It opened in 1856 (source: a/b.html).", "It opened in 1856."),
        ("It has 9 m<sup>2</sup> [1].", "It has 9 m2."),
        ("Berths (6) and piers (2) are new.", "Berths (6) and piers (2) are new."),
        ("Answer: it opened in 1856. [1]", "It opened in 1856."),
        ("**Here is the short answer:** It opened in 1856.", "It opened in 1856."),
        ("Note: according to the articles, it opened in 1856.", "It opened in 1856."),
        ("Notes: it opened in 1856.", "Notes: it opened in 1856."),
        ("According to the provided articles, it opened in 1856.", "It opened in 1856."),
        ("Based on passages [1], it opened in 1856.", "It opened in 1856."),
        ("In the articles it opened.", "In the articles it opened."),
        ("Yes, it opened in 1856. [1]", "It opened in 1856."),
        ("No: according to the articles, it opened in 1856.", "It opened in 1856."),
        ("No harbour opened in 1856.", "No harbour opened in 1856."),
        ("The article states that it opened in 1856. [1]", "It opened in 1856."),
        ("So the answer to the question is that it opened in 1856.", "It opened in 1856."),
        ("The minister says that it opened in 1856.", "The minister says that it opened in 1856."),
    ],
)
def test_markers_and_leads_are_no_part_of_what_is_said(piece: str, text: str) -> None:
    assert read(piece).text == text


@pytest.mark.parametrize(
    "piece",
    [
        "Here is what they say:",
        "## The harbour",
        "**Summary**",
        "Shall I go on?",
        "| Berth | Depth |",
        "| North | 9 m [1] |",
        "Yes. [1]",
        "“No!”",
        'The answer is "15".',
        "The question is asking about the harbour.",
        "The answer to a question about the harbour lies in its opening.",
        "However, the passage and the question have been written in sentences.",
        "It is unclear what the answer is.",
    ],
)
def test_what_leads_in_asks_or_speaks_of_the_task_is_no_statement(piece: str) -> None:
    assert not read(piece).statement
    assert read("The harbour opened.").statement
    assert read("习近平来了。").statement
    assert read("**The harbour opened.**").statement
    assert read("The question of the harbour is open.").statement
    assert read("The passage was blocked by ice.").statement
    assert read("It is unclear whether the harbour will open.").statement


def test_a_sentence_ends_as_soon_as_the_next_word_has_come() -> None:
    cutter = Cutter()
    assert cutter.feed("It opened in 1856. [1] ") == []
    assert cutter.feed("A ") == ["It opened in 1856. [1] "]
    assert cutter.rest() == "A "
    assert cutter.feed("lighthouse") == []
    assert cutter.end() == ["A lighthouse"]


def test_what_is_thought_aloud_is_no_sentence_that_goes_on() -> None:
    cutter = Cutter()
    assert cutter.feed("It opened. [1] <think> ") == ["It opened. [1] "]
    assert cutter.feed("The harbour… ") == []
    assert cutter.rest() == ""
    assert cutter.feed("</think>It opened") == ["<think> The harbour… </think>"]
    assert cutter.rest() == "It opened"


def test_a_piece_that_says_nothing_is_empty() -> None:
    assert read(" \n") == Said("", (), True)
    assert read("[1]\n") == Said("", (1,), True)


PARTS = [
    "The harbour", " was opened", " in 1856", " 3.5", " Mr.", " U.S.", " e.g.", ".", ". ", "! ",
    "?\n", "\n", "\n\n", "- ", "1. ", "# ", "**", "*", "`", "```\n", "[1]", " [1, 2]", "[", "]",
    ", ", "【3】", "“", "”", '"', "(", ")", "。", "…", ": ", "<think>", "</think>", "<thi", " a",
    "[[1]]", "\\[1\\]", "(1)", "(a.txt)", "[1](b.c)", "<sup>", "[THINK]", "[/THINK]",
    "<|im_end|>", "</p>", "<br>", "A", "é",
    "\u200b", " J.", " K.", " No.", " 5", ">", "|", "\t", "\r\n",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS), max_size=25).map("".join) | st.text(max_size=60)


@given(TEXTS, st.lists(st.integers(1, 9), min_size=1, max_size=40))
@example("It is so. [1, 2][3, 4] A b", [10, 2, 1, 1])
@example("It is so. [1, 2] [3", [1])
@example("<think", [1])
@example("It is J.[。 so] A b", [1])
@example("It is J.[ Mr. a ]</p> in A b", [1])
@example("It is J.[[/THINK] Mr. A b", [1])
def test_however_it_is_fed_the_pieces_are_the_same_and_nothing_is_lost(
    text: str, sizes: list[int]
) -> None:
    parts: list[str] = []
    at = 0
    while at < len(text):
        size = sizes[len(parts) % len(sizes)]
        parts.append(text[at : at + size])
        at += size
    pieces = cut(*parts)
    assert "".join(pieces) == text
    assert pieces == cut(text)
    assert all(pieces)


@given(TEXTS)
def test_no_marker_is_left_in_what_is_read(text: str) -> None:
    for piece in cut(text):
        found = read(piece)
        assert "[1]" not in found.text
        assert "\n" not in found.text
        assert len(set(found.numbers)) == len(found.numbers)
