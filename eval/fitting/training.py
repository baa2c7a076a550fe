"""How a network is fitted to batches."""

from collections.abc import Callable
from random import Random
from typing import TypeVar

import torch
from torch import nn

_DECAY = 0.01
_WARMED_UP = 0.06  # the share of the steps until the rate is what it is to be
_LONGEST = 1.0  # that a gradient may be

PRECISION = (
    torch.bfloat16
    if torch.backends.cpu.get_cpu_capability().startswith("AVX512")
    else torch.float32
)
"""Of a network's products: half of a float where the processor can multiply it. One that cannot
takes 70 times as long as for floats."""

Batch = TypeVar("Batch")


def products() -> torch.autocast:
    """Within it a network's products are of `PRECISION`."""
    return torch.autocast("cpu", torch.bfloat16, enabled=PRECISION is torch.bfloat16)


def fit(
    model: nn.Module,
    found: list[Batch],
    loss: Callable[[Batch], torch.Tensor],
    rate: float,
    epochs: int,
    rng: Random,
) -> None:
    """Fit to the batches `found`, shuffled in place, with AdamW (Loshchilov & Hutter 2019), the
    rate warmed up and then let down."""
    parameters = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=_DECAY)
    steps = epochs * len(found)
    model.train()
    for epoch in range(epochs):
        rng.shuffle(found)
        losses = []
        for at, batch in enumerate(found, start=epoch * len(found)):
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1.0, (at + 1) / (_WARMED_UP * steps)) * (1 - at / steps)
            missed = loss(batch)
            optimizer.zero_grad()
            torch.autograd.backward(missed)
            torch.nn.utils.clip_grad_norm_(parameters, _LONGEST)
            optimizer.step()
            losses.append(float(missed.detach()))
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}", flush=True)
