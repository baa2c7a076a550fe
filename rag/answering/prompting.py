"""A question and passages -> what a chat model is told, within what it can read."""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

import prompts
from rag.answering.follow_up import TURNS
from rag.answering.markup import MARKER, visible
from rag.records import Passage, Turn
from rag.segmentation import flat

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

ANSWER_TOKENS = 1024
"""Kept free for the answer; of a model that reads little, a quarter at most."""

TURN_CHARACTERS = 1000
"""Of each turn of a conversation that is repeated."""

_BYTES_A_TOKEN = 3  # English has 4 to 5, other scripts near 3
_MESSAGE_TOKENS = 10


def fitting(
    question: str, passages: Sequence[Passage], conversation: Sequence[Turn], context_tokens: int
) -> list[Passage]:
    """The first of `passages`, at least one, that a model of so many tokens can read beside the
    question and what was said before."""
    room = context_tokens - min(ANSWER_TOKENS, context_tokens // 4)
    room -= _tokens(messages(question, (), conversation))
    fitting: list[Passage] = []
    for number, passage in enumerate(passages, start=1):
        room -= len(_passage(number, passage, _fence()).encode()) // _BYTES_A_TOKEN + 1
        if room < 0 and fitting:
            break
        fitting.append(passage)
    return fitting


def messages(
    question: str, passages: Sequence[Passage], conversation: Sequence[Turn]
) -> "list[BaseMessage]":
    """What a model is told: how to answer, what was said, the passages by number, the question.

    What others wrote stands between lines with a code that is new each time, so that no text can
    hold it and close them.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    fence = _fence()
    told = [_passage(number, passage, fence) for number, passage in enumerate(passages, start=1)]
    asked = prompts.load(
        "question", passages="\n\n".join(told), question=visible(question), fence=fence
    )
    said = [
        (HumanMessage if turn.role == "user" else AIMessage)(_repeated(turn))
        for turn in conversation[-TURNS:]
    ]
    system = prompts.load("answer", refusal=prompts.load("refusal"), fence=fence)
    return [SystemMessage(system), *said, HumanMessage(asked)]


def _passage(number: int, passage: Passage, fence: str) -> str:
    return prompts.load(
        "passage",
        number=str(number),
        fence=fence,
        title=visible(flat(passage.context or passage.title)),
        source=visible(flat(passage.source)),
        date=passage.date or "unknown",
        text=visible(passage.text),
    )


def _repeated(turn: Turn) -> str:
    """A turn without markers: they name passages of another question."""
    bare = visible(MARKER.sub("", turn.content)).strip()
    return bare if len(bare) <= TURN_CHARACTERS else bare[: TURN_CHARACTERS - 1] + "…"


def _fence() -> str:
    return secrets.token_hex(8)


def _tokens(told: "Sequence[BaseMessage]") -> int:
    return sum(len(one.text.encode()) // _BYTES_A_TOKEN + _MESSAGE_TOKENS for one in told)
