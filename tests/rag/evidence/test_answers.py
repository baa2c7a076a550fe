"""Evidence: which sentences are judged, what the cross-encoder reads, and exact citations."""

import math

import numpy as np
import pytest

from rag.encoders import Encoders
from rag.evidence.answers import JUDGED, MAX_PARTS, READ_AGAIN, Evidence, answers, parts
from rag.evidence.calibration import calibration
from rag.records import Passage, ScoredSentence
from rag.segmentation import flat
from rag.service import Service
from tests.fakes import ScriptedPairs

TEXT = "Ships call daily.\nThe harbour was opened\nin 1856. “It is old,” he said."
SENTENCES = ["Ships call daily.", "The harbour was opened\nin 1856.", "“It is old,” he said."]


def passage(context: str = "", offset: int = 100, line: int = 7, lowest: float = 0.7) -> Passage:
    """A passage that begins at `offset` of its article, its later sentences scored higher."""
    sentences = tuple(
        ScoredSentence(offset + TEXT.index(s), offset + TEXT.index(s) + len(s), lowest + 0.1 * at)
        for at, s in enumerate(SENTENCES)
    )
    return Passage(
        chunk_id=1,
        source="a.txt",
        title="Harbours",
        date="1999-12-31",
        sha256="abc",
        text=TEXT,
        start=offset,
        end=offset + len(TEXT),
        line=line,
        context=context,
        score=1.0,
        sentences=sentences,
    )


def test_the_likeliest_sentence_comes_first_whatever_its_place() -> None:
    pairs = ScriptedPairs(lambda _, said: 9.0 if "1856" in said else -9.0 if "Ships" in said else 0)
    found = answers("When was it opened?", [passage()], pairs, pairs)
    assert [evidence.quote for evidence in found] == [SENTENCES[1], SENTENCES[2], SENTENCES[0]]
    probabilities = [evidence.probability for evidence in found]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 < probability < 1 for probability in probabilities)


def test_a_sentence_loses_by_how_far_it_falls_short_in_late_interaction() -> None:
    even = ScriptedPairs(lambda *_: 2.0)
    best, second, third = answers("When was it opened?", [passage()], even, even)
    assert [one.quote for one in (best, second, third)] == SENTENCES[::-1]
    assert best.logit == 2.0
    assert best.logit > second.logit
    assert best.logit - second.logit == pytest.approx(second.logit - third.logit)


def test_where_none_is_on_the_matter_all_fall_short() -> None:
    even = ScriptedPairs(lambda *_: 2.0)
    assert answers("When was it opened?", [passage(lowest=0.2)], even, even)[0].logit < 0


def test_a_sentence_is_read_with_the_question_on_one_line_under_its_context() -> None:
    pairs = ScriptedPairs(lambda *_: 0.0)
    answers("When?", [passage(context="Harbours – Lindau")], pairs, pairs)
    read = "Harbours – Lindau. The harbour was opened in 1856."
    assert ("When?", read) in pairs.scored
    assert all(question == "When?" for question, _ in pairs.scored)

    bare = ScriptedPairs(lambda *_: 0.0)
    answers("When?", [passage()], bare, bare)
    assert ("When?", "The harbour was opened in 1856.") in bare.scored


def test_a_sentence_answers_the_part_of_a_question_that_it_answers_best() -> None:
    pairs = ScriptedPairs(
        lambda asked, said: 9.0 if asked.startswith("how often") and "Ships" in said else 0.0
    )
    asked = "When was the harbour opened, and how often do ships call?"
    assert answers(asked, [passage()], pairs, pairs)[0].quote == "Ships call daily."
    assert len(pairs.scored) == 2 * 3 * len(SENTENCES)
    assert answers(asked, [], pairs, pairs) == []


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "Who won the cup in May and when did it end?",
            ["Who won the cup in May", "when did it end?"],
        ),
        ("Who won, and in which year did she?", []),
        ("Has it rained there? How much was it?", ["Has it rained there?", "How much was it?"]),
        ("I read that it rained there. How much was it?", []),
        ("Which ships and boats call there?", []),
        ("", []),
    ],
)
def test_a_question_is_parted_where_it_asks_anew(question: str, asked: list[str]) -> None:
    assert parts(question) == [question, *asked]


def test_a_question_without_end_has_so_many_parts() -> None:
    assert len(parts("Who is he and " * 100 + "why?")) == 1 + MAX_PARTS


def test_only_the_sentences_that_scored_best_in_retrieval_are_judged() -> None:
    many = [passage(offset=100 * n) for n in range(JUDGED)]
    pairs = ScriptedPairs(lambda *_: 0.0)
    found = answers("When?", many, pairs, pairs)
    assert len(pairs.scored) == JUDGED + READ_AGAIN
    assert {evidence.quote for evidence in found} == {SENTENCES[2]}


def test_the_best_are_read_again_and_the_mean_of_both_counts() -> None:
    many = [passage(offset=100 * n) for n in range(READ_AGAIN)]
    first = ScriptedPairs(lambda _, said: 3.0 if "1856" in said else 0.0)
    second = ScriptedPairs(lambda _, said: 5.0 if "1856" in said else 9.0)
    alone = {one.quote: one.logit for one in answers("When?", many, first, first)}
    found = answers("When?", many, first, second)
    assert len(found) == READ_AGAIN
    assert set(second.scored) == {("When?", flat(one.quote)) for one in found}
    for one in found:
        change = 5.0 - 3.0 if "1856" in one.quote else 9.0 - 0.0
        assert one.logit == pytest.approx(alone[one.quote] + change / 2)
    assert [one.logit for one in found] == sorted((one.logit for one in found), reverse=True)


def test_no_passages_are_no_evidence(encoders: Encoders) -> None:
    assert answers("When?", [], encoders.pairs, encoders.statements) == []


def test_a_citation_is_the_exact_sentence_with_its_place_and_article() -> None:
    pairs = ScriptedPairs(lambda _, said: 9.0 if "It is old" in said else 0.0)
    citation = answers("Old?", [passage()], pairs, pairs)[0].citation(3)
    assert citation.quote == SENTENCES[2]
    assert (citation.start, citation.end) == (100 + TEXT.index("“"), 100 + len(TEXT))
    assert citation.line == 9
    assert (citation.id, citation.source, citation.title) == (3, "a.txt", "Harbours")
    assert (citation.date, citation.sha256) == ("1999-12-31", "abc")


def test_a_sentence_is_on_the_line_on_which_it_begins() -> None:
    pairs = ScriptedPairs(lambda _, said: 9.0 if "1856" in said else 0.0)
    assert answers("When?", [passage()], pairs, pairs)[0].citation(1).line == 8


def test_a_quote_that_spans_lines_keeps_them() -> None:
    pairs = ScriptedPairs(lambda _, said: 9.0 if "1856" in said else 0.0)
    quote = answers("When?", [passage()], pairs, pairs)[0].citation(1).quote
    assert quote == "The harbour was opened\nin 1856."
    assert flat(quote) in pairs.scored[0][1] + pairs.scored[1][1] + pairs.scored[2][1]


def test_the_shipped_calibration_turns_better_scores_into_higher_probabilities() -> None:
    assert 0 < calibration().threshold < 1
    scored = [
        ScriptedPairs(lambda *_, logit=logit: logit) for logit in np.linspace(-30, 60, 7).tolist()
    ]
    found = [answers("?", [passage()], pairs, pairs)[0].probability for pairs in scored]
    assert found == sorted(found)
    assert found[0] < calibration().threshold < found[-1]
    assert not any(math.isnan(probability) for probability in found)


def asked(service: Service, question: str) -> list[Evidence]:
    """The evidence that a service finds for a question."""
    passages, encoders = service.retriever.search(question), service.encoders
    return answers(question, passages, encoders.pairs, encoders.statements)


@pytest.mark.parametrize(
    "question",
    [
        "How many troops marched through Red Square?",
        "Who leads the UN delegation in Beijing?",
        "Where did Putin invite Kim Jong Un to come?",
        "What is the capital of Australia?",
    ],
)
def test_on_the_seeds_every_citation_is_exact(seeds_service: Service, question: str) -> None:
    found = asked(seeds_service, question)
    assert len(found) == READ_AGAIN
    assert len({(e.passage.source, e.sentence.start) for e in found}) == READ_AGAIN
    for id_, evidence in enumerate(found):
        citation = evidence.citation(id_)
        article = seeds_service.article(citation.source)
        assert citation.quote == article.text[citation.start : citation.end] == evidence.quote
        assert citation.line == article.text[: citation.start].count("\n") + 1
        assert citation.sha256 == article.sha256


def test_a_sentence_that_answers_is_likelier_than_one_on_the_same_matter(
    seeds_service: Service,
) -> None:
    found = asked(seeds_service, "How many troops marched through Red Square?")
    assert "11,000 troops" in found[0].quote
    assert found[0].probability > found[1].probability + 0.1
