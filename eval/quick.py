"""Encoders that cost next to nothing and give the same for the same text: to measure the rest."""

import re
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from langchain_core.embeddings import Embeddings

from rag.encoders import TOKEN_DIMENSION, Floats, TokenEncoder, TokenVectors

_DIMENSION = 384
_VOCABULARY = 30_000


class QuickEmbeddings(Embeddings):
    """A text is the mean of its words' random directions: (384,), of unit length."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        words = [_direction(word, _DIMENSION) for word in re.findall(r"\w+", text.lower())]
        mean = np.sum([np.full(_DIMENSION, 1e-3, dtype=np.float32), *words], axis=0)
        unit: list[float] = (mean / np.linalg.norm(mean)).tolist()
        return unit


class QuickTokens(TokenEncoder):
    """A word is a token."""

    def load(self) -> None:
        """There is nothing to load."""

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Token vectors of each text."""
        return [_tokens(list(re.finditer(r"\w+", text.lower()))) for text in texts]

    def encode_question(self, text: str) -> TokenVectors:
        """Token vectors of a question."""
        return self.encode([text])[0]


def _tokens(words: Sequence[re.Match[str]]) -> TokenVectors:
    vectors = [_direction(word[0], TOKEN_DIMENSION) for word in words]
    return TokenVectors(
        np.array(vectors, dtype=np.float32).reshape(-1, TOKEN_DIMENSION),
        np.array([zlib.crc32(word[0].encode()) % _VOCABULARY for word in words], dtype=np.uint16),
        np.array([word.start() for word in words], dtype=np.int32),
    )


@lru_cache(maxsize=50_000)
def _direction(word: str, dimension: int) -> Floats:
    vector = np.random.default_rng(zlib.crc32(word.encode())).normal(size=dimension)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
