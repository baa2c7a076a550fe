"""A text -> a vector for each of its tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.encoders.fitted import arrays_in
from rag.encoders.model import MAX_TOKENS, Files, Floats, Input, Model, feeds, unit

if TYPE_CHECKING:
    import tokenizers

TOKEN_MODEL = "answerdotai/answerai-colbert-small-v1/pca96"
TOKEN_DIMENSION = 96

PROJECTION = "projection.safetensors"
"""What brings a state to a vector, `projection` (384, 96), in `rag`."""

QUESTION_TOKENS = "question_tokens.safetensors"
"""The values fitted for questions and statements, in `rag`."""

COLBERT = Files(
    "colbert",
    "4980983628c18e4f0a4c756114abd2d7c097c6ccad9cffc70e77302d21e05df0",
    "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
)


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """A text's tokens: `vectors` (n, 96) unit length, `ids` (n,) of the vocabulary, and `starts`
    (n,) the character at which each begins."""

    vectors: Floats
    ids: npt.NDArray[np.uint16]
    starts: npt.NDArray[np.int32]


class TokenEncoder:
    """answerai-colbert-small-v1: a text -> a vector for each of its tokens, for late interaction.

    Source: Khattab & Zaharia 2020, "ColBERT"; Clavié 2024. The export lacks the model's projection,
    so its 384 states are brought to 96 by principal components fitted on general text
    (`eval/fitting/projection.py`), which ranks as well as all 384. What is searched for is encoded
    by the model as changed by `fitted`, to lie near what answers it in other words
    (`eval/fitting/questions.py`); with None as passages are.
    """

    def __init__(self, fitted: str | None = QUESTION_TOKENS) -> None:
        self._passages = Model(COLBERT, truncates=False)
        self._questions = Model(COLBERT, truncates=False, fitted=fitted)

    def load(self) -> None:
        """Check and load now what a question needs."""
        self._questions.load()

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Token vectors of each passage, special tokens left out; long texts go in windows."""
        return self._encoded(self._passages, texts)

    def encode_question(self, text: str) -> TokenVectors:
        """Token vectors of a question or statement that passages are searched for."""
        return self._encoded(self._questions, [text])[0]

    def feeds(self, text: str) -> dict[str, npt.NDArray[np.int64]]:
        """What the model is fed for a question, arrays (1, tokens) by name: to fit it on."""
        return feeds(Input(self._questions.tokenizer.encode(text).ids))

    def _encoded(self, model: Model, texts: Sequence[str]) -> list[TokenVectors]:
        return [
            TokenVectors(
                unit(states @ self.projection),
                np.array(encoding.ids, dtype=np.uint16),
                np.array([start for start, _ in encoding.offsets], dtype=np.int32),
            )
            for encoding, states in _states(model, texts)
        ]

    def states(self, texts: Sequence[str]) -> Floats:
        """The unit states of the tokens of `texts` before projection, (n, 384): to fit it on."""
        return unit(np.concatenate([states for _, states in _states(self._passages, texts)]))

    @cached_property
    def projection(self) -> Floats:
        """What brings a state to a vector, (384, 96)."""
        return np.asarray(arrays_in(PROJECTION)["projection"], dtype=np.float32)


def _states(model: Model, texts: Sequence[str]) -> Iterator[tuple["tokenizers.Encoding", Floats]]:
    """Each text's tokens and their states, special tokens left out."""
    cls, sep = model.tokenizer.encode("").ids
    room = MAX_TOKENS - 2
    encodings = model.tokenizer.encode_batch(list(texts), add_special_tokens=False)
    windows = [
        [Input([cls, *ids[at : at + room], sep]) for at in range(0, max(1, len(ids)), room)]
        for ids in (encoding.ids for encoding in encodings)
    ]
    states = model.run([*chain.from_iterable(windows)])
    for encoding, its in zip(encodings, windows, strict=True):
        yield encoding, np.concatenate([one[1:-1] for one in islice(states, len(its))])
