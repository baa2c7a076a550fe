"""An entailment model of the hub in place of the bundled learned score."""

import json
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rag.encoders import Floats
from rag.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

BUNDLED = "bundled"

_WEIGHTS = ("onnx/model.onnx", "model.onnx", "onnx/model_quantized.onnx")
_MAX_TOKENS = 512
_SURE = 1e-6


def open_entailment(name: str) -> "Entailment | None":
    """The entailment model `name`, None for the bundled score. Nothing is loaded yet."""
    return None if name == BUNDLED else Entailment(name)


class Entailment:
    """An ONNX model of natural language inference, by its id on the hub: premise and hypothesis ->
    the probability that the one entails the other.

    `score` gives its log odds, which take the place of the bundled scorer's logit.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        self._tokenizer: tokenizers.Tokenizer | None = None
        self._entails = 0

    def load(self) -> None:
        """Fetch (or find in the hub's cache) and load the model now.

        Raises ModelError where it cannot be had, or is no ONNX entailment model.
        """
        with self._lock:
            if self._session is not None:
                return
            import onnxruntime
            import tokenizers

            config = self._fetched("config.json")
            vocabulary = self._fetched("tokenizer.json")
            weights = self._fetched(*_WEIGHTS)
            try:
                with open(config, encoding="utf-8") as file:
                    labels = json.load(file)["id2label"]
                self._entails = next(
                    int(number) for number, label in labels.items() if label.lower() == "entailment"
                )
                self._tokenizer = tokenizers.Tokenizer.from_file(vocabulary)
                self._tokenizer.enable_truncation(_MAX_TOKENS)
                self._tokenizer.no_padding()
                self._session = onnxruntime.InferenceSession(
                    weights, providers=["CPUExecutionProvider"]
                )
            except Exception as error:  # tokenizers and onnxruntime have no error of their own
                raise ModelError(
                    f"{self._name} is no ONNX entailment model ({type(error).__name__}): set "
                    "CITEWELL_EVIDENCE to bundled or to another id"
                ) from error

    def score(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """The log odds that quotes entail, of (statement, quote) pairs, shape (len(pairs),)."""
        probabilities = self.probabilities([(quote, statement) for statement, quote in pairs])
        sure = np.clip(np.array(probabilities, dtype=np.float64), _SURE, 1 - _SURE)
        return np.asarray(np.log(sure / (1 - sure)), dtype=np.float32)

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """How probably each quote entails its statement, of (quote, statement) pairs."""
        self.load()
        assert self._session is not None
        assert self._tokenizer is not None
        names = [one.name for one in self._session.get_inputs()]
        found = []
        for encoding in self._tokenizer.encode_batch(list(pairs)):
            feeds = {
                "input_ids": encoding.ids,
                "attention_mask": encoding.attention_mask,
                "token_type_ids": encoding.type_ids,
            }
            arrays = {name: np.array([feeds[name]], dtype=np.int64) for name in names}
            logits = np.asarray(self._session.run(None, arrays)[0][0], dtype=np.float64)
            shares = np.exp(logits - logits.max())
            found.append(float(shares[self._entails] / shares.sum()))
        return found

    def _fetched(self, *names: str) -> str:
        """The path of the first of these files that the model has."""
        from httpx import HTTPError
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import (
            EntryNotFoundError,
            HfHubHTTPError,
            HFValidationError,
            LocalEntryNotFoundError,
        )

        missing: Exception | None = None
        for name in names:
            try:
                return str(hf_hub_download(self._name, name))
            except LocalEntryNotFoundError as error:
                missing = error
            except EntryNotFoundError as error:
                missing = missing or error
            except (HfHubHTTPError, HTTPError, HFValidationError, OSError) as error:
                raise self._out_of_reach(names) from error
        raise self._out_of_reach(names) from missing

    def _out_of_reach(self, names: Sequence[str]) -> ModelError:
        return ModelError(
            f"The entailment model {self._name} cannot be had ({' or '.join(names)}): check its id "
            "and the network, or set CITEWELL_EVIDENCE to bundled"
        )
