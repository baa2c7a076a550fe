"""A question or statement + a sentence -> how surely the sentence answers it or bears it out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.encoders.model import Files, Floats, Input, Model, feeds

FILES = Files(
    "reranker_en",
    "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
    "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
)

QUESTIONS, STATEMENTS = "answers.safetensors", "support.safetensors"
"""The values fitted for questions and for statements, in `rag`."""


class PairScorer(Protocol):
    """What scores (question or statement, sentence) pairs."""

    def load(self) -> None:
        """Have ready now what `score` needs."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Logits of the pairs, shape (len(pairs),)."""


class ReadOnce:
    """Scores each pair once, however often it is asked for."""

    def __init__(self, pairs: PairScorer) -> None:
        self._pairs = pairs
        self._known: dict[tuple[str, str], float] = {}

    def load(self) -> None:
        """Have ready now what `score` needs."""
        self._pairs.load()

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Logits of the pairs, shape (len(pairs),)."""
        if unknown := [pair for pair in dict.fromkeys(pairs) if pair not in self._known]:
            self._known.update(zip(unknown, self._pairs.score(unknown).tolist(), strict=True))
        return np.array([self._known[pair] for pair in pairs], dtype=np.float32)


class CrossEncoder:
    """cross-encoder/ms-marco-MiniLM-L-12-v2: how surely a sentence answers a question or bears out
    a statement, as a logit.

    Source: Nogueira & Cho 2019, "Passage Re-ranking with BERT". Its upper layers are changed by
    `fitted`, `QUESTIONS` or `STATEMENTS`, to tell what answers or bears out from talk of the same
    matter (`eval/fitting/pairs.py`); with None it is the bundled model as it is, for web passages.
    """

    def __init__(self, fitted: str | None = QUESTIONS) -> None:
        self._model = Model(FILES, fitted=fitted)

    def load(self) -> None:
        """Check and load the model's files now."""
        self._model.load()

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Logits of (question or statement, sentence) pairs, shape (len(pairs),)."""
        logits = self._model.run(self._inputs(pairs))
        return np.array([logit[0] for logit in logits], dtype=np.float32)

    def feeds(self, text: str, sentence: str) -> dict[str, npt.NDArray[np.int64]]:
        """What the model is fed for a pair, arrays (1, tokens) by name: to fit it on."""
        return feeds(self._inputs([(text, sentence)])[0])

    def _inputs(self, pairs: Sequence[tuple[str, str]]) -> list["Input"]:
        encodings = self._model.tokenizer.encode_batch(list(pairs))
        return [Input(e.ids, e.type_ids) for e in encodings]
