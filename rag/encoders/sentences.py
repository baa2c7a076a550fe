"""A text -> its sentence vector."""

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from rag.encoders.model import Files, Input, Model, feeds, unit

SENTENCE_MODEL = "BAAI/bge-small-en-v1.5"

QUESTION_VECTORS = "question_vectors.safetensors"
"""The values fitted for questions and statements, in `rag`."""

_INSTRUCTION = "Represent this sentence for searching relevant passages: "
BGE = Files(
    "bge_small_en",
    "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
    "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
)


class SentenceEncoder(Embeddings):
    """BAAI/bge-small-en-v1.5: a text -> one unit vector of 384 (its [CLS] state).

    Source: Xiao et al. 2023, "C-Pack: Packed Resources For General Chinese Embeddings". What passes
    512 tokens is not seen. What is searched for is encoded by the model as changed by `fitted`, to
    lie near the passage that answers it in other words (`eval/fitting/questions.py`); with None as
    passages are.
    """

    def __init__(self, fitted: str | None = QUESTION_VECTORS) -> None:
        self._passages = Model(BGE)
        self._questions = Model(BGE, fitted=fitted)

    def load(self) -> None:
        """Check and load now what a question needs."""
        self._questions.load()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages."""
        return _vectors(self._passages, texts)

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, with the instruction that the model was trained with."""
        return _vectors(self._questions, [_INSTRUCTION + text])[0]

    def feeds(self, text: str) -> dict[str, npt.NDArray[np.int64]]:
        """What the model is fed for a question, arrays (1, tokens) by name: to fit it on."""
        return feeds(_inputs(self._questions, [_INSTRUCTION + text])[0])


def _vectors(model: Model, texts: list[str]) -> list[list[float]]:
    return [unit(states[0]).tolist() for states in model.run(_inputs(model, texts))]


def _inputs(model: Model, texts: list[str]) -> list[Input]:
    return [Input(one.ids) for one in model.tokenizer.encode_batch(texts)]
