"""A text -> a vector for each of its tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.encoders.model import MAX_TOKENS, Files, Floats, Input, Model, unit

if TYPE_CHECKING:
    import tokenizers

TOKEN_MODEL = "answerdotai/answerai-colbert-small-v1/pca96"
TOKEN_DIMENSION = 96

_COLBERT = Files(
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
    (`eval/fitting/projection.py`), which ranks as well as all 384.
    """

    def __init__(self) -> None:
        self._model = Model(_COLBERT, truncates=False)

    def load(self) -> None:
        """Check and load the model's files now."""
        self._model.load()

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Token vectors of each text, special tokens left out; long texts go in windows."""
        encodings, states = self._states(texts)
        return [
            TokenVectors(
                unit(np.concatenate(parts) @ self._projection),
                np.array(encoding.ids, dtype=np.uint16),
                np.array([start for start, _ in encoding.offsets], dtype=np.int32),
            )
            for parts, encoding in zip(states, encodings, strict=True)
        ]

    def states(self, texts: Sequence[str]) -> Floats:
        """The unit states of the tokens of `texts` before projection, (n, 384): to fit it on."""
        return unit(np.concatenate([np.concatenate(parts) for parts in self._states(texts)[1]]))

    def _states(
        self, texts: Sequence[str]
    ) -> tuple[list["tokenizers.Encoding"], list[list[Floats]]]:
        """Each text's tokens and, by window, their states; special tokens left out."""
        tokenizer = self._model.tokenizer
        encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
        room = MAX_TOKENS - 2
        windows = [
            (text, encoding.ids[at : at + room])
            for text, encoding in enumerate(encodings)
            for at in range(0, max(1, len(encoding.ids)), room)
        ]
        cls, sep = tokenizer.encode("").ids
        inputs = [Input([cls, *ids, sep], [0] * (len(ids) + 2)) for _, ids in windows]
        states: list[list[Floats]] = [[] for _ in texts]
        for (text, _), state in zip(windows, self._model.run(inputs), strict=True):
            states[text].append(state[1:-1])
        return encodings, states

    @cached_property
    def _projection(self) -> Floats:
        with (files("rag") / "projection.npy").open("rb") as file:
            return np.asarray(np.load(file, allow_pickle=False), dtype=np.float32)
