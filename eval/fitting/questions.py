"""Fit how questions are encoded: `python -m eval.fitting.questions SQUAD_FILE [HELD_OUT…]`.

People ask in other words than those that answer them. Passages are encoded once and stay as they
are; the encoders of what is searched for, questions and statements, are fitted to find them (LoRA:
Hu et al. 2022): the sentence vector of a question to lie nearer to the passages that answer it than
to all others, its token vectors to put the sentences that do before those of what else is found.
SQuAD articles that are named are left out, to measure on. Writes
`rag/question_vectors.safetensors` and `rag/question_tokens.safetensors`.

Needs `pip install torch onnx` and forty minutes of two cores.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import torch
from safetensors.numpy import save_file
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from eval.fitting import examples, training, written
from eval.fitting.examples import Span
from eval.fitting.network import Bert
from eval.squad import Squad, read_squad
from eval.subject import temporary_library
from rag.encoders import Encoders, Floats, SentenceEncoder, TokenEncoder
from rag.encoders.sentences import BGE, QUESTION_VECTORS
from rag.encoders.tokens import COLBERT, QUESTION_TOKENS
from rag.library import StoredChunk
from rag.retrieval import RANKED, SENTENCE_SHARE, token_weights
from rag.service import Service
from rag.settings import Settings

RATE_OF_VECTORS, EPOCHS_OF_VECTORS = 3e-4, 2
RATE_OF_TOKENS, EPOCHS_OF_TOKENS = 5e-4, 2

_BATCH = 32
_SHARPNESS = 30.0
_RIVALS = 16  # chunks without an answer, the best that search finds
_RIGHT = 4  # chunks with one, of those found or else of all
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as search sees it: its sentence `vector` (384,), its `tokens` (n, 96) of unit length,
    the `segments` (n,) that they belong to (0 the context, then the sentences), and whether each
    segment is `quotable`."""

    vector: torch.Tensor
    tokens: torch.Tensor
    segments: torch.Tensor
    quotable: torch.Tensor


@dataclass(frozen=True, slots=True)
class Asked:
    """A question or true statement as the two encoders are fed it, special tokens included; the
    `weights` of the others; the places of the chunks that search finds, best first; and by place of
    each chunk that answers the segments that do."""

    vector_ids: torch.Tensor
    token_ids: torch.Tensor
    weights: torch.Tensor
    found: tuple[int, ...]
    answers: Mapping[int, tuple[int, ...]]


def gathered(squad: Squad) -> tuple[list[Chunk], list[Asked]]:
    """All chunks of SQuAD's and the written articles, and what is asked and truly said about them;
    search finds the rivals, with the encoders as they are bundled."""
    encoders = replace(
        Encoders.bundled(), sentences=SentenceEncoder(None), tokens=TokenEncoder(None)
    )
    everything = Squad({**squad.articles, **written.articles()}, squad.questions)
    known = everything.articles
    questions = [*examples.of_squad(squad), *written.questions(known)]
    texts = [(one.text, one.answers) for one in questions if one.answers]
    texts += [(one.text, (one.at,)) for one in written.statements(known) if one.holds]
    with TemporaryDirectory() as folder:
        everything.write(Path(folder))
        with temporary_library(Path(folder), Settings(), lambda *_: None, encoders) as service:
            library = service.library
            stored = library.chunks(library.chunk_ids())
            vectors = {id_: vector for id_, _, vector in library.vectors()}
            chunks = [_chunk(one, vectors[one.id]) for one in stored]
            places = {one.id: place for place, one in enumerate(stored)}
            return chunks, [_asked(*one, stored, places, service) for one in texts]


def _chunk(stored: StoredChunk, vector: Floats) -> Chunk:
    tokens = torch.from_numpy(stored.tokens.astype(np.float32))
    counts = torch.from_numpy(stored.token_counts.astype(np.int64))
    quotable = [sentence.quotable for sentence in stored.sentences]
    return Chunk(
        torch.from_numpy(np.array(vector, dtype=np.float32)),
        functional.normalize(tokens, dim=1),
        torch.repeat_interleave(torch.arange(len(counts)), counts),
        torch.tensor([False, *quotable]),
    )


def _asked(
    text: str,
    spans: Sequence[Span],
    stored: Sequence[StoredChunk],
    places: Mapping[int, int],
    service: Service,
) -> Asked:
    found = service.retriever.search(text, RANKED)
    sources = {source for source, _, _ in spans}
    answers = {
        place: _answering(chunk, spans)
        for place, chunk in enumerate(stored)
        if chunk.source in sources
    }
    tokens = service.encoders.tokens
    ids = tokens.encode_question(text).ids.tolist()
    return Asked(
        torch.from_numpy(service.encoders.sentences.feeds(text)["input_ids"][0]),
        torch.from_numpy(tokens.feeds(text)["input_ids"][0]),
        torch.from_numpy(token_weights(service.library, ids)),
        tuple(places[passage.chunk_id] for passage in found),
        {place: segments for place, segments in answers.items() if segments},
    )


def _answering(chunk: StoredChunk, spans: Sequence[Span]) -> tuple[int, ...]:
    """The segments of a chunk that lie in the spans."""
    return tuple(
        at
        for at, sentence in enumerate(chunk.sentences, start=1)
        if sentence.quotable and examples.lies_in(spans, chunk.source, sentence.start, sentence.end)
    )


def batches(asked: Sequence[Asked]) -> list[list[Asked]]:
    """`_BATCH` questions of about the same length together."""
    ordered = sorted(asked, key=lambda one: len(one.token_ids))
    return [ordered[at : at + _BATCH] for at in range(0, len(ordered), _BATCH)]


def states(model: Bert, ids: Sequence[torch.Tensor]) -> torch.Tensor:
    """The last states (batch, tokens, width) of inputs of any lengths."""
    padded = pad_sequence(list(ids), batch_first=True)
    mask = pad_sequence([torch.ones(len(one), dtype=torch.bool) for one in ids], batch_first=True)
    with training.products():
        lower = model.lower(padded, torch.zeros_like(padded), mask)
        return model.upper(lower, mask).float()


def vector_loss(model: Bert, chunks: torch.Tensor, batch: Sequence[Asked]) -> torch.Tensor:
    """How far the question's vector is from the chunks that answer, against all that do not
    (InfoNCE: van den Oord et al. 2018); `chunks` are the vectors of all."""
    asked = functional.normalize(states(model, [one.vector_ids for one in batch])[:, 0], dim=-1)
    scores = _SHARPNESS * asked @ chunks.T
    held = torch.zeros_like(scores, dtype=torch.bool)
    for row, one in enumerate(batch):
        held[row, list(one.answers)] = True
    return torch.stack([_missed(*row) for row in zip(scores, held, ~held, strict=True)]).mean()


def token_loss(
    model: Bert, projection: torch.Tensor, chunks: Sequence[Chunk], batch: Sequence[Asked]
) -> torch.Tensor:
    """How far the sentences that answer are from the front of all in the chunks that late
    interaction ranks."""
    asked = states(model, [one.token_ids for one in batch]) @ projection
    missed = []
    for vectors, one in zip(functional.normalize(asked, dim=-1), batch, strict=True):
        right = [place for place in one.found if place in one.answers] or [*one.answers]
        wrong = [place for place in one.found if place not in one.answers]
        ranked = [*right[:_RIGHT], *wrong[:_RIVALS]]
        own = vectors[1 : len(one.weights) + 1]
        scores = [_scores(own, one.weights, chunks[place]) for place in ranked]
        held = [
            torch.isin(torch.arange(len(part)), torch.tensor(one.answers.get(place, ())))
            for place, part in zip(ranked, scores, strict=True)
        ]
        quotable = torch.cat([chunks[place].quotable for place in ranked])
        gold = torch.cat(held)
        missed.append(_missed(_SHARPNESS * torch.cat(scores), gold, quotable & ~gold))
    return torch.stack(missed).mean()


def _scores(asked: torch.Tensor, weights: torch.Tensor, chunk: Chunk) -> torch.Tensor:
    """The score of each segment of a chunk, as `rag.retrieval` reckons it."""
    cosines = chunk.tokens @ asked.T
    segments = chunk.segments[:, None].expand_as(cosines)
    nothing = torch.full((len(chunk.quotable), len(asked)), -1.0)
    best = nothing.scatter_reduce(0, segments, cosines, "amax") @ weights
    return cosines.amax(0) @ weights + SENTENCE_SHARE * best


def _missed(scores: torch.Tensor, held: torch.Tensor, rivals: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of each score that is `held` against the `rivals`."""
    others = scores.masked_fill(~rivals, -torch.inf).logsumexp(dim=0)
    right = scores[held]
    return (torch.logaddexp(others, right) - right).mean()


def main() -> None:
    """Fit on the file named on the command line, and on what is written."""
    torch.manual_seed(0)
    squad_file, *held_out = sys.argv[1:]
    chunks, asked = gathered(read_squad(Path(squad_file)).without(held_out))
    print(f"{len(asked)} questions and statements about {len(chunks)} chunks", flush=True)
    rng = Random(0)

    vectors = torch.stack([chunk.vector for chunk in chunks])
    model = Bert(BGE.onnx())
    loss = partial(vector_loss, model, vectors)
    training.fit(model, batches(asked), loss, RATE_OF_VECTORS, EPOCHS_OF_VECTORS, rng)
    save_file(model.fitted(), _ROOT / "rag" / QUESTION_VECTORS)

    model = Bert(COLBERT.onnx())
    loss = partial(token_loss, model, torch.from_numpy(TokenEncoder().projection), chunks)
    training.fit(model, batches(asked), loss, RATE_OF_TOKENS, EPOCHS_OF_TOKENS, rng)
    save_file(model.fitted(), _ROOT / "rag" / QUESTION_TOKENS)


if __name__ == "__main__":
    main()
