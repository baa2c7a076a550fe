"""Extractive answers: which sentences become claims, and what they cite."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.extractive import MAX_CLAIMS
from rag.answering.extractive import extractive as extractive_by
from rag.evidence.answers import Evidence, answers
from rag.evidence.calibration import Calibration
from rag.records import Citation, Claim, Passage, ScoredSentence, in_words
from rag.segmentation import flat
from tests.fakes import ScriptedPairs

SURE, UNLIKELY = 20.0, -20.0
LOGISTIC = Calibration(scale=1.0, bias=0.0, threshold=0.5)


def extractive(evidence: list[Evidence]) -> tuple[list[Claim], list[Citation]]:
    """The claims by a calibration that stays as it is, whatever the shipped one is fitted to."""
    return extractive_by(evidence, LOGISTIC)


def found(*said: tuple[str, str], logits: dict[str, float] | None = None) -> list[Evidence]:
    """Evidence of (source, sentence) pairs in this order, each sentence sure unless said."""
    scores = logits or {}
    order = {flat(sentence): SURE - 0.01 * rank for rank, (_, sentence) in enumerate(said)}
    pairs = ScriptedPairs(lambda _, read: scores.get(read, order[read]))
    passages = [
        Passage(
            chunk_id=at,
            source=source,
            title=source,
            date=None,
            sha256="abc",
            text=sentence,
            start=0,
            end=len(sentence),
            line=1,
            context="",
            score=0.5,
            sentences=(ScoredSentence(0, len(sentence), 0.9),),
        )
        for at, (source, sentence) in enumerate(said)
    ]
    return answers("What?", passages, pairs, pairs)


def cited(claim: Claim, citations: list[Citation]) -> list[str]:
    return [c.source for id_ in claim.citations for c in citations if c.id == id_]


def test_a_claim_is_its_quote_on_one_line() -> None:
    claims, citations = extractive(found(("a.txt", "The harbour was\n   opened in 1856.")))
    assert [claim.text for claim in claims] == ["The harbour was opened in 1856."]
    assert [citation.quote for citation in citations] == ["The harbour was\n   opened in 1856."]
    assert claims[0].citations == (1,)
    assert claims[0].support == pytest.approx(1.0, abs=1e-3)


def test_what_is_unlikely_is_no_claim() -> None:
    said = [("a.txt", "The harbour was opened in 1856."), ("b.txt", "Anything else entirely.")]
    claims, citations = extractive(found(*said, logits={said[1][1]: UNLIKELY}))
    assert [citation.source for citation in citations] == ["a.txt"]
    assert len(claims) == 1
    assert extractive(found(*said, logits={s: UNLIKELY for _, s in said})) == ([], [])
    assert extractive([]) == ([], [])


def test_what_comes_near_the_best_follows_it_nearer_where_it_is_of_another_article() -> None:
    said = [("a.txt", "One thing."), ("a.txt", "Another matter."), ("b.txt", "Something further.")]
    logits = {"One thing.": 3.0, "Another matter.": -2.5, "Something further.": -0.5}
    claims, _ = extractive(found(*said, logits=logits))
    assert [claim.text for claim in claims] == ["One thing.", "Another matter."]
    assert claims[0].support == pytest.approx(0.9526, abs=1e-4)
    logits |= {"One thing.": 1.0, "Another matter.": -7.5}
    claims, _ = extractive(found(*said, logits=logits))
    assert [claim.text for claim in claims] == ["One thing.", "Something further."]


def test_another_articles_word_on_the_same_thing_follows_as_far_as_the_articles_own() -> None:
    said = [("a.txt", "The harbour opened in May."), ("b.txt", "In June the harbour opened.")]
    logits = {said[0][1]: 3.0, said[1][1]: -2.5}
    claims, citations = extractive(found(*said, logits=logits))
    assert [claim.text for claim in claims] == [sentence for _, sentence in said]
    assert [citation.source for citation in citations] == ["a.txt", "b.txt"]


def test_no_more_than_three_claims_are_made() -> None:
    words = ["harbour", "castle", "lantern", "meadow", "bridge"]
    claims, citations = extractive(found(*((f"{w}.txt", f"The {w} is old.") for w in words)))
    assert [claim.text for claim in claims] == [f"The {w} is old." for w in words[:MAX_CLAIMS]]
    assert [citation.id for citation in citations] == [1, 2, 3]


@pytest.mark.parametrize(
    "sentence", ["The harbour of Lindau was opened in 1856.", "It was so.", "He won."]
)
def test_a_sentence_repeated_in_one_article_is_said_once(sentence: str) -> None:
    claims, citations = extractive(found(("a.txt", sentence), ("a.txt", sentence)))
    assert len(claims) == len(citations) == 1


@pytest.mark.parametrize(
    "other",
    [
        "The harbour of Lindau was opened in 1856.",
        "The harbour of Lindau [7] was opened in 1856.[1][2]",
        "Lindau's harbour was opened in 1856.",
        "In 1856 the harbour of Lindau was opened for ships.",
    ],
)
def test_two_articles_that_say_the_same_are_both_cited_for_it(other: str) -> None:
    claims, citations = extractive(
        found(("a.txt", "The harbour of Lindau was opened in 1856."), ("b.txt", other))
    )
    assert [claim.text for claim in claims] == ["The harbour of Lindau was opened in 1856."]
    assert cited(claims[0], citations) == ["a.txt", "b.txt"]
    assert citations[1].quote == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The harbour was opened in 1856.", "The harbour was opened in 1811."),
        ("Some 1,200 guests attended the opening.", "Some 2,100 guests attended the opening."),
        ("The parade was held on Friday.", "The parade was held on Monday."),
        ("Anna Berg was elected mayor in 2019.", "Karl Weber was elected mayor in 2019."),
        ("The mayor attended the opening.", "The mayor did not attend the opening."),
        ("The mayor attended the opening.", "The mayor never attended the opening."),
        ("About two thousand guests attended.", "About three thousand guests attended."),
        ("Kim visited the Russian embassy.", "Kim visited the Chinese embassy."),
    ],
)
def test_what_two_articles_say_differently_is_a_claim_of_each(one: str, other: str) -> None:
    claims, citations = extractive(found(("a.txt", one), ("b.txt", other)))
    assert [claim.text for claim in claims] == [one, other]
    assert [cited(claim, citations) for claim in claims] == [["a.txt"], ["b.txt"]]


def test_markers_follow_each_claim() -> None:
    claims = [Claim("One sentence.", (1,), 0.9), Claim("Another.", (2, 3), 0.8)]
    assert in_words(claims) == "One sentence. [1] Another. [2][3]"


@pytest.mark.parametrize(
    "sentence",
    [
        "Ships call there daily [3].",
        "[1] The harbour was opened in 1856.",
        "As studies show,[12][13] the harbour is deep.",
        "The [2] harbour [99] is [0] old [٣].",
    ],
)
def test_markers_in_an_article_are_not_markers_of_the_answer(sentence: str) -> None:
    other = "Something else was said about a castle."
    claims, citations = extractive(found(("a.txt", sentence), ("b.txt", other)))
    assert re.findall(r"\[(\d+)\]", in_words(claims)) == ["1", "2"]
    assert citations[0].quote == sentence


SENTENCES = [
    "The harbour was opened in 1856.",
    "Lindau's harbour was opened in 1856.",
    "The harbour was opened in 1811 [4].",
    "A castle burned down.",
    "In the meadow stands a lantern.",
    "Yes.",
    "“…” [1]",
]
said = st.tuples(st.sampled_from(["a.txt", "b.txt", "c.txt"]), st.sampled_from(SENTENCES))


@given(
    st.lists(said, max_size=8),
    st.dictionaries(st.sampled_from(SENTENCES), st.sampled_from([SURE, 0.0, UNLIKELY])),
)
def test_claims_and_citations_always_fit_each_other(
    said: list[tuple[str, str]], logits: dict[str, float]
) -> None:
    evidence = found(*said, logits={**dict.fromkeys(SENTENCES, SURE), **logits})
    claims, citations = extractive(evidence)
    assert len(claims) <= MAX_CLAIMS
    assert bool(claims) == any(e.logit >= 0 for e in evidence)
    assert [id_ for claim in claims for id_ in claim.citations] == [c.id for c in citations]
    assert [citation.id for citation in citations] == list(range(1, len(citations) + 1))
    assert len({claim.text for claim in claims}) == len(claims)
    assert {(c.source, c.quote) for c in citations} <= set(said)
    for claim in claims:
        assert len(cited(claim, citations)) == len(set(cited(claim, citations))) > 0
    marked = [int(number) for number in re.findall(r"\[(\d+)\]", in_words(claims))]
    assert marked == [citation.id for citation in citations]
