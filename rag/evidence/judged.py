"""What a chat model says of the sentences that the bundled evidence leaves open.

It is asked once about all of them. Where what it says cannot be read to the letter it has no
opinion, and the bundled evidence decides alone.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import prompts
from rag.errors import ModelFault
from rag.evidence.support import Verdict
from rag.models import ChatModel, Reply, without_thoughts
from rag.records import Usage
from rag.segmentation import flat

LEAVES_OPEN = (0.1, 0.9)
"""Between these bounds of its support a sentence is open."""

QUOTES = 3
"""Of a sentence that are shown to the judge: the best first, then what is quoted beside it."""

MOST = 40
"""Sentences that the judge is asked about at once; the bundled evidence decides on any more."""

_LINE = re.compile(r"(?P<number>\d{1,3})\s*[:.)]\s*(?P<not>not )?supported\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opinion:
    """Verdicts in the order asked; `degraded` says why the judge had no opinion, None where it had.
    `usage` and `seconds` were spent on it."""

    verdicts: tuple[Verdict, ...]
    degraded: str | None = None
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0


def is_open(found: Verdict) -> bool:
    """Whether the bundled evidence leaves a sentence open."""
    low, high = LEAVES_OPEN
    return bool(found.evidence) and low < found.support < high


def judged(
    held: Sequence[tuple[str, Verdict]], judge: ChatModel, gone: Callable[[], bool] = lambda: False
) -> Opinion:
    """The verdicts on these statements, the open ones as `judge` sees them.

    Raises ModelError where a setting has to be mended and Abandoned where `gone` says so.
    """
    before = tuple(found for _, found in held)
    asked = [at for at, (_, found) in enumerate(held) if is_open(found)][:MOST]
    if not asked:
        return Opinion(before)
    from langchain_core.messages import HumanMessage

    reply = Reply(judge, [HumanMessage(_told([held[at] for at in asked]))], gone)
    try:
        with closing(iter(reply)) as texts:
            written = "".join(texts)
    except ModelFault as fault:
        reason = f"{fault}: the sentences in doubt were not judged"
        return Opinion(before, reason, reply.usage, reply.seconds)
    said = _read(written, len(asked))
    if said is None:
        reason = f"What {judge.id} said as a judge cannot be read: the evidence alone decided"
        return Opinion(before, reason, reply.usage, reply.seconds)
    after = list(before)
    for at, supports in zip(asked, said, strict=True):
        after[at] = _settled(before[at], supports, judge.id)
    return Opinion(tuple(after), None, reply.usage, reply.seconds)


def _settled(found: Verdict, supports: bool, judge: str) -> Verdict:
    low, high = LEAVES_OPEN
    if not supports:
        return Verdict(low, found.evidence, f"{judge} finds that its quotes do not say it")
    shown = found.evidence if found.supported else found.evidence[:QUOTES]
    return Verdict(high, shown, None)


def _told(held: Sequence[tuple[str, Verdict]]) -> str:
    statements = (
        prompts.load(
            "judged",
            number=str(number),
            statement=flat(statement),
            quotes="\n".join(f"Quote: {flat(one.quote)}" for one in found.evidence[:QUOTES]),
        )
        for number, (statement, found) in enumerate(held, start=1)
    )
    return prompts.load("judge", statements="\n\n".join(statements), fence=secrets.token_hex(8))


def _read(written: str, count: int) -> list[bool] | None:
    """Whether each statement is supported, by number; None unless just that was written."""
    lines = [line.strip() for line in without_thoughts(written).splitlines() if line.strip()]
    found = [_LINE.fullmatch(line) for line in lines]
    said = {int(one["number"]): not one["not"] for one in found if one}
    whole = len(lines) == count and sorted(said) == list(range(1, count + 1))
    return [said[number] for number in range(1, count + 1)] if whole else None
