"""An entailment model in the hub's cache, loaded and run by the real code without a network."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from rag.errors import ModelError
from rag.evidence.entailment import BUNDLED, Entailment, open_entailment

NAME = "someone/tiny-nli"
WORDS = {"[UNK]": 0, "harbour": 1, "opened": 2, "not": 3}
TABLE = np.array([[0, 0, 0], [0, 1, 0], [0, 2, 0], [9, 0, 0]], dtype=np.float32)
"""What each word adds to the logits of contradiction, entailment and neutral."""

FLOAT, INT64 = 1, 7


def _field(number: int, value: int | bytes | str) -> bytes:
    """A protobuf field."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _value(name: str, kind: int, *shape: int | str) -> bytes:
    dims = b"".join(_field(1, _field(1 if isinstance(d, int) else 2, d)) for d in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, dims)))


def _tensor(name: str, kind: int, values: np.ndarray) -> bytes:
    dims = b"".join(_field(1, size) for size in values.shape)
    return dims + _field(2, kind) + _field(8, name) + _field(9, values.tobytes())


def _node(kind: str, inputs: list[str], output: str, attributes: bytes = b"") -> bytes:
    told = b"".join(_field(1, name) for name in inputs)
    return told + _field(2, output) + _field(4, kind) + attributes


def tiny_model() -> bytes:
    """An ONNX file: the sum over the tokens of what each adds to the logits."""
    keepdims = _field(5, _field(1, "keepdims") + _field(3, 0) + _field(20, 2))
    graph = b"".join(
        [
            _field(1, _node("Gather", ["table", "input_ids"], "rows")),
            _field(1, _node("ReduceSum", ["rows", "axes"], "logits", keepdims)),
            _field(2, "tiny"),
            _field(5, _tensor("table", FLOAT, TABLE)),
            _field(5, _tensor("axes", INT64, np.array([1], dtype=np.int64))),
            _field(11, _value("input_ids", INT64, "batch", "tokens")),
            _field(11, _value("attention_mask", INT64, "batch", "tokens")),
            _field(12, _value("logits", FLOAT, "batch", 3)),
        ]
    )
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Path]:
    """A hub cache that holds the tiny model, and no network."""
    from huggingface_hub import constants

    repository = tmp_path / "models--someone--tiny-nli"
    snapshot = repository / "snapshots" / ("a" * 40)
    (snapshot / "onnx").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40)
    labels = {"0": "contradiction", "1": "ENTAILMENT", "2": "neutral"}
    (snapshot / "config.json").write_text(json.dumps({"id2label": labels}))
    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(snapshot / "tokenizer.json"))
    (snapshot / "onnx" / "model.onnx").write_bytes(tiny_model())
    with pytest.MonkeyPatch.context() as settings:
        settings.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
        settings.setattr(constants, "HF_HUB_OFFLINE", True)
        yield snapshot


def test_it_gives_the_probability_of_the_label_entailment(hub: Path) -> None:
    model = Entailment(NAME)
    sure, contrary, unknown = model.probabilities(
        [("harbour opened", "harbour opened"), ("harbour", "not opened"), ("a", "b")]
    )
    assert sure == pytest.approx(np.exp(6) / (np.exp(6) + 2), abs=1e-4)
    assert contrary < 0.01
    assert unknown == pytest.approx(1 / 3, abs=1e-4)


def test_its_log_odds_take_the_place_of_the_bundled_logit(hub: Path) -> None:
    scores = Entailment(NAME).score([("harbour", "opened"), ("not", "opened")])
    assert scores.shape == (2,)
    probability = np.exp(3) / (np.exp(3) + 2)
    assert float(scores[0]) == pytest.approx(np.log(probability / (1 - probability)), abs=1e-3)


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "onnx/model.onnx"])
def test_a_file_out_of_reach_is_named(hub: Path, file: str) -> None:
    (hub / file).unlink()
    with pytest.raises(ModelError, match=rf"{NAME} cannot be had .*{file}.*CITEWELL_EVIDENCE"):
        Entailment(NAME).load()


@pytest.mark.parametrize(
    ("file", "content"),
    [("config.json", '{"id2label": {"0": "toxic"}}'), ("onnx/model.onnx", "nonsense")],
)
def test_what_is_no_entailment_model_is_refused(hub: Path, file: str, content: str) -> None:
    (hub / file).write_text(content)
    with pytest.raises(ModelError, match="no ONNX entailment model"):
        Entailment(NAME).load()


def test_bundled_means_none() -> None:
    assert open_entailment(BUNDLED) is None
