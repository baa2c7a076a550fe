"""How much coverage buys how much precision."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.cases import Expect

ANSWERS_WEIGH = 2.0
"""How much an answer weighs against a refusal when the threshold is chosen."""


@dataclass(frozen=True, slots=True)
class Trade:
    """What a threshold buys on one set, all shares 0..1.

    `coverage`: of all questions, those answered. `precision`: of those answered, the right ones,
    None where none is. `answer_accuracy`: of questions that have an answer, those rightly answered,
    and `refusal_recall`: of the others, those refused; None where the set has no such questions.
    """

    coverage: float
    precision: float | None
    answer_accuracy: float | None
    refusal_recall: float | None

    @property
    def worth(self) -> float:
        """The mean of answer accuracy, `ANSWERS_WEIGH` times, and refusal recall.

        A quote that does not answer costs a reader a glance, for it is shown as what it is; a
        refusal of what the articles do say costs the answer.
        """
        parts = [(self.answer_accuracy, ANSWERS_WEIGH), (self.refusal_recall, 1.0)]
        known = [(part, weight) for part, weight in parts if part is not None]
        whole = sum(weight for _, weight in known)
        return sum(part * weight for part, weight in known) / whole if known else 0.0


def trade_of(asked: Iterable[tuple[Expect, bool, bool]]) -> Trade:
    """The trade of questions given by what is due, whether each was answered, and rightly so.

    An answer where a refusal is due is never right.
    """
    rows = list(asked)
    answered = [right and expect != "refuse" for expect, given, right in rows if given]
    answerable = [given and right for expect, given, right in rows if expect == "answer"]
    unanswerable = [not given for expect, given, _ in rows if expect == "refuse"]
    return Trade(
        coverage=len(answered) / max(1, len(rows)),
        precision=_share(answered),
        answer_accuracy=_share(answerable),
        refusal_recall=_share(unanswerable),
    )


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
