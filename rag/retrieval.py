"""A question -> Passages: dense and BM25 candidates, fused, ranked by late interaction.

No cross-encoder here: late interaction over stored token vectors ranks as well at a thirtieth of
the time, and the same similarities say which sentence of a passage answers.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.encoders import Floats, TokenEncoder
from rag.library import Library, StoredChunk
from rag.records import Passage, ScoredSentence
from rag.vectors import VectorIndex

CANDIDATES = 30
"""Chunks that dense search and BM25 propose each."""

RANKED = 40
"""Candidates that late interaction ranks."""

_TRIES = 5
_RRF_K = 60
SENTENCE_SHARE = 0.5
"""What a sentence's own score counts beside its passage's."""

STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at be been but by can could did do does for from had has have he her his
        how i if in into is it its me my no not of on or our she should so than that the their them
        then there these they this those to was we were what when where which who whom whose why
        will with would you your""",
    )
)


@dataclass(frozen=True, slots=True)
class Stages:
    """Which stages of a search are on; `citewell eval --ablate` turns off one to see its worth."""

    dense: bool = True
    lexical: bool = True
    ranking: bool = True


@dataclass(frozen=True)
class Retriever:
    """Citewell's search; `rag.langchain` makes a LangChain retriever of it."""

    library: Library
    index: VectorIndex
    embeddings: Embeddings
    tokens: TokenEncoder
    count: int = 10
    """How many passages a search gives."""
    stages: Stages = Stages()

    def search(
        self, question: str, count: int | None = None, sources: Collection[str] | None = None
    ) -> list[Passage]:
        """The passages that say most of what `question` asks, best first; among `sources` if given.

        Scores are the weighted mean cosine of the question's tokens with their best match in the
        passage, plus half of that in its best sentence.
        """
        vector = self._vector(question)
        ids: list[int] = []
        candidates: list[StoredChunk] = []
        for _ in range(_TRIES):
            ids = self._candidates(question, vector, sources)
            candidates = self.library.chunks(ids)
            if len(candidates) == len(ids):
                break  # else an article was replaced meanwhile, and its new chunks are not here
        found = self._ranked(question, candidates)
        if not self.stages.ranking:
            found = _in_order(found, ids)
        return found[: count or self.count]

    def _vector(self, question: str) -> Floats | None:
        """The question's vector, None where dense search is off."""
        if not self.stages.dense:
            return None
        return np.array(self.embeddings.embed_query(question), dtype=np.float32)

    def _candidates(
        self, question: str, vector: Floats | None, sources: Collection[str] | None
    ) -> list[int]:
        """Ids of chunks that may answer, by meaning and by words, fused."""
        rankings = []
        if vector is not None:
            rankings.append(self.index.nearest(vector, CANDIDATES, sources))
        if self.stages.lexical:
            rankings.append(self.library.matching(_words(question), CANDIDATES, sources))
        return fused(rankings)[:RANKED]

    def rank(self, text: str, passages: Sequence[Passage]) -> list[Passage]:
        """These passages by how much they say of `text`, best first; those that have left the
        library since they were found are passed over."""
        return self._ranked(text, self.library.chunks([passage.chunk_id for passage in passages]))

    def _ranked(self, question: str, chunks: Sequence[StoredChunk]) -> list[Passage]:
        asked = self.tokens.encode_question(question)
        if not chunks or not len(asked.ids):
            return []
        weights = token_weights(self.library, asked.ids.tolist())
        passages = [
            _passage(chunk, weights, similarities)
            for chunk, similarities in zip(
                chunks, segment_similarities(asked.vectors, chunks), strict=True
            )
        ]
        return sorted(passages, key=lambda passage: (-passage.score, passage.chunk_id))


def token_weights(library: Library, tokens: Sequence[int]) -> Floats:
    """How much each token of a question counts, the sum being 1: the root of its inverse document
    frequency."""
    frequencies = np.array(library.token_frequencies(tokens), dtype=np.float32)
    weights = np.sqrt(np.log1p(library.count() / (1 + frequencies)))
    return np.asarray(weights / weights.sum(), dtype=np.float32)


def fused(rankings: Sequence[Sequence[int]]) -> list[int]:
    """One ranking out of several by reciprocal rank fusion (Cormack et al. 2009, k = 60)."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, id_ in enumerate(ranking, start=1):
            scores[id_] = scores.get(id_, 0.0) + 1 / (_RRF_K + rank)
    return sorted(scores, key=lambda id_: (-scores[id_], id_))


def by_score(passages: Sequence[Passage]) -> list[tuple[Passage, int]]:
    """Every sentence of the passages, best first, as its passage and its place in it."""
    places = [(passage, at) for passage in passages for at in range(len(passage.sentences))]
    return sorted(places, key=lambda place: -place[0].sentences[place[1]].score)


def segment_similarities(asked: Floats, chunks: Sequence[StoredChunk]) -> list[Floats]:
    """For each chunk the best cosine of every question token with the tokens of each segment (the
    context, then the sentences): shape (segments, question tokens), -1 for a segment of no tokens.
    """
    stacked = np.concatenate([chunk.tokens for chunk in chunks]).astype(np.float32)
    stacked /= np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-9)
    cosines = stacked @ asked.T
    counts = np.concatenate([chunk.token_counts for chunk in chunks])
    filled = counts > 0
    best = np.full((len(counts), len(asked)), -1.0, dtype=np.float32)
    starts = np.cumsum(counts) - counts
    best[filled] = np.maximum.reduceat(cosines, starts[filled], axis=0)
    borders = np.cumsum([len(chunk.token_counts) for chunk in chunks])[:-1]
    return np.split(best, borders)


def _passage(chunk: StoredChunk, weights: Floats, similarities: Floats) -> Passage:
    by_sentence = similarities[1:] @ weights
    whole = float(similarities.max(axis=0) @ weights)
    sentences = tuple(
        ScoredSentence(sentence.start, sentence.end, whole + SENTENCE_SHARE * float(score))
        for sentence, score in zip(chunk.sentences, by_sentence, strict=True)
        if sentence.quotable
    )
    return Passage(
        chunk_id=chunk.id,
        source=chunk.source,
        title=chunk.title,
        date=chunk.date,
        sha256=chunk.sha256,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        line=chunk.line,
        context=chunk.context,
        score=max(sentence.score for sentence in sentences),
        sentences=sentences,
    )


def _in_order(passages: Sequence[Passage], ids: Sequence[int]) -> list[Passage]:
    """The passages in the order of these ids, each and its sentences scored by its rank alone."""
    ordered = sorted(passages, key=lambda passage: ids.index(passage.chunk_id))
    return [
        replace(
            passage,
            score=1 / rank,
            sentences=tuple(replace(one, score=1 / rank) for one in passage.sentences),
        )
        for rank, passage in enumerate(ordered, start=1)
    ]


def _words(question: str) -> list[str]:
    words = list(dict.fromkeys(re.findall(r"\w+", question.lower())))
    return [word for word in words if word not in STOP_WORDS] or words
