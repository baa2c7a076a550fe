"""A language model's opinion of answers: an extra figure, never in a gate.

The facts of a case are regular expressions, which a right answer in unforeseen words may miss; a
judge reads the answer beside the excerpts instead. It errs as well, so it is reported apart.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import prompts
from eval.bootstrap import Figure, mean
from eval.progress import Progress
from eval.runner import Outcome, each
from rag.errors import ModelError, SettingsError
from rag.models import ChatModel, Models, Reply, without_thoughts

_VERDICTS = {"RIGHT": True, "WRONG": False}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an answer is right; where `error` says why the judge gave no verdict, it counts as
    wrong."""

    right: bool
    error: str | None = None


def open_judge(name: str) -> ChatModel:
    """The chat model of that id, as in `openai:gpt-5-mini`.

    Raises SettingsError where there is no such model or it lacks its key.
    """
    model = Models().open(name)
    if model is None:
        raise SettingsError(f"{name} is no judge: name a chat model, as in openai:gpt-5-mini")
    return model


def judge(
    outcomes: Sequence[Outcome], model: ChatModel, progress: Progress, jobs: int = 1
) -> list[Judgement | None]:
    """What the judge says of each question that has an answer; None for the others.

    A refusal or an error there is wrong without asking.
    """

    def opinion(outcome: Outcome) -> Judgement | None:
        if outcome.case.expect != "answer":
            return None
        if not outcome.answer or outcome.refused:
            return Judgement(False)
        try:
            return Judgement(_verdict(outcome, outcome.answer.answer, model))
        except ModelError as error:
            return Judgement(False, str(error))

    return list(each(opinion, outcomes, jobs, "Judging", progress))


def judged_figures(judgements: Sequence[Judgement | None], seed: int = 0) -> dict[str, Figure]:
    """`judged_accuracy`: of questions that have an answer, the share whose answer the judge calls
    right. `judge_errors`: how often it gave no verdict, of n; those count as wrong."""
    given = [one for one in judgements if one]
    errors = sum(one.error is not None for one in given)
    return {
        "judged_accuracy": mean([one.right for one in given], seed=seed),
        "judge_errors": Figure(float(errors), len(given)),
    }


def _verdict(outcome: Outcome, answer: str, model: ChatModel) -> bool:
    """Raises ModelError where the judge is out of reach or says neither word."""
    from langchain_core.messages import HumanMessage

    case = outcome.case
    said_before = [f"{turn.role}: {turn.content}" for turn in case.conversation]
    excerpts = dict.fromkeys(evidence.excerpt for fact in case.facts for evidence in fact.evidence)
    prompt = prompts.load(
        "grade",
        question="\n".join([*said_before, case.question]),
        excerpts="\n".join(excerpts),
        answer=answer,
        fence=secrets.token_hex(8),
    )
    said = without_thoughts("".join(Reply(model, [HumanMessage(prompt)]))).strip()
    verdict = _VERDICTS.get(said.rstrip("."))
    if verdict is None:
        raise ModelError(f"The judge said neither RIGHT nor WRONG but {said[:80]!r}: try another")
    return verdict
