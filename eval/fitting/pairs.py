"""Fit the cross-encoder: `python -m eval.fitting.pairs SQUAD_FILE FEVER_FILE [HELD_OUT…]`.

The bundled cross-encoder ranks passages for web searches: a sentence about the same people and
events that does not answer scores high with it, and so does one that says the contrary of a
statement. So a change of low rank to its upper layers (LoRA: Hu et al. 2022) is fitted to tell what
answers a question and what bears out a statement from talk of the same matter. The weights stay the
bundled ones. Writes `rag/pairs.npz`, the changes by the names that they have in the ONNX file.
SQuAD articles that are named are left out, to measure on.

Needs `pip install torch onnx` and half an hour of two cores.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from eval.cases import CaseSet, load, says
from eval.fitting import examples
from eval.fitting.examples import Example
from eval.fitting.network import CrossEncoder
from eval.squad import Squad, read_squad
from eval.subject import temporary_library
from rag.encoders import Encoders, PairScorer
from rag.settings import Settings

EPOCHS = 2
LEARNING_RATE = 7e-4

_BATCH = 32
_LOGIT_SCALE = 0.7
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class _Batch:
    states: torch.Tensor
    mask: torch.Tensor
    holds: torch.Tensor
    weight: torch.Tensor


def gathered(squad: Squad, fever: Path, rng: Random) -> list[Example]:
    """All examples; retrieval finds the sentences, with the cross-encoder as it is bundled."""
    encoders = replace(Encoders.bundled(), pairs=PairScorer(fitted=False))
    with TemporaryDirectory() as folder:
        squad.write(Path(folder))
        with temporary_library(Path(folder), Settings(), lambda *_: None, encoders) as service:
            found = list(examples.from_questions(squad, service, rng))
    with temporary_library(_ROOT / "seeds", Settings(), lambda *_: None, encoders) as service:
        texts = {facts.source: service.article(facts.source).text for facts in service.sources()}
        cases = load(_ROOT / "eval" / "cases" / "seeds.jsonl", texts).cases
        found += examples.from_cases(CaseSet("seeds", cases, texts, says), service)
        known = load(_ROOT / "eval" / "cases" / "statements.jsonl", texts).statements
        found += examples.from_known(known, service)
    found += examples.from_statements(squad, rng)
    found += examples.from_sentences(squad, rng)
    return found + list(examples.from_claims(fever))


def batches(model: CrossEncoder, pairs: PairScorer, found: Sequence[Example]) -> Iterator[_Batch]:
    """Examples of about the same length together, taken through the lower layers."""
    model.eval()  # what is computed once knows no dropout
    order = sorted(found, key=lambda example: len(example.text) + len(example.sentence))
    for at in range(0, len(order), _BATCH):
        part = order[at : at + _BATCH]
        feeds = [pairs.feeds(example.text, example.sentence) for example in part]
        ids, types, mask = (
            pad_sequence([torch.from_numpy(feed[name][0]) for feed in feeds], batch_first=True)
            for name in ("input_ids", "token_type_ids", "attention_mask")
        )
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            states = model.lower(ids, types, mask.bool())
        holds = torch.tensor([float(example.holds) for example in part])
        weight = torch.tensor([example.weight for example in part])
        yield _Batch(states.bfloat16(), mask.bool(), holds, weight)


def fit(model: CrossEncoder, found: list[_Batch], rng: Random) -> None:
    """Fit to weighted binary cross-entropy with AdamW, the rate warmed up and then let down."""
    parameters = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=LEARNING_RATE, weight_decay=0.01)
    steps = EPOCHS * len(found)
    model.train()
    for epoch in range(EPOCHS):
        rng.shuffle(found)
        losses = []
        for at, batch in enumerate(found, start=epoch * len(found)):
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * min(1.0, (at + 1) / (0.06 * steps)) * (1 - at / steps)
            with torch.autocast("cpu", torch.bfloat16):
                logits = model.upper(batch.states.float(), batch.mask)
            loss = functional.binary_cross_entropy_with_logits(
                logits.float() * _LOGIT_SCALE, batch.holds, weight=batch.weight
            )
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            losses.append(float(loss.detach()))
        print(f"epoch {epoch + 1}: loss {sum(losses) / len(losses):.4f}", flush=True)


def main() -> None:
    """Fit on the files named on the command line."""
    torch.manual_seed(0)
    rng = Random(0)
    squad_file, fever_file, *held_out = sys.argv[1:]
    found = gathered(read_squad(Path(squad_file)).without(held_out), Path(fever_file), rng)
    print(f"{len(found)} examples, {sum(example.holds for example in found)} hold", flush=True)
    pairs = PairScorer(fitted=False)
    model = CrossEncoder(pairs.weights())
    fit(model, list(batches(model, pairs, found)), rng)
    np.savez_compressed(_ROOT / "rag" / "pairs.npz", **model.fitted())


if __name__ == "__main__":
    main()
