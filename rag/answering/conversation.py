"""A question in a conversation -> a question that stands by itself, so that it can be searched."""

import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import prompts
from rag.answering.follow_up import TURNS, rewritten
from rag.answering.markup import MARKER, visible
from rag.answering.prompting import TURN_CHARACTERS
from rag.errors import ModelFault
from rag.models import ChatModel, Reply, without_thoughts
from rag.records import Turn, Usage
from rag.segmentation import flat

MAX_QUESTION = 2000
"""Characters of a question."""

_LABEL = re.compile(r"^(?:standalone |follow-up |rewritten )?question\s*:\s*", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“'](?P<inside>[^\"“”]+)[\"”']")
_GROWTH = 400
"""Characters that a question may gain: more is an answer, or nonsense."""


@dataclass(frozen=True, slots=True)
class Standalone:
    """The question, and what a model spent on it: tokens, and the seconds waited for it; `fault`
    says how it failed, None where it did not."""

    question: str
    fault: str | None = None
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0


def standalone(
    question: str,
    conversation: Sequence[Turn],
    model: ChatModel | None = None,
    gone: Callable[[], bool] = lambda: False,
) -> Standalone:
    """`question` as it stands without `conversation`: by `model`, or by the plain rule where there
    is none, where it fails, which is told, and where what it writes is no question on one line.

    Raises ModelError where a setting has to be mended and Abandoned where `gone` says so.
    """
    by_rule = rewritten(question, conversation)
    if len(by_rule) > MAX_QUESTION:
        by_rule = question
    if model is None or not any(turn.content.strip() for turn in conversation):
        return Standalone(by_rule)
    from langchain_core.messages import HumanMessage

    reply = Reply(model, [HumanMessage(_told(question, conversation))], gone)
    written = ""
    try:
        with closing(iter(reply)) as texts:
            for text in texts:
                written += text
                if len(written) > 10 * MAX_QUESTION:
                    break
    except ModelFault as fault:
        return Standalone(by_rule, str(fault), reply.usage, reply.seconds)
    return Standalone(_read(written, question) or by_rule, None, reply.usage, reply.seconds)


def _told(question: str, conversation: Sequence[Turn]) -> str:
    said = (
        f"{turn.role}: {visible(flat(MARKER.sub('', turn.content)))[:TURN_CHARACTERS]}"
        for turn in conversation[-TURNS:]
    )
    return prompts.load(
        "condense",
        conversation="\n".join(said),
        question=visible(question),
        fence=secrets.token_hex(8),
    )


def _read(written: str, question: str) -> str:
    """The question that a model wrote; empty where it is anything but one question on one line."""
    lines = without_thoughts(written).strip().splitlines()
    if len(lines) != 1:
        return ""
    line = flat(_LABEL.sub("", lines[0]))
    if quoted := _QUOTED.fullmatch(line):
        line = quoted["inside"].strip()
    longest = min(MAX_QUESTION, len(question) + _GROWTH)
    asks = line.endswith("?") or not question.rstrip().endswith("?")
    whole = any(character.isalnum() for character in line) and line == visible(line)
    return line if asks and whole and len(line) <= longest and line.count("?") <= 2 else ""
