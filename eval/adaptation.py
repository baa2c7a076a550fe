"""Fit the cross-encoder to tell sentences that answer: `python -m eval.adaptation SQUAD_FILE`.

The bundled cross-encoder ranks passages for web searches; a sentence about the same people and
events that does not answer scores high with it. So the biases and layer norms of its upper layers
are fitted (BitFit: Ben Zaken et al. 2022) on a SQuAD 2.0 file: the sentence that holds the answer
against the other sentences that retrieval finds, and all of them for unanswerable questions. The
weights stay the bundled ones. Writes `rag/answers.npz`, some 30,000 numbers by the names that they
have in the ONNX file.

Needs `pip install torch onnx`, about half an hour of two cores, and no more of either than this.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from eval.squad import Squad, SquadQuestion, read_squad
from rag.encoders import PairScorer
from rag.evidence.answers import JUDGED, reading
from rag.retrieval import by_score
from rag.segmentation import split
from rag.service import Service, open_service
from rag.settings import Settings

EPOCHS = 2
LEARNING_RATE = 1e-3
FIRST_LAYER = 6
"""The layers from here on are fitted; what comes before is computed once."""

_LAYERS, _HEADS, _WIDTH = 12, 12, 384
_BATCH = 24
_POSITIVE_WEIGHT = 1.5
_LOGIT_SCALE = 0.7


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a sentence as the cross-encoder reads it, and whether it answers."""

    question: str
    sentence: str
    answers: bool


def examples(squad: Squad, service: Service, rng: Random) -> list[Example]:
    """The answering sentence of each question, and three others that retrieval finds: two of the
    best and one more. Others that happen to hold the answer's words are left out."""
    sentences = {source: split(text) for source, text in squad.articles.items()}
    found = []
    for question in squad.questions:
        gold = {
            (question.source, sentence.start)
            for _, start in question.answers
            for sentence in sentences[question.source]
            if sentence.start <= start < sentence.end
        }
        right, wrong = _candidates(question, gold, service)
        chosen = wrong[:2] + ([rng.choice(wrong[2:])] if wrong[2:] else [])
        found += [Example(question.question, sentence, True) for sentence in right]
        found += [Example(question.question, sentence, False) for sentence in chosen]
    return found


def _candidates(
    question: SquadQuestion, gold: set[tuple[str, int]], service: Service
) -> tuple[list[str], list[str]]:
    """The sentences found for a question, best first: those that answer, and those that do not."""
    places = by_score(service.retriever.search(question.question))
    right, wrong = [], []
    for rank, (passage, at) in enumerate(places):
        sentence = reading(passage, at)
        if (passage.source, passage.sentences[at].start) in gold:
            right.append(sentence)
        elif rank < JUDGED and not any(answer in sentence for answer, _ in question.answers):
            wrong.append(sentence)
    return right, wrong


class CrossEncoder:
    """The bundled cross-encoder in torch, its 8-bit weights as they are, with what is fitted."""

    def __init__(self, model: onnx.ModelProto) -> None:
        arrays = {array.name: numpy_helper.to_array(array) for array in model.graph.initializer}
        self._of = {
            name: torch.from_numpy(array.copy())
            for name, array in arrays.items()
            if array.dtype == np.float32 and array.ndim == 1
        }
        for name in arrays:
            if name.endswith("_quantized"):
                base = name.removesuffix("_quantized")
                zero, scale = arrays[base + "_zero_point"], arrays[base + "_scale"]
                weights = (arrays[name].astype(np.float32) - zero.astype(np.float32)) * scale
                self._of[base] = torch.from_numpy(weights.astype(np.float32))
        # MatMul weights have names of the exporter's own; their outputs are named by layer.
        for node in model.graph.node:
            if node.op_type == "MatMulInteger":
                layer = node.output[0].strip("/").replace("/", ".").split(".MatMul")[0]
                self._of[layer] = self._of[node.input[1].removesuffix("_quantized")]
        self.fitted = {
            name: tensor.requires_grad_()
            for name, tensor in self._of.items()
            if name in ("bert.pooler.dense.bias", "classifier.bias")
            or (
                (
                    layer := re.match(
                        r"bert\.encoder\.layer\.(\d+)\..*(bias|LayerNorm\.weight)$", name
                    )
                )
                and int(layer[1]) >= FIRST_LAYER
            )
        }

    def lower(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The states (batch, tokens, width) after the layers that are not fitted."""
        embeddings = "bert.embeddings"
        states = (
            self._of[f"{embeddings}.word_embeddings.weight"][ids]
            + self._of[f"{embeddings}.token_type_embeddings.weight"][types]
            + self._of[f"{embeddings}.position_embeddings.weight"][: ids.shape[1]]
        )
        states = self._normed(states, f"{embeddings}.LayerNorm")
        for layer in range(FIRST_LAYER):
            states = self._layer(states, mask, layer)
        return states

    def upper(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The logits (batch,) from the states of `lower`."""
        for layer in range(FIRST_LAYER, _LAYERS):
            states = self._layer(states, mask, layer)
        pooled = states[:, 0] @ self._of["bert.pooler.dense.Gemm_output_0_MatMul_output_quantized"]
        pooled = torch.tanh(pooled + self._of["bert.pooler.dense.bias"])
        logits = pooled @ self._of["logits_MatMul_output_quantized"]
        return logits[:, 0] + self._of["classifier.bias"]

    def _layer(self, states: torch.Tensor, mask: torch.Tensor, layer: int) -> torch.Tensor:
        name = f"bert.encoder.layer.{layer}"
        batch, tokens, _ = states.shape
        query, key, value = (
            self._linear(states, f"{name}.attention.self.{part}")
            .view(batch, tokens, _HEADS, -1)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        )
        seen = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask[:, None, None, :]
        )
        seen = seen.transpose(1, 2).reshape(batch, tokens, _WIDTH)
        attended = self._linear(seen, f"{name}.attention.output.dense")
        states = self._normed(states + attended, f"{name}.attention.output.LayerNorm")
        inner = functional.gelu(self._linear(states, f"{name}.intermediate.dense"))
        outer = self._linear(inner, f"{name}.output.dense")
        return self._normed(states + outer, f"{name}.output.LayerNorm")

    def _linear(self, states: torch.Tensor, name: str) -> torch.Tensor:
        return states @ self._of[name] + self._of[f"{name}.bias"]

    def _normed(self, states: torch.Tensor, name: str) -> torch.Tensor:
        weight, bias = self._of[f"{name}.weight"], self._of[f"{name}.bias"]
        return functional.layer_norm(states, (_WIDTH,), weight, bias, 1e-12)


@dataclass(frozen=True, slots=True)
class _Batch:
    states: torch.Tensor
    mask: torch.Tensor
    answers: torch.Tensor


def batches(model: CrossEncoder, pairs: PairScorer, found: Sequence[Example]) -> Iterator[_Batch]:
    """Examples of about the same length together, taken through the lower layers."""
    order = sorted(found, key=lambda example: len(example.question) + len(example.sentence))
    for at in range(0, len(order), _BATCH):
        part = order[at : at + _BATCH]
        feeds = [pairs.feeds(example.question, example.sentence) for example in part]
        ids, types, mask = (
            pad_sequence([torch.from_numpy(feed[name][0]) for feed in feeds], batch_first=True)
            for name in ("input_ids", "token_type_ids", "attention_mask")
        )
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            states = model.lower(ids, types, mask.bool())
        answers = torch.tensor([float(example.answers) for example in part])
        yield _Batch(states.half(), mask.bool(), answers)


def fit(model: CrossEncoder, found: list[_Batch], rng: Random) -> None:
    """Fit to weighted binary cross-entropy with AdamW, the rate warmed up and then let down."""
    optimizer = torch.optim.AdamW(model.fitted.values(), lr=LEARNING_RATE, weight_decay=0.0)
    steps = EPOCHS * len(found)
    weight = torch.tensor(_POSITIVE_WEIGHT)
    for epoch in range(EPOCHS):
        rng.shuffle(found)
        losses = []
        for at, batch in enumerate(found, start=epoch * len(found)):
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * min(1.0, at / 50) * (1 - at / steps)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model.upper(batch.states.float(), batch.mask)
            loss = functional.binary_cross_entropy_with_logits(
                logits.float() * _LOGIT_SCALE, batch.answers, pos_weight=weight
            )
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(float(loss.detach()))
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}", flush=True)


def main() -> None:
    """Fit on the file named on the command line."""
    torch.manual_seed(0)
    rng = Random(0)
    squad = read_squad(Path(sys.argv[1]))
    with TemporaryDirectory() as folder:
        articles = Path(folder) / "articles"
        articles.mkdir()
        squad.write(articles)
        service = open_service(Settings(data=Path(folder) / "library"))
        service.ingest([articles])
        found = examples(squad, service, rng)
        service.close()
    print(f"{len(found)} examples, {sum(example.answers for example in found)} answer", flush=True)
    pairs = PairScorer(adapted=False)
    model = CrossEncoder(onnx.load_from_string(pairs.weights()))
    fit(model, list(batches(model, pairs, found)), rng)
    fitted: dict[str, Any] = {
        name: tensor.detach().numpy().astype(np.float16) for name, tensor in model.fitted.items()
    }
    np.savez(Path(__file__).parent.parent / "rag" / "answers.npz", **fitted)


if __name__ == "__main__":
    main()
