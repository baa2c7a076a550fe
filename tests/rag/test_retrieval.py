"""Retrieval: the arithmetic against slow plain Python, the search on the seeds with real models."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rag.encoders import Encoders, Floats
from rag.langchain import CitewellRetriever
from rag.library import StoredChunk
from rag.retrieval import CANDIDATES, Retriever, fused, segment_similarities
from rag.service import Service, open_service
from rag.settings import Settings

rankings = st.lists(st.integers(0, 30), unique=True, max_size=12)


def test_fusion_by_hand() -> None:
    # 1/61 + 1/62 for 7, 1/62 + 1/61 for 3: equal, so the lower id is first; then 1/63 for 9 and 5.
    assert fused([[7, 3, 9], [3, 7, 5]]) == [3, 7, 5, 9]
    # 1/63 + 1/63 = 0.0317 beats 1/61 = 0.0164: what both find comes before what one puts first.
    assert fused([[1, 2, 8], [4, 5, 8]]) == [8, 1, 4, 2, 5]
    assert fused([[6, 2], []]) == [6, 2]
    assert fused([]) == []


@given(rankings)
def test_a_ranking_alone_or_twice_is_fused_to_itself(ranking: list[int]) -> None:
    assert fused([ranking]) == fused([ranking, ranking]) == ranking


@given(rankings, rankings)
def test_fusion_does_not_depend_on_which_ranking_is_first(one: list[int], other: list[int]) -> None:
    assert fused([one, other]) == fused([other, one])


@given(rankings, rankings)
def test_fusion_holds_what_any_ranking_holds_by_the_sum_of_reciprocal_ranks(
    one: list[int], other: list[int]
) -> None:
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in (one, other):
        for id_ in ranking:
            scores[id_] += 1 / (60 + ranking.index(id_) + 1)
    found = fused([one, other])
    assert set(found) == set(one) | set(other)
    assert len(found) == len(set(found))
    assert found == sorted(found, key=lambda id_: (-scores[id_], id_))


@given(rankings, rankings, st.data())
def test_a_better_rank_never_makes_worse(
    one: list[int], other: list[int], data: st.DataObject
) -> None:
    if len(one) < 2:
        return
    at = data.draw(st.integers(1, len(one) - 1))
    better = [*one[: at - 1], one[at], one[at - 1], *one[at + 1 :]]
    assert fused([better, other]).index(one[at]) <= fused([one, other]).index(one[at])


def stored(token_counts: list[int], tokens: list[list[int]]) -> StoredChunk:
    return StoredChunk(
        id=1,
        source="a.txt",
        title="",
        date=None,
        sha256="",
        text="",
        start=0,
        end=0,
        line=1,
        context="",
        sentences=(),
        tokens=np.array(tokens, dtype=np.int8).reshape(-1, 4),
        token_counts=np.array(token_counts, dtype=np.int32),
    )


@st.composite
def stored_chunks(draw: st.DrawFn) -> StoredChunk:
    counts = draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    component = st.integers(-127, 127)
    token = st.lists(component, min_size=4, max_size=4).filter(any)
    return stored(counts, draw(st.lists(token, min_size=sum(counts), max_size=sum(counts))))


def slowly(asked: Floats, chunk: StoredChunk) -> list[list[float]]:
    """The same in plain Python."""
    rows, tokens = [], iter(chunk.tokens.tolist())
    for count in chunk.token_counts.tolist():
        segment = [next(tokens) for _ in range(count)]
        cosines = [
            [
                sum(a * b for a, b in zip(question, token, strict=True))
                / sum(a * a for a in token) ** 0.5
                for token in segment
            ]
            for question in asked.tolist()
        ]
        rows.append([max(row, default=-1.0) for row in cosines])
    return rows


@given(
    st.lists(stored_chunks(), min_size=1, max_size=4),
    st.lists(st.lists(st.floats(-1, 1), min_size=4, max_size=4), min_size=1, max_size=3),
)
def test_similarities_are_the_best_cosines_of_each_segment(
    chunks: list[StoredChunk], directions: list[list[float]]
) -> None:
    vectors = np.array(directions, dtype=np.float32) + np.float32(0.01)
    asked = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-6))
    found = segment_similarities(asked, chunks)
    assert len(found) == len(chunks)
    for similarities, chunk in zip(found, chunks, strict=True):
        assert similarities.shape == (len(chunk.token_counts), len(asked))
        np.testing.assert_allclose(similarities, slowly(asked, chunk), atol=1e-4)


def test_a_segment_of_no_tokens_is_unlike_everything() -> None:
    chunk = stored([0, 1, 0], [[127, 0, 0, 0]])
    (found,) = segment_similarities(np.eye(4, dtype=np.float32)[:2], [chunk])
    assert found.tolist() == [[-1, -1], [1, 0], [-1, -1]]


QUESTIONS = [
    "How many troops marched through Red Square?",
    "Which missiles were shown at the parade in Pyongyang?",
    "kursk",
    "Hong Lei",
    "What is the capital of Australia?",
]


@pytest.fixture(scope="module")
def retriever(seeds_service: Service) -> Retriever:
    return seeds_service.retriever


@pytest.mark.parametrize("question", QUESTIONS)
def test_passages_are_exactly_what_the_articles_say(
    seeds_service: Service, retriever: Retriever, question: str
) -> None:
    passages = retriever.search(question)
    assert passages
    assert len({passage.chunk_id for passage in passages}) == len(passages)
    for passage in passages:
        article = seeds_service.article(passage.source)
        assert passage.text == article.text[passage.start : passage.end]
        assert passage.line == article.text[: passage.start].count("\n") + 1
        facts = (passage.title, passage.date, passage.sha256)
        assert facts == (article.title, article.date, article.sha256)
        assert passage.sentences
        ends = [passage.start]
        for sentence in passage.sentences:
            assert ends[-1] <= sentence.start < sentence.end <= passage.end
            assert passage.slice(sentence.start, sentence.end).strip()
            ends.append(sentence.end)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_best_passage_comes_first_by_its_best_sentence(
    retriever: Retriever, question: str
) -> None:
    passages = retriever.search(question)
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)
    for passage in passages:
        assert passage.score == max(sentence.score for sentence in passage.sentences)
        assert -1.5 <= passage.score <= 1.5


@pytest.mark.parametrize("question", QUESTIONS)
def test_searching_again_finds_the_same(retriever: Retriever, question: str) -> None:
    assert retriever.search(question) == retriever.search(question)


def test_a_reopened_library_finds_the_same(encoders: Encoders, seeds: Path, tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        service = open_service(Settings(data=tmp_path), encoders)
        service.ingest([next(seeds.glob("003*"))])
        found.append([service.retriever.search(question) for question in QUESTIONS])
        service.close()
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many troops marched through Red Square?", "11,000 troops"),
        ("Which missiles were shown at the parade in Pyongyang?", "Hwasong"),
        ("Who leads the UN delegation in Beijing?", "Li Junhua"),
        ("salyukov", "Salyukov"),
        ("pezashkian?", "Pezashkian"),
    ],
)
def test_the_passage_that_says_it_is_among_the_first_two(
    retriever: Retriever, question: str, said: str
) -> None:
    assert any(said in passage.text for passage in retriever.search(question, count=2))


def test_the_sentence_that_says_it_scores_best(retriever: Retriever) -> None:
    (passage,) = retriever.search("How many troops marched through Red Square?", count=1)
    best = max(passage.sentences, key=lambda sentence: sentence.score)
    assert "leading 11,000 troops" in passage.slice(best.start, best.end)


def test_only_the_sources_named_are_searched(retriever: Retriever, seeds_service: Service) -> None:
    names = [facts.source for facts in seeds_service.sources()]
    question = "How many troops marched through Red Square?"
    everywhere = retriever.search(question, count=CANDIDATES)
    for source in names:
        among = retriever.search(question, count=CANDIDATES, sources=[source])
        assert {passage.source for passage in among} == {source}
        best = next(passage for passage in everywhere if passage.source == source)
        assert among[0].chunk_id == best.chunk_id
        assert among[0].score == pytest.approx(best.score, abs=1e-5)
    two = retriever.search(question, count=CANDIDATES, sources=names[1:3])
    assert {passage.source for passage in two} == set(names[1:3])


def test_among_no_sources_nothing_is_found(retriever: Retriever) -> None:
    assert retriever.search("parade", sources=[]) == []
    assert retriever.search("parade", sources=["no such.txt"]) == []


def test_no_more_passages_are_given_than_asked_for(retriever: Retriever) -> None:
    ten = retriever.search("parade")
    assert len(ten) == retriever.count == 10
    assert retriever.search("parade", count=3) == ten[:3]


def test_as_a_langchain_retriever_it_gives_documents_with_their_place(
    retriever: Retriever, seeds_service: Service
) -> None:
    question = "Who attended the parade in Moscow?"
    documents = CitewellRetriever(retriever=retriever).invoke(question)
    passages = retriever.search(question)
    assert [document.id for document in documents] == [str(p.chunk_id) for p in passages]
    for document in documents:
        place = document.metadata
        article = seeds_service.article(place["source"])
        assert document.page_content == article.text[place["start"] : place["end"]]
        assert place["line"] == article.text[: place["start"]].count("\n") + 1
        assert (place["title"], place["date"]) == (article.title, article.date)
        assert place["sha256"] == article.sha256


ODD_QUESTIONS = [
    "",
    "?",
    "\"'*",
    "\x1c\x85",
    "___",
    "½",
    "🎉🎉",
    "a",
    "who",
    "the of and",
    "-parade",
    "body:parade",
    "NEAR(parade) AND",
    "parade\0Moscow",
    "e\u0301\u200b\u202eparade",
    "naïve café",
    "парад в Москве",
    "朝鮮の軍事パレード",
    "عرض عسكري",
    "parade " * 280,
    "x" * 2000,
]


@pytest.mark.parametrize("question", ODD_QUESTIONS, ids=lambda question: ascii(question)[:20])
def test_any_question_can_be_searched_for(retriever: Retriever, question: str) -> None:
    passages = retriever.search(question)
    assert len(passages) <= retriever.count
    assert all(np.isfinite(passage.score) for passage in passages)
    assert passages == retriever.search(question)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@hypothesis_settings(max_examples=40)
def test_any_text_at_all_can_be_searched_for(seeds_service: Service, question: str) -> None:
    assert len(seeds_service.retriever.search(question)) <= 10
