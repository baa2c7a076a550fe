"""Stand-ins that implement the real interfaces, fast and deterministic, and remember what they saw.

A word has the same random direction wherever it stands, so texts that share words are near.
"""

import re
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

import rag
from rag import reading
from rag.chunking import chunk, encoder_input
from rag.encoders import TOKEN_DIMENSION, Floats, SentenceEncoder, TokenEncoder, TokenVectors
from rag.library import Encoding
from rag.records import Article, Chunk

DIMENSION = 24
"""Of `WordEmbeddings`."""

_VOCABULARY = 30_000


class WordEmbeddings(Embeddings):
    """A text is the mean of its words; `encoded` holds the passages that were encoded."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.encoded += texts
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        words = [_direction(word, DIMENSION) for word in _words(text)]
        mean = np.mean([np.full(DIMENSION, 1e-3), *words], axis=0)
        return [float(component) for component in mean / np.linalg.norm(mean)]


class WordSentences(WordEmbeddings, SentenceEncoder):
    """`WordEmbeddings` in the bundled model's place."""

    def load(self) -> None:
        """There is nothing to load."""


class WordTokens(TokenEncoder):
    """A word is a token."""

    def load(self) -> None:
        """There is nothing to load."""

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        return [
            TokenVectors(
                np.array([_direction(word, TOKEN_DIMENSION) for word in _words(text)])
                .reshape(-1, TOKEN_DIMENSION)
                .astype(np.float32),
                np.array([token_id(word) for word in _words(text)], dtype=np.uint16),
                np.array([found.start() for found in re.finditer(r"\w+", text)], dtype=np.int32),
            )
            for text in texts
        ]

    def encode_question(self, text: str) -> TokenVectors:
        return self.encode([text])[0]


class ScriptedPairs:
    """Scores by a function of question and passage; `scored` holds the pairs it was asked about."""

    def __init__(self, score: Callable[[str, str], float]) -> None:
        self._score = score
        self.scored: list[tuple[str, str]] = []

    def load(self) -> None:
        pass

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        self.scored += pairs
        return np.array([self._score(*pair) for pair in pairs], dtype=np.float32)


def token_id(word: str) -> int:
    """The id that `WordTokens` gives a word."""
    return zlib.crc32(word.lower().encode()) % _VOCABULARY


def article(source: str, text: str) -> Article:
    """The article that a file of this text becomes."""
    return reading.article(source, text.encode())


def encoded(of: Article) -> list[tuple[Chunk, Encoding | None]]:
    """An article's chunks with the fakes' encodings, as a library takes them."""
    return [(part, _encoding(of, part) if part.searchable else None) for part in chunk(of)]


@contextmanager
def another_writer(folder: Path) -> Iterator[int]:
    """A real process that holds the writer's lock of the library in `folder`; gives its pid."""
    child = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder)],
        cwd=Path(rag.__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin
    assert child.stdout
    try:
        assert child.stdout.readline() == "holding\n"
        yield child.pid
    finally:
        child.kill()
        child.communicate()


_HOLDER = """
import sys
from pathlib import Path
from rag.library.database import Database

with Database(Path(sys.argv[1])).writing():
    print("holding", flush=True)
    sys.stdin.read()
"""


def _encoding(of: Article, part: Chunk) -> Encoding:
    text, starts = encoder_input(of.text, part)
    tokens = WordTokens().encode([text])[0]
    borders = [int(np.sum(tokens.starts < start)) for start in [*starts, len(text)]]
    counts = np.diff(borders, prepend=0).astype(np.int32)
    vector = np.array(WordEmbeddings().embed_query(text), dtype=np.float32)
    return Encoding(vector, tokens, counts)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@cache
def _direction(word: str, dimension: int) -> Floats:
    vector = np.random.default_rng(zlib.crc32(word.lower().encode())).normal(size=dimension)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
