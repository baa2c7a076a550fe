"""An answer that grows sentence by sentence: what the passages bear out is released, the rest kept
apart with its reason."""

import re
import time
from collections.abc import Callable, Sequence

import prompts
from rag.answering.listener import Listener
from rag.answering.referring import Referring, held
from rag.answering.said import Said
from rag.evidence.judged import Opinion, judged
from rag.evidence.support import Verdict
from rag.models import ChatModel
from rag.records import Citation, Claim, Dropped, Passage
from rag.segmentation import MAX_SENTENCE

Hold = Callable[[str], Callable[[Sequence[Passage]], Verdict]]
"""A statement -> what holds it against passages."""

_SHOWN = r"(?:articles?|passages?|excerpts?|context|(?:provided|given|available) \w+|\w+ provided)"
_TELLS = (
    r"(?:answer|say|state|mention|contain|provide|include|specify|give|address|discuss|tell|have)"
)
_TOLD = r"(?:mentioned|stated|specified|given|provided|answered|available|found|included|discussed)"
_NOTHING = r"no (?:information|mention|answer|details?)"
_FIND_OUT = r"(?:answer|find|know|determine|tell|say|provide|help|assist|see)"
_IT = (
    r"(?: (?:about|of|on|for))?(?: (?:this|that|it|the (?:question|answer)))?(?: available)?[.!]*$"
)
_REFUSES = re.compile(
    rf"\b{_SHOWN} (?:above |here )?(?:do|does|did)(?:n['’]t| not) (?:\w+ ){{0,2}}?{_TELLS}\b"
    # A text may be what an article is about: it did not, or does not, say.
    rf"|^(?:the|this) texts? (?:do|does)(?:n['’]t| not) (?:\w+ ){{0,2}}?{_TELLS}\b"
    rf"|\b(?:none|neither) of (?:the |these )?(?:\w+ )?{_SHOWN} {_TELLS}s?\b"
    rf"|\b{_NOTHING}\b.{{0,60}}\b{_SHOWN}"
    rf"|\bnot {_TOLD} (?:in|by) (?:\w+ )?{_SHOWN}"
    r"|\b(?:cannot|can['’]t|can not|could not) be (?:answered|determined|found|inferred)\b"
    rf".{{0,30}}\b{_SHOWN}"
    rf"|^(?:(?:it|this|that) is |it['’]s )?not {_TOLD}{_IT}"
    rf"|^(?:there is |there['’]s )?{_NOTHING}{_IT}"
    rf"|^(?:it is |it['’]s )?(?:not possible|impossible) to {_FIND_OUT}"
    rf"(?:{_IT}|.{{0,60}}\b{_SHOWN})"
    r"|^(?:i['’]m |i am )?(?:(?:very|so) )?sorry(?:[,.;:!]| but\b)"
    rf"|^(?:i['’]m|i am) (?:unable|not able) to {_FIND_OUT}\b"
    # What somebody was, of whom the sentence goes on, has a comma after it.
    rf"|^(?:unable|not able) to {_FIND_OUT}\b[^,]*$"
    r"|^I (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t) "
    rf"(?:\w+ )?{_FIND_OUT}\b",
    re.IGNORECASE,
)
_OF_THE_TASK = re.compile(
    r"\b(?:the|this|that|these|your|above) (?:\w+ )?"
    r"(passage|article|excerpt|question|story|text)s?\b",
    re.IGNORECASE,
)
"""What a model was given, unless the articles themselves speak of such a thing."""


class Draft:
    """Takes the sentences of a model one by one and holds each against the passages retrieved.

    `claims` are released and cite `citations`, numbered in order of first use; `dropped` is what
    was not released. `corrected` counts claims whose markers named passages that do not bear them
    out, where others do; `refuses`: the model said that it has no answer. `seconds` were spent on
    evidence.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        hold: Hold,
        listener: Listener,
        leaves_open: Callable[[Verdict], bool] | None = None,
    ) -> None:
        self.claims: list[Claim] = []
        self.citations: list[Citation] = []
        self.dropped: list[Dropped] = []
        self.corrected = 0
        self.refuses = False
        self.seconds = 0.0
        self._passages = list(passages)
        self._hold = hold
        self._listener = listener
        self._leaves_open = leaves_open
        self._open: list[tuple[Said, str, Verdict]] = []
        self._heard: set[str] = set()
        self._referring = Referring()
        self._goes_on = True

    def take(self, said: Said, shown: Sequence[Passage]) -> None:
        """Release what was said, or drop it; its numbers name passages of those `shown`."""
        if not said.text or said.text.casefold() in self._heard:
            return
        self._heard.add(said.text.casefold())
        if reason := self._unfit(said):
            self.drop(said, reason)
            return
        begun = time.perf_counter()
        meanings = self._referring.meanings(said.text)
        meant, found = held(meanings, lambda one: self._verdict(one, said, shown))
        self.seconds += time.perf_counter() - begun
        if self._leaves_open and self._leaves_open(found):
            self._open.append((said, meant, found))
        else:
            self._decide(said, meant, found)

    def settle(self, judge: ChatModel, gone: Callable[[], bool]) -> Opinion:
        """Release or drop what was left open, as `judge` says. Raises ModelError and Abandoned."""
        opinion = judged([(meant, found) for _, meant, found in self._open], judge, gone)
        for (said, meant, _), found in zip(self._open, opinion.verdicts, strict=True):
            self._decide(said, meant, found)
        self._open.clear()
        return opinion

    def _decide(self, said: Said, meant: str, found: Verdict) -> None:
        """Release or drop what was said; where the sentence before it, which its pronoun may point
        to, was dropped, it is told as it was `meant`."""
        goes_on, self._goes_on = self._goes_on, False
        if not found.supported:
            self.drop(said, found.reason or "")
        elif _of_the_task(said, found):
            self.drop(said, "It speaks of the passages, not of what they say")
        else:
            self._goes_on = True
            self._release(said.text if goes_on else meant, found)

    def drop(self, said: Said, reason: str) -> None:
        """Keep what was said apart, with the reason."""
        if said.text:
            self.dropped.append(Dropped(said.text, reason))

    def _unfit(self, said: Said) -> str:
        """Why it need not be held against anything."""
        refusal = prompts.load("refusal")
        if said.text.casefold().rstrip(".") == refusal.casefold().rstrip("."):
            self.refuses = True
            return "It says that the articles do not answer"
        if _REFUSES.search(said.text):
            self.refuses = True
            return "It says what the articles do not say"
        if not said.statement:
            return "It states nothing by itself"
        if len(said.text) > MAX_SENTENCE:
            return f"It is longer than {MAX_SENTENCE} characters"
        return ""

    def _verdict(self, meaning: str, said: Said, shown: Sequence[Passage]) -> Verdict:
        """What the passages that it names say of it; where they do not bear it out, all of them."""
        named = [shown[number - 1] for number in said.numbers if 1 <= number <= len(shown)]
        hold = self._hold(meaning)
        if named:
            found = hold(named)
            if found.supported or len(named) == len(self._passages):
                return found
        found = hold(self._passages)
        self.corrected += found.supported and bool(said.numbers)
        return found

    def _release(self, text: str, found: Verdict) -> None:
        ids: list[int] = []
        new: list[Citation] = []
        for evidence in found.evidence:
            cited = evidence.citation(len(self.citations) + len(new) + 1)
            known = next((one for one in self.citations if _same_quote(one, cited)), None)
            if known is None:
                new.append(cited)
            ids.append((known or cited).id)
        claim = Claim(text, tuple(dict.fromkeys(ids)), round(found.support, 4))
        self.citations += new
        self.claims.append(claim)
        self._listener.claim(claim, new)


def _of_the_task(said: Said, found: Verdict) -> bool:
    """Whether it names a passage, article or question that the quotes do not."""
    quotes = " ".join(evidence.quote.casefold() for evidence in found.evidence)
    return any(named.casefold() not in quotes for named in _OF_THE_TASK.findall(said.text))


def _same_quote(one: Citation, other: Citation) -> bool:
    return (one.source, one.start, one.end) == (other.source, other.start, other.end)
