"""The bundled models in torch: their 8-bit weights as they are, and what is fitted on them."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

from eval.fitting.training import PRECISION
from rag.encoders.fitted import AT, DOWN, UP

RANK = 16
"""Of the change to each weight matrix (LoRA: Hu et al. 2022)."""

FIRST_LAYER = 5
"""Of the cross-encoder the layers from here on are fitted; what comes before is computed once."""

_LAYERS, _HEADS, _WIDTH = 12, 12, 384
_LORA_SCALE = 2.0
_DROPPED = 26  # of 256 values, by dropout


class _Linear(nn.Module):  # type: ignore[misc,unused-ignore]
    """A weight matrix that stays, its bias, and a change of low rank to it."""

    def __init__(self, name: str, weight: torch.Tensor, bias: torch.Tensor, bias_name: str) -> None:
        super().__init__()
        self.changed = True
        self.name, self.bias_name = name, bias_name
        self.weight = weight.to(PRECISION)  # what autocast would make of it at every step
        self.bias = nn.Parameter(bias.clone())
        self.down = nn.Parameter(torch.randn(weight.shape[0], RANK) / math.sqrt(weight.shape[0]))
        self.up = nn.Parameter(torch.zeros(RANK, weight.shape[1]))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(…, in) -> (…, out)."""
        own: torch.Tensor = states @ self.weight + self.bias
        return own + (states @ self.down) @ (self.up * _LORA_SCALE) if self.changed else own


class _Norm(nn.Module):  # type: ignore[misc,unused-ignore]
    def __init__(self, name: str, weight: torch.Tensor, bias: torch.Tensor) -> None:
        super().__init__()
        self.name = name
        self.weight, self.bias = nn.Parameter(weight.clone()), nn.Parameter(bias.clone())

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """Layer normalisation over the last axis."""
        return functional.layer_norm(states, (_WIDTH,), self.weight, self.bias, 1e-12)


class _Layer(nn.Module):  # type: ignore[misc,unused-ignore]
    def __init__(self, weights: "_Weights", name: str) -> None:
        super().__init__()
        attention = f"{name}.attention.self"
        self.query = weights.linear(f"{attention}.query")
        self.key = weights.linear(f"{attention}.key")
        self.value = weights.linear(f"{attention}.value")
        self.attended = weights.linear(f"{name}.attention.output.dense")
        self.attention_norm = weights.norm(f"{name}.attention.output.LayerNorm")
        self.inner = weights.linear(f"{name}.intermediate.dense")
        self.outer = weights.linear(f"{name}.output.dense")
        self.output_norm = weights.norm(f"{name}.output.LayerNorm")

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """States (batch, tokens, width), mask (batch, tokens)."""
        batch, tokens, _ = states.shape
        query, key, value = (
            part(states).view(batch, tokens, _HEADS, -1).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        # Written out: on a CPU the backward pass of torch's own is a third of the time.
        scores = query @ key.transpose(-1, -2) / math.sqrt(_WIDTH // _HEADS)
        scores = scores.masked_fill(~mask[:, None, None, :], -torch.inf)
        seen = scores.softmax(dim=-1).to(value.dtype) @ value
        seen = self.attended(seen.transpose(1, 2).reshape(batch, tokens, _WIDTH))
        states = self.attention_norm(states + self._dropped(seen))
        outer = self.outer(functional.gelu(self.inner(states)))
        result: torch.Tensor = self.output_norm(states + self._dropped(outer))
        return result

    def _dropped(self, states: torch.Tensor) -> torch.Tensor:
        """Dropout, a byte of chance for each value: torch draws four, and not in parallel."""
        if not self.training:
            return states
        drawn = torch.empty(-(-states.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        kept = drawn.view(torch.uint8)[: states.numel()].view(states.shape) >= _DROPPED
        return states * kept * (256 / (256 - _DROPPED))


class _Weights:
    """The initializers of the ONNX file by the names of the layers they belong to."""

    def __init__(self, model: onnx.ModelProto) -> None:
        tensors = model.graph.initializer
        self._arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in tensors}
        # Matrices have names of the exporter's own; the nodes that use them are named by layer.
        self._matrices = {
            node.output[0].strip("/").replace("/", ".").split(".MatMul")[0]: node.input[1]
            for node in model.graph.node
            if node.op_type == "MatMulInteger"
        }

    def floats(self, name: str) -> torch.Tensor:
        """A vector as it is, or a table of 8 bits as floats."""
        if name in self._arrays:
            return torch.from_numpy(self._arrays[name].astype(np.float32))
        return self._dequantized(name + "_quantized")

    def matrix(self, layer: str) -> torch.Tensor:
        """The weight matrix (in, out) of a layer."""
        return self._dequantized(self._matrices[layer])

    def linear(self, layer: str, matrix: str | None = None) -> _Linear:
        """A layer to fit; `matrix` names its multiplication where that is named otherwise."""
        name = self._matrices[matrix or layer]
        bias = f"{layer}.bias"
        return _Linear(name, self._dequantized(name), self.floats(bias), bias)

    def norm(self, name: str) -> _Norm:
        """A layer norm to fit."""
        return _Norm(name, self.floats(f"{name}.weight"), self.floats(f"{name}.bias"))

    def _dequantized(self, name: str) -> torch.Tensor:
        base = name.removesuffix("_quantized")
        zero = self._arrays[base + "_zero_point"].astype(np.float32)
        return torch.from_numpy(self._arrays[name].astype(np.float32) - zero) * self.scale(name)

    def scale(self, name: str) -> torch.Tensor:
        """A step of the 8-bit grid of a matrix, or of each of its columns."""
        return torch.tensor(self._arrays[name.removesuffix("_quantized") + "_scale"])

    def bytes(self, name: str) -> bytes:
        """The 8-bit values of a matrix as they lie in the file."""
        return bytes(self._arrays[name].tobytes())


class Bert(nn.Module):  # type: ignore[misc,unused-ignore]
    """A bundled BERT (Devlin et al. 2019): `lower` stays as it is, `upper` is fitted."""

    def __init__(self, file: bytes, first: int = 0, prefix: str = "") -> None:
        """Of an ONNX file whose names of layers begin with `prefix`, fitted from layer `first`."""
        super().__init__()
        self._file, self._first = file, first
        self._weights = weights = _Weights(onnx.load_from_string(file))
        self._layers = nn.ModuleList(
            _Layer(weights, f"{prefix}encoder.layer.{number}") for number in range(_LAYERS)
        )
        self._tables = [
            weights.floats(f"{prefix}embeddings.{part}_embeddings.weight")
            for part in ("word", "token_type", "position")
        ]
        self._embedded = weights.norm(f"{prefix}embeddings.LayerNorm")
        for fixed in [self._embedded, *self._layers[:first]]:
            fixed.requires_grad_(False)
            for part in fixed.modules():
                if isinstance(part, _Linear):
                    part.changed = False

    def lower(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The states (batch, tokens, width) after the layers that are not fitted."""
        words, kinds, places = self._tables
        states = self._embedded(words[ids] + kinds[types] + places[: ids.shape[1]])
        for layer in self._layers[: self._first]:
            states = layer(states, mask)
        result: torch.Tensor = states
        return result

    def upper(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The last states from those of `lower`."""
        for layer in self._layers[self._first :]:
            states = layer(states, mask)
        return states

    def fitted(self) -> dict[str, Any]:
        """What was fitted, as `rag.encoders.fitted` merges it into the ONNX file."""
        found: dict[str, Any] = {
            module.name + AT: np.array(self._file.index(self._weights.bytes(module.name)))
            for module in self._fitted_modules()
            if isinstance(module, _Linear)
        }
        return found | {name: _halves(own * steps) for name, own, steps in self._values()}

    def restore(self, values: Mapping[str, Any]) -> None:
        """Take what `fitted` gave, to go on from there."""
        with torch.no_grad():
            for name, own, steps in self._values():
                own.copy_(torch.from_numpy(values[name].astype(np.float32)) / steps)

    def _values(self) -> Iterator[tuple[str, torch.Tensor, float | torch.Tensor]]:
        """What is fitted by its name in the file, and what it is times there."""
        for module in self._fitted_modules():
            if isinstance(module, _Norm):
                yield f"{module.name}.weight", module.weight, 1.0
                yield f"{module.name}.bias", module.bias, 1.0
            else:
                yield module.bias_name, module.bias, 1.0
                yield module.name + DOWN, module.down, 1.0
                yield module.name + UP, module.up, _LORA_SCALE / self._weights.scale(module.name)

    def _fitted_parts(self) -> list[nn.Module]:
        return [*self._layers[self._first :]]

    def _fitted_modules(self) -> Iterator[Any]:
        for part in self._fitted_parts():
            for module in part.modules():
                if isinstance(module, _Linear | _Norm):
                    yield module


class PairNetwork(Bert):
    """ms-marco-MiniLM-L-12-v2, its layers fitted from `FIRST_LAYER` on."""

    def __init__(self, file: bytes) -> None:
        super().__init__(file, FIRST_LAYER, "bert.")
        self._pooler = self._weights.linear(
            "bert.pooler.dense", "bert.pooler.dense.Gemm_output_0_MatMul_output_quantized"
        )
        self._classifier = self._weights.matrix("logits_MatMul_output_quantized")
        self._bias = nn.Parameter(self._weights.floats("classifier.bias").clone())

    def logits(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The logits (batch,) from the states of `lower`."""
        pooled = torch.tanh(self._pooler(self.upper(states, mask)[:, 0]))
        logits: torch.Tensor = (pooled @ self._classifier + self._bias)[:, 0]
        return logits

    def _values(self) -> Iterator[tuple[str, torch.Tensor, float | torch.Tensor]]:
        yield "classifier.bias", self._bias, 1.0
        yield from super()._values()

    def _fitted_parts(self) -> list[nn.Module]:
        return [*super()._fitted_parts(), self._pooler]


def _halves(tensor: torch.Tensor) -> Any:
    return tensor.detach().numpy().astype(np.float16)
