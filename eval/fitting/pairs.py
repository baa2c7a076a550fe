"""Fit the cross-encoder: `python -m eval.fitting.pairs TASK SQUAD_FILE FEVER_FILE SAYINGS_FILE
[HELD_OUT…] [--from FILE] [--share SHARE]`.

The bundled cross-encoder ranks passages for web searches: a sentence about the same people and
events that does not answer scores high with it, and so does one that says the contrary of a
statement. So a change of low rank to its upper layers (LoRA: Hu et al. 2022) is fitted to tell what
answers a question (task `answers`) and what bears out a statement (task `support`) from talk of the
same matter. Both tasks see examples of both, but no one setting is the best for both. The weights
stay the bundled ones. Writes `rag/answers.safetensors` or `rag/support.safetensors`, the changes by
the names that they have in the ONNX file. `eval.fitting.sayings` writes the file of sayings. SQuAD
articles that are named are left out, to measure and calibrate on. Where there are more examples
than before, an epoch from the file that was fitted then is enough, on a share that has the new
ones.

Needs `pip install torch onnx` and an hour of two cores.
"""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

import torch
from safetensors.numpy import load_file, save_file
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from eval.cases import CaseSet, load, says
from eval.fitting import examples, training, written
from eval.fitting.examples import Example
from eval.fitting.network import PairNetwork
from eval.fitting.sayings import Saying, read_sayings
from eval.squad import Squad, read_squad
from eval.subject import temporary_library
from rag.encoders import CrossEncoder, Encoders
from rag.encoders.pairs import FILES, QUESTIONS, STATEMENTS
from rag.settings import Settings

EPOCHS = 2

Kind = TypeVar("Kind")

_BATCH = 32
_LOGIT_SCALE = 0.7
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Task:
    """What is fitted and how: the file, the learning rate, the sentences that do not answer for
    each question, how much their ranking counts beside telling them apart, and whether statements
    are varied: with those that are written, with what a small model says and the tune half of what
    is known about the seeds, under openings of articles, beside other sentences. Questions are
    answered worse for that, and their threshold is fitted on that half."""

    file: str
    rate: float
    wrong: int
    ranking: float
    varied: bool


TASKS = {
    "answers": Task(QUESTIONS, rate=5e-4, wrong=2, ranking=0.5, varied=False),
    "support": Task(STATEMENTS, rate=7e-4, wrong=2, ranking=0.0, varied=True),
}


@dataclass(frozen=True, slots=True)
class _Batch:
    states: torch.Tensor
    mask: torch.Tensor
    holds: torch.Tensor
    weight: torch.Tensor
    together: torch.Tensor
    """(examples, examples): whether two are sentences for the same question."""


def gathered(
    task: Task, squad: Squad, fever: Path, said: Sequence[Saying], rng: Random, share: float = 1.0
) -> list[Example]:
    """All examples, or a share of them, of what is written the newest; retrieval finds the
    sentences, with the cross-encoder as it is bundled."""
    encoders = replace(Encoders.bundled(), pairs=CrossEncoder(None))
    with TemporaryDirectory() as folder:
        everything = Squad({**squad.articles, **written.articles()}, squad.questions)
        everything.write(Path(folder))
        with temporary_library(Path(folder), Settings(), lambda *_: None, encoders) as service:
            asked = _drawn([*examples.of_squad(squad)], share, rng)
            asked += _newest([*written.questions(everything.articles)], share)
            found = list(examples.from_questions(asked, service, rng, task.wrong))
            if task.varied:
                remarks = _newest([*written.statements(everything.articles)], share)
                found += examples.from_remarks(remarks, service)
                found += examples.from_sayings(_drawn(said, share, rng), service)
    others: list[Example] = []
    if task.varied:
        with temporary_library(_ROOT / "seeds", Settings(), lambda *_: None, encoders) as service:
            texts = {
                facts.source: service.article(facts.source).text for facts in service.sources()
            }
            cases = load(_ROOT / "eval" / "cases" / "seeds.jsonl", texts).cases
            others += examples.from_cases(CaseSet("seeds", cases, texts, says), service)
            known = load(_ROOT / "eval" / "cases" / "statements.jsonl", texts).statements
            others += examples.from_known(known, service)
    else:
        others += examples.from_other_questions(squad, rng)
    others += examples.from_statements(squad, rng, task.varied)
    others += examples.from_sentences(squad, rng, task.varied)
    others += examples.from_claims(fever)
    return found + _drawn(others, share, rng)


def _drawn(given: Sequence[Kind], share: float, rng: Random) -> list[Kind]:
    return rng.sample(given, round(share * len(given)))


def _newest(given: Sequence[Kind], share: float) -> list[Kind]:
    """The last of what is written."""
    return [*given[len(given) - round(share * len(given)) :]]


def batches(model: PairNetwork, pairs: CrossEncoder, found: Sequence[Example]) -> Iterator[_Batch]:
    """Examples of about the same length together, those of a group in one batch, taken through the
    lower layers."""
    model.eval()  # what is computed once knows no dropout
    for part in _parts(found):
        feeds = [pairs.feeds(example.text, example.sentence) for example in part]
        ids, types, mask = (
            pad_sequence([torch.from_numpy(feed[name][0]) for feed in feeds], batch_first=True)
            for name in ("input_ids", "token_type_ids", "attention_mask")
        )
        with torch.no_grad(), training.products():
            states = model.lower(ids, types, mask.bool())
        holds = torch.tensor([float(example.holds) for example in part])
        weight = torch.tensor([example.weight for example in part])
        groups = [example.group or str(number) for number, example in enumerate(part)]
        together = torch.tensor([[one == other for other in groups] for one in groups])
        yield _Batch(states.bfloat16(), mask.bool(), holds, weight, together)


def _parts(found: Sequence[Example]) -> Iterator[list[Example]]:
    """Parts of `_BATCH` examples or a few more, so that no group is cut."""
    groups: dict[str, list[Example]] = {}
    for number, example in enumerate(found):
        groups.setdefault(example.group or str(number), []).append(example)
    part: list[Example] = []
    for group in sorted(groups.values(), key=_length):
        part += group
        if len(part) >= _BATCH:
            yield part
            part = []
    if part:
        yield part


def _length(group: Sequence[Example]) -> int:
    return max(len(example.text) + len(example.sentence) for example in group)


def fit(
    model: PairNetwork, found: list[_Batch], task: Task, rng: Random, epochs: int = EPOCHS
) -> None:
    """Fit to the batches of `batches`."""

    def loss(batch: _Batch) -> torch.Tensor:
        with training.products():
            logits = model.logits(batch.states.float(), batch.mask)
        return _loss(logits.float() * _LOGIT_SCALE, batch, task.ranking)

    training.fit(model, found, loss, task.rate, epochs, rng)


def _loss(logits: torch.Tensor, batch: _Batch, ranking: float) -> torch.Tensor:
    """Weighted binary cross-entropy, and in each group the softmax cross-entropy of the sentences
    that hold (ListNet: Cao et al. 2007), so that ranking is not forgotten over telling apart."""
    apart = functional.binary_cross_entropy_with_logits(logits, batch.holds, weight=batch.weight)
    rivals = batch.together & (batch.holds == 0)[None, :] | torch.eye(len(logits), dtype=torch.bool)
    among = logits[None, :].masked_fill(~rivals, -torch.inf).logsumexp(dim=1)
    ranked: torch.Tensor = ((among - logits) * batch.holds).sum() / len(logits)
    return apart + ranking * ranked


def main() -> None:
    """Fit on the files named on the command line."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    for file in ("squad", "fever", "sayings"):
        parser.add_argument(file, type=Path)
    parser.add_argument("held_out", nargs="*", help="SQuAD articles to leave out")
    parser.add_argument(
        "--from", dest="start", type=Path, help="go on from this file, for an epoch"
    )
    parser.add_argument("--share", type=float, default=1.0, help="of the examples, the newest")
    given = parser.parse_args()
    torch.manual_seed(0)
    rng = Random(0)
    task = TASKS[given.task]
    squad = read_squad(given.squad).without(given.held_out)
    said = [one for one in read_sayings(given.sayings) if one.source in squad.articles]
    found = gathered(task, squad, given.fever, said, rng, given.share)
    print(f"{len(found)} examples, {sum(example.holds for example in found)} hold", flush=True)
    pairs = CrossEncoder(None)
    model = PairNetwork(FILES.onnx())
    if given.start:
        model.restore(load_file(given.start))
    fit(model, list(batches(model, pairs, found)), task, rng, 1 if given.start else EPOCHS)
    save_file(model.fitted(), _ROOT / "rag" / task.file)


if __name__ == "__main__":
    main()
