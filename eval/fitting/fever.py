"""How well fitting tells what bears out claims: `python -m eval.fitting.fever FEVER_FILE`.

Cross-fitting on FEVER-Symmetric: the cross-encoder is fitted, as `eval.fitting.pairs` does, on all
folds but one and scores that one, so that no claim is scored by a model that saw it. A claim and an
evidence sentence stand in several pairs; those that share one are in the same fold. Prints the
AUROC in each fold of the bundled model and of the fitted one, and their means.

Needs `pip install torch onnx` and some ten minutes of two cores.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch

from eval.confidence import auroc
from eval.fitting import examples
from eval.fitting.examples import Example
from eval.fitting.network import PairNetwork
from eval.fitting.pairs import TASKS, batches, fit
from rag.encoders import CrossEncoder
from rag.encoders.pairs import FILES

FOLDS = 3
EPOCHS = 6
"""More than for all examples together: there are 470."""


def folds(found: Sequence[Example], rng: Random) -> list[list[Example]]:
    """The examples in `FOLDS` folds, no text and no sentence in two of them."""
    parents: dict[str, str] = {}

    def root(text: str) -> str:
        while (parent := parents.setdefault(text, text)) != text:
            text = parent
        return text

    for example in found:
        parents[root(example.text)] = root(example.sentence)
    roots = sorted({root(example.text) for example in found})
    rng.shuffle(roots)
    places = {name: number % FOLDS for number, name in enumerate(roots)}
    parts: list[list[Example]] = [[] for _ in range(FOLDS)]
    for example in found:
        parts[places[root(example.text)]].append(example)
    return parts


def main() -> None:
    """Cross-fit on the file named on the command line."""
    rng = Random(0)
    parts = folds(list(examples.from_claims(Path(sys.argv[1]))), rng)
    pairs = CrossEncoder(None)
    before, after = [], []
    for number, out in enumerate(parts):
        torch.manual_seed(0)
        model = PairNetwork(FILES.onnx())
        before.append(_auroc(model, pairs, out))
        others = [example for part in parts if part is not out for example in part]
        fit(model, list(batches(model, pairs, others)), TASKS["support"], rng, EPOCHS)
        after.append(_auroc(model, pairs, out))
        print(
            f"fold {number + 1}: {len(out)} pairs, {before[-1]:.3f} to {after[-1]:.3f}", flush=True
        )
    print(f"mean: bundled {sum(before) / FOLDS:.3f}, fitted {sum(after) / FOLDS:.3f}")


def _auroc(model: PairNetwork, pairs: CrossEncoder, out: Sequence[Example]) -> float:
    model.eval()
    scored: list[tuple[float, bool]] = []
    for batch in batches(model, pairs, out):
        with torch.no_grad():
            logits = model.logits(batch.states.float(), batch.mask).tolist()
        scored += zip(logits, (batch.holds > 0).tolist(), strict=True)
    return auroc([logit for logit, _ in scored], [holds for _, holds in scored]) or 0.0


if __name__ == "__main__":
    main()
