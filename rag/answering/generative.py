"""A chat model's answer to a question, of which only what the passages bear out is kept."""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from rag.answering.draft import Draft, Hold
from rag.answering.listener import Listener
from rag.answering.markup import MARKER
from rag.answering.prompting import fitting, messages
from rag.answering.said import read
from rag.answering.sentences import Cutter
from rag.errors import ContextOverflow, ModelFault
from rag.evidence.judged import Opinion, is_open
from rag.models import ChatModel, Reply
from rag.records import Citation, Claim, Dropped, Passage, Turn, Usage
from rag.segmentation import MAX_SENTENCE, segmented

WORTH_ASKING = 0.05
"""Below this probability of its likeliest sentence, evidence is too little to ask a model. Lower
than what a quote needs, as a model puts together what no sentence says alone. Of the questions of
`seeds` none that has an answer falls below, and 34 of the 72 others; of `invented` 5 of 916, and
221 of 907."""

MAX_SENTENCES = 24
"""Of a model's answer; what it says beyond them is not read."""

MAX_PIECE = 3 * MAX_SENTENCE
"""Characters of a model's sentence, with its markers and blanks; one that goes on is broken off."""

_STOPPED = re.compile(r"(?<!\d)[.!?。！？][\"'”’»)*]*$")


@dataclass(frozen=True, slots=True)
class Generated:
    """What came of a model's answer.

    `fault` says how it broke off, None where it is whole; `refuses`: the model said that the
    articles do not answer; `corrected` markers were put right; `unjudged`: why the judge had no
    opinion. `waited` and `verified` are the seconds spent on the model and on evidence.
    """

    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    dropped: tuple[Dropped, ...]
    refuses: bool
    fault: str | None
    corrected: int
    unjudged: str | None
    usage: Usage
    waited: float
    verified: float


def generate(
    question: str,
    passages: Sequence[Passage],
    conversation: Sequence[Turn],
    model: ChatModel,
    hold: Hold,
    listener: Listener,
    judge: ChatModel | None = None,
) -> Generated:
    """Let `model` answer from `passages`; each sentence is told to `listener` once `hold` bears it
    out, while the model goes on. Those that it leaves open wait for the `judge`, where there is
    one, who is asked once, at the end: so no sentence that is sure waits for another model.

    Raises ModelError where a setting has to be mended and Abandoned where the listener is gone.
    """
    draft = Draft(passages, hold, listener, is_open if judge else None)
    shown = fitting(question, passages, conversation, model.context_tokens)
    reply = Reply(model, messages(question, shown, conversation), listener.gone)
    fault = _hear(reply, draft, shown, model.id)
    waited = reply.seconds
    if isinstance(fault, ContextOverflow) and len(shown) > 1:
        shown = shown[: len(shown) // 2]
        reply = Reply(model, messages(question, shown, conversation), listener.gone)
        fault = _hear(reply, draft, shown, model.id)
        waited += reply.seconds
    opinion = draft.settle(judge, listener.gone) if judge else Opinion(())
    return Generated(
        claims=tuple(draft.claims),
        citations=tuple(draft.citations),
        dropped=tuple(draft.dropped),
        refuses=draft.refuses,
        fault=str(fault) if fault else None,
        corrected=draft.corrected,
        usage=reply.usage + opinion.usage,
        unjudged=opinion.degraded,
        waited=waited + opinion.seconds,
        verified=draft.seconds,
    )


def _hear(reply: Reply, draft: Draft, shown: Sequence[Passage], name: str) -> ModelFault | None:
    """Put the sentences of `reply` into `draft` as they come; what broke it off, if anything."""
    cutter = Cutter()
    taken = 0
    try:
        with closing(iter(reply)) as texts:
            for text in texts:
                for piece in cutter.feed(text):
                    draft.take(read(piece), shown)
                    taken += 1
                if taken >= MAX_SENTENCES:
                    raise ModelFault(f"{name} did not end after {MAX_SENTENCES} sentences")
                if len(cutter.rest()) > MAX_PIECE:
                    raise ModelFault(f"{name} did not come to the end of a sentence")
    except ModelFault as fault:
        for piece in cutter.end():
            if _is_whole(piece):
                draft.take(read(piece), shown)
            else:
                draft.drop(read(piece), "It was broken off")
        return fault
    for piece in cutter.end():
        draft.take(read(piece), shown)
    return None


def _is_whole(piece: str) -> bool:
    """Whether a piece ends as a sentence does: not in an abbreviation, nor within a number."""
    bare = " ".join(MARKER.sub("", piece).split())
    return bool(_STOPPED.search(bare)) and segmented(f"{bare} Then")[-1] == "Then"
