"""Which sentences of a model are released, with which quotes, and what becomes of the others."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

import prompts
from rag.answering.draft import Draft
from rag.answering.listener import Listener
from rag.answering.said import Said, read
from rag.evidence.answers import Evidence
from rag.evidence.support import Verdict
from rag.records import Citation, Claim, Passage
from tests.rag.answering.passages import found_word_for_word, passage

OPENED, OLD, DEEP = "The harbour was opened in 1856.", "The quay is old.", "The water is deep."
PASSAGES = [
    passage(f"{OPENED} {OLD}", "a.txt", id_=1),
    passage(f"{DEEP} Ships call.", "b.txt", id_=2),
    passage(f"{OPENED} Trains arrive.", "c.txt", id_=3),
]


class Heard(Listener):
    """Remembers the claims, each with the citations that came with it."""

    def __init__(self) -> None:
        self.claims: list[tuple[Claim, list[int]]] = []

    def claim(self, claim: Claim, citations: Sequence[Citation]) -> None:
        self.claims.append((claim, [one.id for one in citations]))


def drafted(
    *pieces: str, passages: Sequence[Passage] = PASSAGES, shown: int = 3
) -> tuple[Draft, Heard]:
    heard = Heard()
    draft = Draft(passages, partial(partial, found_word_for_word), heard)
    for piece in pieces:
        draft.take(read(piece), passages[:shown])
    return draft, heard


def deep(_: str) -> Callable[[Sequence[Passage]], Verdict]:
    """Finds the deep water, whatever is said."""
    return lambda _: found_word_for_word(DEEP, PASSAGES)


def sources(draft: Draft) -> list[list[str]]:
    """The sources that each claim cites."""
    by_id = {one.id: one.source for one in draft.citations}
    return [[by_id[id_] for id_ in claim.citations] for claim in draft.claims]


def test_a_sentence_is_released_with_the_quotes_of_the_passages_it_names() -> None:
    draft, heard = drafted(f"{OPENED} [3]", f"{DEEP} [2]")
    assert [claim.text for claim in draft.claims] == [OPENED, DEEP]
    assert sources(draft) == [["c.txt"], ["b.txt"]]
    assert [one.quote for one in draft.citations] == [OPENED, DEEP]
    assert [claim.support for claim in draft.claims] == [0.9, 0.9]
    assert heard.claims == [(draft.claims[0], [1]), (draft.claims[1], [2])]
    assert (draft.corrected, draft.dropped, draft.refuses) == (0, [], False)


def test_a_sentence_without_markers_is_held_against_all() -> None:
    draft, _ = drafted(OPENED)
    assert sources(draft) == [["a.txt", "c.txt"]]
    assert draft.corrected == 0


@pytest.mark.parametrize("marker", ["[1]", "[1][3]"])
def test_a_wrong_marker_is_put_right_and_counted(marker: str) -> None:
    draft, _ = drafted(f"{DEEP} {marker}")
    assert sources(draft) == [["b.txt"]]
    assert draft.corrected == 1


@pytest.mark.parametrize("marker", ["[0]", "[4]", "[999999]", "[7, 8]"])
def test_a_marker_that_names_nothing_cites_nothing(marker: str) -> None:
    draft, _ = drafted(f"The harbour is closed. {marker}")
    assert (draft.claims, draft.citations) == ([], [])
    draft, _ = drafted(f"{DEEP} {marker}")
    assert sources(draft) == [["b.txt"]]
    assert draft.corrected == 1


def test_a_number_names_only_what_the_model_was_shown() -> None:
    draft, _ = drafted(f"{OPENED} [3]", shown=2)
    assert sources(draft) == [["a.txt", "c.txt"]]
    assert draft.corrected == 1


def test_what_nothing_bears_out_is_dropped_with_the_reason() -> None:
    draft, heard = drafted("The harbour was opened in 1899. [1]", f"{OLD} [1]")
    assert [(one.text, one.reason) for one in draft.dropped] == [
        ("The harbour was opened in 1899.", "No quote says so")
    ]
    assert [claim.text for claim in draft.claims] == [OLD]
    assert len(heard.claims) == 1


def test_a_pronoun_is_held_as_what_the_model_named_before() -> None:
    berg = passage("Anna Berg resigned. Anna Berg is 59. She is 47.")
    draft, _ = drafted(
        "Anna Berg resigned. [1]", "She is 59. [1]", "She is 47. [1]", passages=[berg]
    )
    assert [claim.text for claim in draft.claims] == ["Anna Berg resigned.", "She is 59."]
    assert [one.quote for one in draft.citations] == ["Anna Berg resigned.", "Anna Berg is 59."]
    assert [one.text for one in draft.dropped] == ["She is 47."]


def test_a_pronoun_never_points_to_another_than_the_model_meant() -> None:
    berg = passage("Anna Berg is 59. Eva Lind resigned.")
    draft, _ = drafted(
        "Eva Lind resigned. [1]", "Anna Berg wept. [1]", "She is 59. [1]", passages=[berg]
    )
    assert [claim.text for claim in draft.claims] == ["Eva Lind resigned.", "Anna Berg is 59."]


def test_a_quote_that_is_used_again_keeps_its_id() -> None:
    draft = Draft(PASSAGES, deep, heard := Heard())
    for text in ("Deep water.", "The water there is deep."):
        draft.take(Said(text, (2,), True), PASSAGES)
    assert [claim.citations for claim in draft.claims] == [(1,), (1,)]
    assert [new for _, new in heard.claims] == [[1], []]
    assert len(draft.citations) == 1


def test_what_is_said_twice_is_released_once() -> None:
    draft, _ = drafted(f"{OPENED} [1]", f"{OPENED.upper()} [3]", f"{OPENED} [3]")
    assert len(draft.claims) == 1
    assert draft.dropped == []


@pytest.mark.parametrize(
    "refusal",
    [
        prompts.load("refusal"),
        prompts.load("refusal").upper(),
        prompts.load("refusal").rstrip(".") + " [1].",
        "The passages do not contain any information about that.",
        "The articles don't mention the price.",
        "The provided context does not say when.",
        "There is no information about the price in the given passages.",
        "The price is not mentioned in the articles.",
        "I cannot answer that.",
        "I’m sorry, but that is not known.",
        "Sorry, nothing is said of it.",
        "The text doesn’t specify the depth.",
        "The depth is not available in the given texts.",
        "None of the passages mentions the lighthouse.",
        "That cannot be answered from the provided information.",
        "It is not possible to determine the depth from the articles.",
        "Not possible to say.",
        "Not mentioned.",
        "It is not stated.",
        "There is no information about this.",
        "No answer.",
        "I am unable to find the depth of the harbour, sorry.",
        "Unable to determine the depth.",
    ],
)
def test_a_model_that_has_no_answer_says_no_claim(refusal: str) -> None:
    draft = Draft(PASSAGES, deep, Listener())
    draft.take(read(refusal), PASSAGES)
    assert draft.refuses
    assert draft.claims == []
    assert len(draft.dropped) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "Sources did not say how many died.",
        "Putin did not mention the war.",
        "The treaty does not include trade.",
        "He provided no details of the deal.",
        "Unable to swim, the keeper clung to a rope.",
        "Unable to find work, the keeper left.",
        "Not able to dock, the ferry turned back.",
        "Sorry sights met the crew.",
        "It is not possible to say how many boats sank, the keeper added.",
        "Not mentioned in the will, the keeper sued.",
        "There is no information about the crew.",
        "The text did not mention the harbour.",
        "The treaty text does not say when it ends.",
        "None of the ministers mentions the war.",
        "The dispute cannot be answered with force.",
        "Kim said: \"I cannot answer that.\"",
    ],
)  # fmt: skip
def test_what_others_do_not_say_may_be_a_claim(statement: str) -> None:
    said = passage(statement)
    draft, _ = drafted(statement, passages=[said])
    assert [claim.text for claim in draft.claims] == [statement]


@pytest.mark.parametrize(
    "piece", ["Here is what the articles say:", "# The harbour", "Shall I go on?", "x" * 1001]
)
def test_what_is_no_statement_is_held_against_nothing(piece: str) -> None:
    asked: list[str] = []

    def hold(text: str) -> Callable[[Sequence[Passage]], Verdict]:
        asked.append(text)
        return partial(found_word_for_word, text)

    draft = Draft(PASSAGES, hold, Listener())
    draft.take(read(piece), PASSAGES)
    assert asked == []
    assert len(draft.dropped) == 1
    draft.take(read("```\n"), PASSAGES)
    assert len(draft.dropped) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from([OPENED, OLD, DEEP, "Ships call.", "Nothing of it.", "And so:"]),
            st.lists(st.integers(0, 5), max_size=3),
        ),
        max_size=8,
    )
)
def test_claims_and_citations_always_fit_each_other(said: list[tuple[str, list[int]]]) -> None:
    draft, heard = drafted(*(text + "".join(f"[{n}]" for n in numbers) for text, numbers in said))
    used = [id_ for claim in draft.claims for id_ in claim.citations]
    assert [one.id for one in draft.citations] == list(range(1, len(draft.citations) + 1))
    assert list(dict.fromkeys(used)) == [one.id for one in draft.citations]
    assert all(claim.citations for claim in draft.claims)
    assert [claim for claim, _ in heard.claims] == draft.claims
    assert [id_ for _, new in heard.claims for id_ in new] == [one.id for one in draft.citations]
    for one in draft.citations:
        source = next(p for p in PASSAGES if p.source == one.source)
        assert source.text[one.start : one.end] == one.quote
    kept = {claim.text for claim in draft.claims} | {one.text for one in draft.dropped}
    assert kept == {text for text, _ in said}


def borne_out_by_the_first(passages: Sequence[Passage]) -> Verdict:
    """Lets everything through."""
    return Verdict(0.9, (Evidence(passages[0], passages[0].sentences[0], 5.0, 0.9),), None)


@pytest.mark.parametrize(
    ("said", "article", "released"),
    [
        ("In this passage, the harbour is not mentioned.", OPENED, False),
        ("The harbour is old, but the question asks about trains.", OPENED, False),
        ("It tells the story of the harbour.", OPENED, False),
        ("The story of the harbour began in 1856.", "The harbour's story began in 1856.", True),
        ("The fifth article of the treaty names it.", "The treaty's article 5 names it.", True),
        ("The harbour question was settled.", "They settled the question of the harbour.", True),
        ("Trains pass through it.", OPENED, True),
    ],
)
def test_talk_of_what_a_model_was_given_is_dropped_though_a_quote_comes_near(
    said: str, article: str, released: bool
) -> None:
    draft = Draft([passage(article, "a.txt")], lambda _: borne_out_by_the_first, Heard())
    draft.take(read(said), ())
    assert [one.text for one in draft.claims] == ([said] if released else [])
    if not released:
        assert "passages" in draft.dropped[0].reason
